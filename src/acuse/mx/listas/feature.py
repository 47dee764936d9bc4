"""Builds the service of the lists and declares what it adds to the house."""

from __future__ import annotations

from pathlib import Path

from acuse.accounts import AccountsService
from acuse.accounts.rights import Identity, Right
from acuse.kernel.feature import Alert, AlertSource, Feature, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.listas import api, pages
from acuse.mx.listas.cli import commands
from acuse.mx.listas.jobs import jobs, schedules
from acuse.mx.listas.service import ListasService
from acuse.mx.listas.store import ListaStore
from acuse.mx.outside.sat_listas.client import ListasSettings, SatListasClient
from acuse.mx.outside.sat_listas.codes import Situacion
from acuse.notices import Outbox


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    settings = house.settings.read(ListasSettings)
    service = ListasService(
        database=house.database,
        store=ListaStore(),
        client=SatListasClient(house.http, settings),
        files=house.files,
        contribuyentes=services[ContribuyentesService],
        accounts=services[AccountsService],
        outbox=services[Outbox],
        events=house.events,
        clock=house.clock,
        stale_days=settings.sat_lista_69b_stale_days,
        public_url=house.settings.core.acuse_public_url,
    )

    async def waiting(identity: Identity) -> list[Alert]:
        found = [each for each in await service.listed(identity) if each.situacion == Situacion.DEFINITIVO]
        warning = await service.warning()
        alerts = [Alert(text=warning, path=pages.HOME)] if warning else []
        if found:
            count = len({each.rfc for each in found})
            many = "Una contraparte está" if count == 1 else f"{count} contrapartes están"
            alerts.append(Alert(text=f"{many} en la lista definitiva del 69-B.", path=pages.HOME, state="failed"))
        return alerts

    return Mounted(
        services=[service],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(service),
        schedules=schedules(service, settings.schedule_sat_listas),
        menu=[
            MenuEntry(section="", label="Lista 69-B", path=pages.HOME, icon="document", right=Right.CFDI_READ, order=36)
        ],
        alerts=[AlertSource(right=Right.CFDI_READ, find=waiting)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="listas",
    country="mx",
    caption="La lista del artículo 69-B y las contrapartes que están en ella.",
    build=build,
    settings=[ListasSettings],
    commands=commands,
)
