"""Starting downloads, audit row included, against the bare conditional counter update in the same run.

Goals: one hot user at 0.5 of the bare update or better; 500 starts a second over 100 users.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import perf_counter
from uuid import UUID

from sqlalchemy import text

from acuse.accounts import AccountsService, Role
from acuse.accounts.rights import Identity
from acuse.ar.crs.service import CatalogueService, DownloadService
from acuse.ar.cuit import check_digit
from acuse.cli.demo.controladores import fill_catalogue
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import SystemClock
from acuse.kernel.database import Database
from acuse.kernel.feature import Services
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader

STARTS = int(os.environ.get("ACUSE_BENCH_STARTS", "1500"))
CONNECTIONS, USERS, LIMIT = 10, 100, 1_000_000
_BARE = text("UPDATE bench_counter SET pending = pending + 1 WHERE id = :id AND pending < 1000000 RETURNING pending")


async def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "ACUSE_HOME": str(Path(folder) / "home"),
            "ACUSE_SURROUNDINGS": "pruebas",
            "PASSWORD_HASH_MEMORY_KIB": "1024",
        }
        async with (
            open_house(SettingsReader(environment, None), clock=SystemClock()) as house,
            open_features(house) as services,
        ):
            from_catalogue = await fill_catalogue(services[CatalogueService], house.clock)
            people = [await _someone(services, number) for number in range(USERS)]
            await _prepare(house.database)
            certificate = from_catalogue[0]
            bare = await _rate(lambda _: _count(house.database))
            hot = await _rate(_starter(services, people[:1], certificate))
            spread = await _rate(_starter(services, people, certificate))
    print(f"crs start, one hot user: {hot:.0f}/s against {bare:.0f}/s of the bare update: {hot / bare:.2f} (goal 0.5)")
    print(f"crs start, {USERS} users: {spread:.0f}/s (goal 500)")


def _starter(services: Services, people: Sequence[Identity], certificate: str) -> Callable[[int], Awaitable[object]]:
    certificate_id = UUID(certificate)
    return lambda number: services[DownloadService].start(people[number % len(people)], certificate_id)


async def _someone(services: Services, number: int) -> Identity:
    user = await services[AccountsService].create_user(
        actor=SYSTEM,
        tax_id=_cuit(number),
        name=f"Usuario {number}",
        mail="",
        role=Role.DISTRIBUIDOR,
        password=secrets.token_urlsafe(12) + "aA1!",
        country="ar",
        must_change_password=False,
        limite_descargas=LIMIT,
    )
    return Identity.of(user)


def _cuit(number: int) -> str:
    bodies = (f"30{number:07d}{last}" for last in range(10))
    return next(f"{body}{digit}" for body in bodies if (digit := check_digit(body)) is not None)


async def _prepare(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE bench_counter (id int PRIMARY KEY, pending bigint NOT NULL)"))
        await tx.execute(text("INSERT INTO bench_counter VALUES (1, 0)"))


async def _count(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(_BARE, {"id": 1})


async def _rate(act: Callable[[int], Awaitable[object]]) -> float:
    gate = asyncio.Semaphore(CONNECTIONS)

    async def one(number: int) -> None:
        async with gate:
            await act(number)

    await asyncio.gather(*(one(number) for number in range(50)))
    began = perf_counter()
    await asyncio.gather(*(one(number) for number in range(STARTS)))
    return STARTS / (perf_counter() - began)
