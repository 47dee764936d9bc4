"""Builds the services of estatus and declares what they add to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts.rights import Right
from acuse.kernel.feature import Feature, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSubject
from acuse.mx.archivo import ArchivoService, DocumentPanels
from acuse.mx.estatus import api, pages
from acuse.mx.estatus.cli import commands
from acuse.mx.estatus.jobs import jobs
from acuse.mx.estatus.service import EstatusService, LoteService
from acuse.mx.estatus.store import ConsultaStore, LoteStore, subjects_of
from acuse.mx.outside.sat_consulta.client import ConsultaSettings, SatConsultaClient


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    store = ConsultaStore()
    service = EstatusService(
        database=house.database,
        store=store,
        client=SatConsultaClient(house.http, house.clock, house.settings.read(ConsultaSettings)),
        archivo=services[ArchivoService],
        clock=house.clock,
    )
    lotes = LoteService(
        database=house.database,
        store=LoteStore(),
        estatus=service,
        archivo=services[ArchivoService],
        events=house.events,
        clock=house.clock,
    )
    services[DocumentPanels].add(pages.document_panel)

    return Mounted(
        services=[service, lotes],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(lotes=lotes),
        subjects=[JobSubject(argument="lote_id", told=subjects_of)],
        menu=[
            MenuEntry(
                section="",
                label="Estado en el SAT",
                path=pages.HOME,
                icon="search",
                right=Right.CFDI_READ,
                order=35,
            )
        ],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="estatus",
    country="mx",
    caption="El estado de los CFDI según la consulta del SAT, uno por uno o por lotes.",
    build=build,
    settings=[ConsultaSettings],
    commands=commands,
)
