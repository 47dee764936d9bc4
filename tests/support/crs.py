"""An application of accounts, notices and the CRS, with people and a catalogue."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx2
from fastapi import FastAPI, Request
from sqlalchemy import URL, select

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.frame import frame_parts
from acuse.accounts.model import Role, User
from acuse.accounts.rights import Identity, scopes_for
from acuse.accounts.service import AccountsService, ApiTokenService, BrowserService
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.crs.service import CatalogueService, QuotaService
from acuse.ar.crs.tables import AlertRow
from acuse.ar.cuit import check_digit
from acuse.ar.emision.feature import FEATURE as EMISION
from acuse.ar.resumenes.feature import FEATURE as RESUMENES
from acuse.kernel.audit import SYSTEM
from acuse.kernel.audit.tables import AuditRow
from acuse.kernel.clock import MovableClock
from acuse.kernel.feature import Services
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader
from acuse.notices.feature import FEATURE as NOTICES
from acuse.webkit.frame import Frame
from acuse.webkit.install import install
from acuse.webkit.pages import Pages
from tests.support.controladores import a_bundle
from tests.support.house import test_environment

BASE = "http://acuse.test"
PASSWORD = "Una-Llave.Larga!17"


@dataclass(frozen=True)
class Visitor:
    """A person with both ways in."""

    user: User
    identity: Identity
    api: httpx2.AsyncClient
    browser: httpx2.AsyncClient


class Site:
    """The application in process, and its doors."""

    def __init__(self, house: House, stack: AsyncExitStack, environment: dict[str, str]) -> None:
        self.house = house
        self.environment = environment
        self._stack = stack
        self.services = Services()
        for feature in (ACCOUNTS, NOTICES, CRS, EMISION, RESUMENES):
            self.services.mount(feature.name, feature.build(house, self.services))
        for mounted in self.services.mounted.values():
            house.events.subscribe(mounted.jobs)
        self.app = self._compose()

    async def person(
        self, name: str, tax_id: str, role: Role = Role.DISTRIBUIDOR, *, limit: int | None = None
    ) -> Visitor:
        """Let somebody have an account, an API token with every scope of the role, a session, and a limit."""
        user = await self.services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id=tax_id,
            name=name,
            mail=f"{name.lower().split()[0]}@example.org",
            role=role,
            password=PASSWORD,
            country="ar",
            must_change_password=False,
        )
        if limit is not None:
            await self.services[QuotaService].set_limit(user.id, limit, actor=SYSTEM)
        scopes = [right.value for right in scopes_for(role)]
        token = await self.services[ApiTokenService].create(
            Identity.of(user), name="prueba", scopes=scopes, expires_at=None
        )
        secret = await self.services[BrowserService].open(user, ip=None, agent="prueba")
        cookie = {self.services[SessionCookie].name: secret}
        return Visitor(
            user,
            Identity.of(user),
            await self.client(headers={"Authorization": f"Bearer {token.secret}"}),
            await self.client(headers={"Sec-Fetch-Site": "same-origin"}, cookies=cookie),
        )

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

    async def client(
        self, *, headers: dict[str, str] | None = None, cookies: dict[str, str] | None = None
    ) -> httpx2.AsyncClient:
        """Open a client of the application."""
        transport = httpx2.ASGITransport(app=self.app)
        opened = httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers, cookies=cookies)
        return await self._stack.enter_async_context(opened)

    def _compose(self) -> FastAPI:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        mounted = self.services.mounted
        menu = [entry for each in mounted.values() for entry in each.menu]
        app.state.services, app.state.clock = self.services, self.house.clock

        def frame(request: Request) -> Frame:
            return frame_parts(request, menu=menu, surroundings="pruebas")

        app.state.frame = frame
        for each in mounted.values():
            for router in (*each.api, *each.pages):
                app.include_router(router)
        folders = {name.rsplit(".", 1)[-1]: each.templates for name, each in mounted.items() if each.templates}
        install(app, pages=Pages(folders))
        return app


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
