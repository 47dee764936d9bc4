"""An application of two features, accounts and taxpayers, and people who come as programs or by browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from fastapi import FastAPI, Request
from sqlalchemy import URL

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.frame import frame_parts
from acuse.accounts.model import Role, User
from acuse.accounts.rights import Identity, scopes_for
from acuse.accounts.service import AccountsService, ApiTokenService, BrowserService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.kernel.feature import Feature, Services
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader
from acuse.mx.contribuyentes.feature import FEATURE as CONTRIBUYENTES
from acuse.notices.feature import FEATURE as NOTICES
from acuse.webkit.frame import Frame
from acuse.webkit.install import install
from acuse.webkit.pages import Pages
from tests.support.house import test_environment

BASE = "http://acuse.test"


@dataclass(frozen=True)
class Visitor:
    """A person with both ways in."""

    user: User
    api: httpx2.AsyncClient
    browser: httpx2.AsyncClient


class Site:
    """The application in process, and its doors."""

    def __init__(self, house: House, stack: AsyncExitStack, more: Sequence[Feature] = ()) -> None:
        self.house = house
        self._stack = stack
        self.services = Services()
        for feature in (ACCOUNTS, NOTICES, CONTRIBUYENTES, *more):
            self.services.mount(feature.name, feature.build(house, self.services))
        for mounted in self.services.mounted.values():
            house.events.subscribe(mounted.jobs)
        self.app = self._compose()

    async def person(self, name: str, tax_id: str, role: Role = Role.CONTRIBUYENTE) -> Visitor:
        """Let somebody have an account, an API token with every scope of the role, and a session."""
        user = await self.services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id=tax_id,
            name=name,
            mail=f"{name.lower()}@example.org",
            role=role,
            password="Una-Llave.Larga!17",
            must_change_password=False,
        )
        scopes = [right.value for right in scopes_for(role)]
        token = await self.services[ApiTokenService].create(
            Identity.of(user), name="prueba", scopes=scopes, expires_at=None
        )
        secret = await self.services[BrowserService].open(user, ip=None, agent="prueba")
        cookie = {self.services[SessionCookie].name: secret}
        return Visitor(
            user,
            await self.client(headers={"Authorization": f"Bearer {token.secret}"}),
            await self.client(headers={"Sec-Fetch-Site": "same-origin"}, cookies=cookie),
        )

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
    database_url: URL, folder: Path, clock: MovableClock, more: Sequence[Feature] = ()
) -> AsyncIterator[Site]:
    """Open a site over a fresh database and folder."""
    reader = SettingsReader(test_environment(database_url, folder), env_file=None)
    async with open_house(reader, clock=clock) as house, AsyncExitStack() as stack:
        yield Site(house, stack, more)
