"""The whole application over a fresh house, entered as an administrator and as a taxpayer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest

from acuse.accounts import AccountsService, Role
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.service import BrowserService
from acuse.app import create_app
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from acuse.worker import create_worker


@dataclass
class Place:
    """A running house: its services, a visitor, and browsers in which Alice (role 1) and Bob (role 4) are in."""

    house: House
    services: Services
    visitor: httpx2.AsyncClient
    alice: httpx2.AsyncClient
    bob: httpx2.AsyncClient

    async def work(self) -> None:
        """Do every job that is due."""
        await create_worker(self.house, self.services).drain()


@pytest.fixture
async def place(house: House) -> AsyncIterator[Place]:
    async with open_features(house) as services:
        app = create_app(house, services)

        async def browser(cuit: str, nombre: str, role: Role) -> httpx2.AsyncClient:
            user = await services[AccountsService].create_user(
                tax_id=cuit,
                name=nombre,
                mail=f"{nombre.lower()}@example.test",
                role=role,
                password="Una.Clave.Larga.1",
                must_change_password=False,
                actor=SYSTEM,
            )
            secret = await services[BrowserService].open(user, ip=None, agent="prueba")
            return _client(app, {services[SessionCookie].name: secret})

        visitor = _client(app, {})
        alice = await browser("20123456786", "Alice", Role.ADMINISTRADOR)
        bob = await browser("EKU9003173C9", "Bob", Role.CONTRIBUYENTE)
        yield Place(house, services, visitor, alice, bob)
        for client in (visitor, alice, bob):
            await client.aclose()


def _client(app: object, cookies: dict[str, str]) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),  # type: ignore[arg-type]
        base_url="http://acuse.test",
        cookies=cookies,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
