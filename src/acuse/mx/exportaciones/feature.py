"""Builds the services of exports and declares what they add to the house."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from acuse.accounts.rights import Right
from acuse.kernel.csv import CsvExporter
from acuse.kernel.feature import Feature, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSubject
from acuse.kernel.settings import Cron, Settings
from acuse.mx.archivo import ExplorerTools
from acuse.mx.archivo.store import IndexStore, SearchStore
from acuse.mx.contribuyentes import ContribuyentesService, Departures
from acuse.mx.exportaciones import api, pages
from acuse.mx.exportaciones.cli import commands
from acuse.mx.exportaciones.jobs import jobs, schedules
from acuse.mx.exportaciones.service import ExportAtOnce, ExportService, Maker
from acuse.mx.exportaciones.store import ExportStore, ReadingStore, subjects_of


class ExportSettings(Settings):
    """Exportaciones."""

    export_life_h: int = Field(
        72,
        ge=1,
        description="Cuánto tiempo se puede descargar una exportación antes de que se borre.",
        json_schema_extra={"unit": "h"},
    )
    schedule_export_expiry: Cron = Field(
        "20 * * * *",
        description="Cuándo se borran las exportaciones cuyo plazo terminó (cron, Ciudad de México).",
    )


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    settings = house.settings.read(ExportSettings)
    store, reading = ExportStore(), ReadingStore(SearchStore())
    departures = services[Departures]
    service = ExportService(
        database=house.database,
        store=store,
        reading=reading,
        contribuyentes=services[ContribuyentesService],
        departures=departures,
        exporter=CsvExporter(house.database, house.audit),
        files=house.files,
        events=house.events,
        audit=house.audit,
        clock=house.clock,
        life_h=settings.export_life_h,
    )
    maker = Maker(
        database=house.database,
        store=store,
        reading=reading,
        index=IndexStore(),
        contribuyentes=services[ContribuyentesService],
        departures=departures,
        files=house.files,
        clock=house.clock,
        life_h=settings.export_life_h,
    )
    services[ExplorerTools].add(pages.tools)
    departures.export_path = pages.HOME
    departures.kept_exports = service.kept
    return Mounted(
        services=[service, maker, ExportAtOnce(service, maker)],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(maker),
        schedules=schedules(service, cron=settings.schedule_export_expiry),
        subjects=[JobSubject(argument="export_id", told=subjects_of)],
        menu=[
            MenuEntry(
                section="",
                label="Exportaciones",
                path=pages.HOME,
                icon="package",
                right=Right.CFDI_READ,
                order=33,
            )
        ],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="exportaciones",
    country="mx",
    caption="Sacar CFDI del archivo: CSV, Excel, ZIP de XML, o todo lo de un contribuyente.",
    build=build,
    settings=[ExportSettings],
    commands=commands,
)
