"""An application of some features in process, and people who come as programs or by browser."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx2

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.model import Role, User
from acuse.accounts.rights import Identity, scopes_for
from acuse.accounts.service import AccountsService, ApiTokenService, BrowserService
from acuse.app import create_app
from acuse.kernel.audit import SYSTEM
from acuse.kernel.feature import Feature, Services
from acuse.kernel.house import House

BASE = "http://acuse.test"
PASSWORD = "Una-Llave.Larga!17"


@dataclass(frozen=True)
class Visitor:
    """A person with both ways in."""

    user: User
    identity: Identity
    api: httpx2.AsyncClient
    browser: httpx2.AsyncClient


class Application:
    """The features asked for, composed as they are in production, and their doors."""

    def __init__(self, house: House, stack: AsyncExitStack, features: Sequence[Feature]) -> None:
        self.house = house
        self._stack = stack
        self.services = Services()
        for feature in features:
            self.services.mount(feature.name, feature.build(house, self.services))
        for mounted in self.services.mounted.values():
            house.events.subscribe(mounted.jobs)
        self.app = create_app(house, self.services)

    async def visitor(self, name: str, tax_id: str, role: Role, **more: Any) -> Visitor:
        """Let somebody have an account, an API token with every scope of the role, and a session."""
        user = await self.services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id=tax_id,
            name=name,
            mail=f"{name.lower().split()[0]}@example.org",
            role=role,
            password=PASSWORD,
            must_change_password=False,
            **more,
        )
        identity = Identity.of(user)
        scopes = [right.value for right in scopes_for(role)]
        token = await self.services[ApiTokenService].create(identity, name="prueba", scopes=scopes, expires_at=None)
        secret = await self.services[BrowserService].open(user, ip=None, agent="prueba")
        cookie = {self.services[SessionCookie].name: secret}
        return Visitor(
            user,
            identity,
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
