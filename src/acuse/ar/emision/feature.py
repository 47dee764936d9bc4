"""Builds the issuing of certificates and declares what it adds to the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from acuse.accounts.rights import Identity, Right
from acuse.ar.crs.service import CatalogueService, Places
from acuse.ar.emision import api, pages
from acuse.ar.emision.cli import commands
from acuse.ar.emision.jobs import jobs, schedules
from acuse.ar.emision.service import Breaker, Carrier, CredentialService, IssuingService, Tickets
from acuse.ar.emision.settings import EmisionSettings
from acuse.ar.outside.arca.client import ArcaClient, ArcaSettings
from acuse.kernel.feature import Alert, AlertSource, Check, Feature, Finding, MenuEntry, Mounted, Services
from acuse.kernel.house import House

_SOON: Final = timedelta(days=30)


def build(house: House, services: Services) -> Mounted:
    """Put the feature together. Switched off it keeps its doors, which say so, and shows no menu entry."""
    settings, arca = house.settings.read(EmisionSettings), house.settings.read(ArcaSettings)
    database, audit, clock, events = house.database, house.audit, house.clock, house.events
    catalogue, places = services[CatalogueService], services[Places]
    client = ArcaClient(house.http, clock, arca)
    credentials = CredentialService(database=database, vault=house.vault, audit=audit, clock=clock)
    tickets = Tickets(
        database=database, vault=house.vault, clock=clock, client=client, credentials=credentials, settings=arca
    )
    issuing = IssuingService(
        database=database,
        events=events,
        audit=audit,
        clock=clock,
        catalogue=catalogue,
        places=places,
        credentials=credentials,
        is_on=settings.arca_issuance,
        ambiente=arca.arca_environment.value,
    )
    carrier = Carrier(
        database=database,
        events=events,
        audit=audit,
        clock=clock,
        files=house.files,
        client=client,
        credentials=credentials,
        tickets=tickets,
        breaker=Breaker(clock=clock, pause_s=settings.arca_pause_s),
        catalogue=catalogue,
        places=places,
        settings=settings,
        arca=arca,
    )

    async def waiting(_: Identity) -> Sequence[Alert]:
        if not settings.arca_issuance:
            return []
        return [Alert(text=text, path=pages.HOME, state="failed") for text in await _troubles(issuing, clock.now())]

    async def finding() -> Finding:
        if not settings.arca_issuance:
            return Finding("ok", "La emisión por ARCA está apagada.")
        troubles = await _troubles(issuing, clock.now())
        return Finding("warning", troubles[0]) if troubles else Finding("ok", "La emisión por ARCA está encendida.")

    entry = MenuEntry(
        section="Certificados CRS",
        label="Pedidos a ARCA",
        path=pages.HOME,
        icon="inbox",
        right=Right.CRS_DOWNLOAD,
        order=54,
    )
    return Mounted(
        services=[credentials, tickets, issuing, carrier],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(carrier),
        schedules=schedules(carrier),
        menu=[entry] if settings.arca_issuance else [],
        alerts=[AlertSource(right=Right.CRS_MANAGE, find=waiting)],
        checks=[Check(caption="Emisión por ARCA", run=finding)],
        templates=Path(__file__).parent / "templates",
    )


async def _troubles(issuing: IssuingService, now: datetime) -> list[str]:
    """Answer what keeps issuing from working, for those who can mend it."""
    standing = await issuing.standing()
    found = []
    if standing.problem:
        found.append(standing.problem)
    if standing.credential is None:
        found.append("Falta la credencial de la empresa para pedir certificados a ARCA.")
    elif standing.credential.not_after - now < _SOON:
        found.append(f"La credencial de la empresa ante ARCA vence el {standing.credential.not_after:%d/%m/%Y}.")
    return found


FEATURE = Feature(
    name="emision",
    country="ar",
    caption="Certificados de controladores pedidos a ARCA: alta, renovación y baja.",
    build=build,
    settings=[EmisionSettings, ArcaSettings],
    commands=commands,
)
