"""A small house with accounts only, its application, and a client that speaks to it without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from acuse.accounts import AccountsService, Role, User
from acuse.accounts.feature import FEATURE
from acuse.accounts.frame import frame_parts
from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.model import UserChanges, UserStatus
from acuse.accounts.rights import Right
from acuse.accounts.service import PeopleService
from acuse.accounts.settings import AccountsSettings
from acuse.kernel.audit import Actor, Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.feature import Services
from acuse.kernel.files import Files
from acuse.kernel.house import House
from acuse.kernel.http import HttpClients
from acuse.kernel.presence import Presence
from acuse.kernel.settings import SettingsReader
from acuse.kernel.vault import Vault
from acuse.webkit.install import install
from acuse.webkit.pages import Pages
from tests.support.jobs import AUDIT_KEYS

PASSWORD = "Corriente-Alterna.7!"
SECRETS = {"TOKEN_SECRET": "t" * 40, "REFRESH_SECRET": "r" * 40}
ALICE: dict[str, Any] = {"tax_id": "20123456789", "name": "Alicia Gómez", "mail": "alicia@example.com"}
BOB: dict[str, Any] = {"tax_id": "XAXX010101000", "name": "Roberto Díaz", "mail": "roberto@example.com"}
ROOT = Actor(None, "CLI (prueba)")


@dataclass
class Place:
    """A house with accounts, its services, its application and its clock."""

    house: House
    services: Services
    app: FastAPI
    clock: MovableClock

    @property
    def accounts(self) -> AccountsService:
        return self.services[AccountsService]

    def client(self, *, ip: str = "198.51.100.7", **options: Any) -> httpx2.AsyncClient:
        """A browser or program at this address; answers to pages carry the mark of the same origin."""
        transport = httpx2.ASGITransport(app=self.app, client=(ip, 5000))
        headers = {"sec-fetch-site": "same-origin"}
        return httpx2.AsyncClient(transport=transport, base_url="http://acuse.test", headers=headers, **options)

    async def create(self, *, role: Role = Role.CONTRIBUYENTE, password: str = PASSWORD, **changes: Any) -> User:
        """A user, without a forced change unless asked for."""
        values: dict[str, Any] = {**ALICE, "actor": ROOT, "role": role, "password": password}
        return await self.accounts.create_user(**(values | {"must_change_password": False} | changes))

    async def set_status(self, user: User, status: UserStatus) -> None:
        """Let a user in or keep them out."""
        await self.services[PeopleService].update(user.id, UserChanges(status=status), actor=ROOT)

    async def login(self, client: httpx2.AsyncClient, user: User, password: str = PASSWORD) -> dict[str, Any]:
        """Log in as a program and answer the tokens."""
        answer = await client.post("/auth/login", json={"cuit": user.tax_id, "password": password})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def enter(self, client: httpx2.AsyncClient, user: User, password: str = PASSWORD) -> None:
        """Log in as a browser; the client keeps the cookie."""
        answer = await client.post("/app/login", data={"cuit": user.tax_id, "password": password})
        assert answer.status_code == 303, answer.text

    async def audited(self) -> list[str]:
        """The actions audited so far, in order."""
        return [row["accion"] for row in await self.rows("SELECT accion FROM auditoria ORDER BY seq")]

    async def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        async with self.house.database.transaction() as tx:
            return [dict(row) for row in (await tx.execute(text(query), values)).mappings()]


Build = Callable[..., Place]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def build(database: Database, files: Files, clock: MovableClock, tmp_path: Path) -> AsyncIterator[Build]:
    """Builds a place with these settings; cheap hashes unless asked otherwise."""
    http = HttpClients(clock)

    def make(**settings: str) -> Place:
        environ = {
            **SECRETS,
            "ACUSE_HOME": str(tmp_path),
            "ACUSE_SURROUNDINGS": "pruebas",
            "PASSWORD_HASH_MEMORY_KIB": "1024",
            "LOGIN_LIMIT_PER_MINUTE": "0",
            "PASSWORD_CHANGE_LIMIT_PER_MINUTE": "0",
        }
        reader = SettingsReader({**environ, **settings}, env_file=None)
        house = House(
            settings=reader,
            clock=clock,
            database=database,
            files=files,
            vault=Vault(AUDIT_KEYS),
            http=http,
            events=Events(),
            audit=Audit(database, clock, AUDIT_KEYS),
            cpu=CpuPool(1),
            presence=Presence(tmp_path / "processes"),
        )
        return assemble(house, clock)

    yield make
    await http.close()


@pytest.fixture
def place(build: Build) -> Place:
    return build()


def assemble(house: House, clock: MovableClock) -> Place:
    """The application of accounts alone, beside two endpoints of another feature."""
    services = Services()
    mounted = FEATURE.build(house, services)
    services.mount("accounts", mounted)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    app.state.clock = clock
    surroundings = house.settings.core.acuse_surroundings
    app.state.frame = lambda request: frame_parts(request, menu=(), surroundings=surroundings)
    for router in (*mounted.api, *mounted.pages, _another_feature()):
        app.include_router(router)
    assert mounted.templates is not None
    install(app, pages=Pages({"accounts": mounted.templates}))
    return Place(house, services, app, clock)


def _another_feature() -> Any:
    router = api_router("/api/v1/cosas")

    @router.get("")
    @needs(Right.SAT_READ)
    async def things(caller: Caller) -> dict[str, Any]:
        return {"user": caller.user_id, "ip": caller.ip}

    @router.post("")
    @needs(Right.USERS_MANAGE)
    async def make(body: dict[str, int]) -> dict[str, int]:
        return body

    return router


def settings(**changes: Any) -> AccountsSettings:
    """Settings built by hand."""
    return AccountsSettings(token_secret=SecretStr("t" * 40), refresh_secret=SecretStr("r" * 40), **changes)
