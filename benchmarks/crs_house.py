"""A house with people who call it, for the benchmarks of pages and lists."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from acuse.accounts import AccountsService, Role
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.rights import Identity, scopes_for
from acuse.accounts.service import ApiTokenService, BrowserService
from acuse.app import create_app
from acuse.ar.cuit import check_digit
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import SystemClock
from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.feature import Services
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader


@asynccontextmanager
async def open_bench(**settings: str) -> AsyncIterator[tuple[House, Services]]:
    """Open a house of its own over the embedded PostgreSQL, gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        environment = {
            "ACUSE_HOME": str(home),
            "ACUSE_SURROUNDINGS": "pruebas",
            "PASSWORD_HASH_MEMORY_KIB": "1024",
        } | settings
        try:
            async with (
                open_house(SettingsReader(environment, None), clock=SystemClock()) as house,
                open_features(house) as services,
            ):
                yield house, services
        finally:
            EmbeddedPostgres(home).remove()  # as root its data lie outside the home


async def someone(
    services: Services, number: int, *, role: Role = Role.DISTRIBUIDOR, limit: int = 1_000_000
) -> Identity:
    """Let one more person have an account."""
    user = await services[AccountsService].create_user(
        actor=SYSTEM,
        tax_id=_cuit(number),
        name=f"Usuario {number}",
        mail="",
        role=role,
        password=secrets.token_urlsafe(12) + "aA1!",
        country="ar",
        must_change_password=False,
        limite_descargas=limit,
    )
    return Identity.of(user)


@asynccontextmanager
async def callers(
    house: House, services: Services, identity: Identity
) -> AsyncIterator[tuple[httpx2.AsyncClient, httpx2.AsyncClient]]:
    """Let somebody call the application in process: by token, and by the cookie of a browser."""
    user = await services[AccountsService].get(identity.user_id)
    token = await services[ApiTokenService].create(
        Identity.of(user), name="medida", scopes=[right.value for right in scopes_for(user.role)], expires_at=None
    )
    cookie = {services[SessionCookie].name: await services[BrowserService].open(user, ip=None, agent="medida")}
    transport = httpx2.ASGITransport(app=create_app(house, services))
    header = {"Authorization": f"Bearer {token.secret}"}
    async with (
        httpx2.AsyncClient(transport=transport, base_url="http://acuse.test", headers=header) as api,
        httpx2.AsyncClient(transport=transport, base_url="http://acuse.test", cookies=cookie) as browser,
    ):
        yield api, browser


def _cuit(number: int) -> str:
    bodies = (f"30{number:07d}{last}" for last in range(10))
    return next(f"{body}{digit}" for body in bodies if (digit := check_digit(body)) is not None)
