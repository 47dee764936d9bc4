"""Builds the services of estatus and declares what they add to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts import AccountsService
from acuse.accounts.rights import Identity, Right
from acuse.kernel.feature import Alert, AlertSource, Feature, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.mx.archivo import ArchivoService, DocumentPanels
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.estatus import api, pages
from acuse.mx.estatus.cli import commands
from acuse.mx.estatus.jobs import jobs
from acuse.mx.estatus.service import CancellationLetters, EstatusService, LoteService
from acuse.mx.estatus.store import ConsultaStore, LoteStore
from acuse.mx.outside.sat_consulta.client import ConsultaSettings, SatConsultaClient
from acuse.notices import Outbox


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    store = ConsultaStore()
    service = EstatusService(
        database=house.database,
        store=store,
        client=SatConsultaClient(house.http, house.clock, house.settings.read(ConsultaSettings)),
        archivo=services[ArchivoService],
        events=house.events,
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
    letters = CancellationLetters(
        database=house.database,
        store=store,
        contribuyentes=services[ContribuyentesService],
        accounts=services[AccountsService],
        outbox=services[Outbox],
        public_url=house.settings.core.acuse_public_url,
    )
    services[DocumentPanels].add(pages.document_panel)

    async def waiting(identity: Identity) -> list[Alert]:
        found = await service.recent_cancellations(identity)
        if not found:
            return []
        told = "Un CFDI aparece cancelado" if len(found) == 1 else f"{len(found)} CFDI aparecen cancelados"
        return [Alert(text=f"{told} en el SAT desde hace menos de una semana.", path=pages.HOME)]

    return Mounted(
        services=[service, lotes],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(lotes=lotes, letters=letters),
        menu=[
            MenuEntry(
                section="",
                label="Estado en el SAT",
                path=pages.HOME,
                icon="search",
                right=Right.CFDI_READ.value,
                order=35,
            )
        ],
        alerts=[AlertSource(right=Right.CFDI_READ, find=waiting)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="estatus",
    caption="El estado de los CFDI según la consulta del SAT, uno por uno o por lotes.",
    build=build,
    settings=[ConsultaSettings],
    commands=commands,
)
