"""Builds the monthly statements and declares what they add to the house."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from acuse.accounts.rights import Right
from acuse.ar.resumenes import api, pages
from acuse.ar.resumenes.cli import commands
from acuse.ar.resumenes.jobs import jobs, schedules
from acuse.ar.resumenes.service import ClosingService, ResumenService
from acuse.ar.resumenes.settings import ResumenSettings
from acuse.kernel.audit import AuditKeys
from acuse.kernel.audit.signing import Signer
from acuse.kernel.database import Transaction
from acuse.kernel.feature import Feature, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.notices.model import Template
from acuse.notices.service import Outbox


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    outbox = services[Outbox]
    signer = Signer(house.settings.read(AuditKeys).signing_ring())

    async def post(tx: Transaction, *, key: str, to: str, context: Mapping[str, Any]) -> None:
        await outbox.enqueue(tx, key=key, to=to, template=Template.CRS_STATEMENT, context=context)

    closing = ClosingService(
        database=house.database,
        files=house.files,
        events=house.events,
        audit=house.audit,
        clock=house.clock,
        signer=signer,
        from_day=house.settings.read(ResumenSettings).crs_statement_day,
    )
    service = ResumenService(
        database=house.database,
        files=house.files,
        signer=signer,
        post=post,
        public_url=house.settings.core.acuse_public_url,
    )
    return Mounted(
        services=[closing, service],
        api=[api.router],
        pages=[pages.router],
        jobs=jobs(service),
        schedules=schedules(closing),
        menu=[
            MenuEntry(
                section="Certificados CRS",
                label="Resúmenes",
                path=pages.HOME,
                icon="document",
                right=Right.CRS_DOWNLOAD,
                order=55,
            )
        ],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="resumenes",
    country="ar",
    caption="Resumen mensual de descargas por revendedor, cerrado y firmado.",
    build=build,
    settings=[ResumenSettings],
    commands=commands,
)
