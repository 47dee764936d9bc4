"""An application with the CRS, its people and a catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL, select

from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.model import Role
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.crs.service import CatalogueService, QuotaService
from acuse.ar.crs.tables import AlertRow
from acuse.ar.cuit import check_digit
from acuse.kernel.audit import SYSTEM
from acuse.kernel.audit.tables import AuditRow
from acuse.kernel.clock import MovableClock
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader
from acuse.notices.feature import FEATURE as NOTICES
from acuse.operations.feature import FEATURE as OPERATIONS
from tests.support.controladores import a_bundle
from tests.support.house import test_environment
from tests.support.site import PASSWORD as PASSWORD
from tests.support.site import Application
from tests.support.site import Visitor as Visitor


class Site(Application):
    """The application in process, and its doors."""

    def __init__(self, house: House, stack: AsyncExitStack, environment: dict[str, str]) -> None:
        super().__init__(house, stack, (ACCOUNTS, NOTICES, CRS, OPERATIONS))
        self.environment = environment

    async def person(
        self, name: str, tax_id: str, role: Role = Role.DISTRIBUIDOR, *, limit: int | None = None
    ) -> Visitor:
        """Let somebody have an account, an API token with every scope of the role, a session, and a limit."""
        visitor = await self.visitor(name, tax_id, role, country="ar")
        if limit is not None:
            await self.services[QuotaService].set_limit(visitor.user.id, limit, actor=SYSTEM)
        return visitor

    async def certificate(self, controlador: str = "SESHIA0000001371", *, age_days: int = 100, name: str = "") -> UUID:
        """Put a look-alike into the catalogue; answer its id."""
        added, _ = await self.services[CatalogueService].add(
            SYSTEM, a_bundle(controlador, age_days=age_days), nombre=name
        )
        return added.id

    async def audited(self, *actions: str) -> list[AuditRow]:
        """Answer the audit rows of these actions, in order."""
        async with self.house.database.transaction() as tx:
            query = select(AuditRow).where(AuditRow.accion.in_(actions)).order_by(AuditRow.seq)
            return list(await tx.scalars(query))

    async def alerts(self) -> list[AlertRow]:
        """Answer all alerts, in order."""
        async with self.house.database.transaction() as tx:
            return list(await tx.scalars(select(AlertRow).order_by(AlertRow.created_at, AlertRow.key)))


@asynccontextmanager
async def open_site(
    database_url: URL, folder: Path, clock: MovableClock, *, more: dict[str, str] | None = None
) -> AsyncIterator[Site]:
    """Open a site over a fresh database and folder."""
    environment = test_environment(database_url, folder) | (more or {})
    reader = SettingsReader(environment, env_file=None)
    async with open_house(reader, clock=clock) as house, AsyncExitStack() as stack:
        yield Site(house, stack, environment)


def a_cuit(number: int) -> str:
    """Answer a valid CUIT, another for each number."""
    body = next(body for body in (f"30{number:07d}{last}" for last in range(10)) if check_digit(body) is not None)
    return f"{body}{check_digit(body)}"
