"""Starting downloads, audit row included, against the bare conditional counter update in the same run.

Goals: one hot user at 0.5 of the bare update or better; 500 starts a second over 100 users. The three take turns, so
that a busy machine is as hard on one as on the others.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import perf_counter
from uuid import UUID

from sqlalchemy import text

from acuse.accounts.rights import Identity
from acuse.ar.crs.service import CatalogueService, DownloadService
from acuse.cli.demo.controladores import fill_catalogue
from acuse.kernel.database import Database
from acuse.kernel.feature import Services
from benchmarks.crs_house import open_bench, someone

STARTS = int(os.environ.get("BENCH_STARTS", "3000"))
ROUNDS, CONNECTIONS, USERS = 5, 10, 100
_BARE = text("UPDATE bench_counter SET pending = pending + 1 WHERE id = :id AND pending < 1000000 RETURNING pending")


async def main() -> None:
    """Measure and print."""
    async with open_bench() as (house, services):
        certificate = (await fill_catalogue(services[CatalogueService], house.clock))[0]
        people = [await someone(services, number) for number in range(USERS)]
        await _prepare(house.database)
        acts = {
            "bare": lambda _: _count(house.database),
            "hot": _starter(services, people[:1], certificate),
            "spread": _starter(services, people, certificate),
        }
        for act in acts.values():
            await _rate(act, 200)
        rates: dict[str, list[float]] = {name: [] for name in acts}
        for _ in range(ROUNDS):
            for name, act in acts.items():
                rates[name].append(await _rate(act, max(1, STARTS // ROUNDS)))
        report = await house.audit.verify()
    bare, hot, spread = (median(rates[name]) for name in acts)
    share = median(one / other for one, other in zip(rates["hot"], rates["bare"], strict=True))
    print(f"crs start, one hot user: {hot:.0f}/s against {bare:.0f}/s of the bare update: {share:.2f} (goal 0.5)")
    print(f"crs start, {USERS} users: {spread:.0f}/s (goal 500)")
    print(f"crs start, the chain of {report.checked} acts {'holds' if report.is_intact else 'IS BROKEN'}")


def _starter(services: Services, people: Sequence[Identity], certificate: str) -> Callable[[int], Awaitable[object]]:
    certificate_id = UUID(certificate)
    return lambda number: services[DownloadService].start(people[number % len(people)], certificate_id)


async def _prepare(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE bench_counter (id int PRIMARY KEY, pending bigint NOT NULL)"))
        await tx.execute(text("INSERT INTO bench_counter VALUES (1, 0)"))


async def _count(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(_BARE, {"id": 1})


async def _rate(act: Callable[[int], Awaitable[object]], times: int) -> float:
    gate = asyncio.Semaphore(CONNECTIONS)

    async def one(number: int) -> None:
        async with gate:
            await act(number)

    began = perf_counter()
    await asyncio.gather(*(one(number) for number in range(times)))
    return times / (perf_counter() - began)
