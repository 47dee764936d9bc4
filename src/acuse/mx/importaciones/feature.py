"""Builds the services of imports and declares what they add to the house."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from acuse.kernel.feature import Feature, Mounted, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSubject
from acuse.kernel.settings import Cron, Settings
from acuse.mx.archivo import ArchivoService, ExplorerTools
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.importaciones import api, pages
from acuse.mx.importaciones.cli import commands
from acuse.mx.importaciones.jobs import jobs, schedules
from acuse.mx.importaciones.service import ImportAtDesk, Importer, ImportService
from acuse.mx.importaciones.store import ImportStore, KnownStore, subjects_of


class ImportSettings(Settings):
    """Importaciones."""

    schedule_import_sweep: Cron = Field(
        "50 3 * * *",
        description="Cuándo se borran archivos subidos sin importación que los nombre (cron, Ciudad de México).",
    )


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    contribuyentes = services[ContribuyentesService]
    importer = Importer(
        database=house.database,
        known=KnownStore(),
        archivo=services[ArchivoService],
        files=house.files,
        cpu=house.cpu,
    )
    service = ImportService(
        database=house.database,
        store=ImportStore(),
        importer=importer,
        contribuyentes=contribuyentes,
        files=house.files,
        events=house.events,
        audit=house.audit,
        clock=house.clock,
    )
    at_desk = ImportAtDesk(database=house.database, importer=importer, contribuyentes=contribuyentes, audit=house.audit)
    services[ExplorerTools].add_always(pages.tools)
    return Mounted(
        services=[service, at_desk],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(service),
        schedules=schedules(service, cron=house.settings.read(ImportSettings).schedule_import_sweep),
        subjects=[JobSubject(argument="import_id", told=subjects_of)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="importaciones",
    country="mx",
    caption="Traer un archivo existente de CFDI: carpetas y ZIP de XML, de paquetes y de metadatos.",
    build=build,
    settings=[ImportSettings],
    commands=commands,
)
