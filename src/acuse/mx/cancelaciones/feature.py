"""Builds the service of cancellations and declares what it adds to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts import AccountsService
from acuse.accounts.rights import Identity, Right
from acuse.kernel.feature import Alert, AlertSource, Feature, Mounted, Services
from acuse.kernel.house import House
from acuse.mx.archivo import CancelledStore
from acuse.mx.cancelaciones import api, pages
from acuse.mx.cancelaciones.cli import commands
from acuse.mx.cancelaciones.jobs import jobs
from acuse.mx.cancelaciones.service import CancelacionesService
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.notices import Outbox

_RINGS_DAYS = 7


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    service = CancelacionesService(
        database=house.database,
        store=CancelledStore(),
        contribuyentes=services[ContribuyentesService],
        accounts=services[AccountsService],
        outbox=services[Outbox],
        clock=house.clock,
        public_url=house.settings.core.acuse_public_url,
    )

    async def waiting(identity: Identity) -> list[Alert]:
        found = await service.count(identity, days=_RINGS_DAYS)
        if not found:
            return []
        told = "Un CFDI que se tenía por vigente está cancelado" if found == 1 else f"{found:,} CFDI están cancelados"
        return [Alert(text=f"{told} en el SAT: se supo esta semana.", path=f"{pages.HOME}?dias={_RINGS_DAYS}")]

    return Mounted(
        services=[service],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(service),
        alerts=[AlertSource(right=Right.CFDI_READ, find=waiting)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="cancelaciones",
    country="mx",
    caption="Los CFDI que se tenían por vigentes y el SAT dio por cancelados.",
    build=build,
    commands=commands,
)
