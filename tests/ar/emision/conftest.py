"""A site that issues, in front of the simulated ARCA on the site's own clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import URL, text

from acuse.accounts.model import Role
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.model import Quota
from acuse.ar.crs.service import QuotaService
from acuse.ar.emision.model import Emision
from acuse.ar.emision.service import Carrier, CredentialService, IssuingService
from acuse.ar.outside.arca.simulator import ArcaState, create_app
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from tests.support.arca import DEVICE_ID, ORIGIN, SETTINGS, a_company, an_arca
from tests.support.crs import Site, Visitor, open_site

ISSUING = {
    "ARCA_ISSUANCE": "true",
    "ARCA_WSAA_URL": SETTINGS.arca_wsaa_url,
    "ARCA_ARBCCF_URL": SETTINGS.arca_arbccf_url,
}


@dataclass
class Office:
    """A site that issues, the ARCA it calls, and a reseller."""

    site: Site
    arca: ArcaState
    bob: Visitor

    @property
    def issuing(self) -> IssuingService:
        return self.site.services[IssuingService]

    async def ask(self, device: ControladorId = DEVICE_ID, *, request: bytes | None = None) -> Emision:
        return await self.issuing.ask(self.bob.identity, device, request=request)

    async def carry(self, emision: Emision) -> Emision:
        """Do what is due for it now, as its job would."""
        await self.site.services[Carrier].carry_out(emision.id)
        return await self.issuing.get(self.bob.identity, emision.id)

    async def quota(self) -> Quota:
        return await self.site.services[QuotaService].of(self.bob.user.id)

    async def used(self) -> tuple[int, int, int]:
        """Pending, reserved and total of the reseller; the nightly check must agree."""
        await self.site.services[QuotaService].check_counters()
        found = await self.quota()
        return found.pending, found.reserved, found.total

    async def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        async with self.site.house.database.transaction() as tx:
            return [dict(row) for row in (await tx.execute(text(sql), values)).mappings()]

    async def waiting(self, emision_id: UUID) -> list[dict[str, Any]]:
        """The jobs that wait for an issuance."""
        sql = "select * from procrastinate_jobs where status = 'todo' and args->>'emision_id' = :id order by id"
        return await self.rows(sql, id=str(emision_id))

    def move(self, **time: float) -> None:
        """Let time pass here and at ARCA."""
        clock = self.site.house.clock
        assert isinstance(clock, MovableClock)
        clock.move(**time)
        self.arca.clock.set(clock.now())


@pytest.fixture
async def office(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Office]:
    arca = an_arca(clock.now())
    async with open_site(database_url, tmp_path, clock, more=ISSUING) as site:
        site.house.http.mount(ORIGIN, create_app(arca))
        pair = a_company()
        await site.services[CredentialService].put(SYSTEM, pair.certificate.der, pair.private_key.to_der())
        yield Office(site, arca, await site.person("Bob", "20123456786", Role.MAYORISTA, limit=2))
