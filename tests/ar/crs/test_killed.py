"""A server process dies by SIGKILL while it starts downloads, bills a batch or exports: nothing lost, nothing twice.

ACUSE_KILLS says how often it dies in all; a hundred is the full proof.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
from collections.abc import Callable, Coroutine, Sequence
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

from sqlalchemy import text

from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.rights import Identity
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.crs.model import DescargaFilter, EstadoDescarga
from acuse.ar.crs.service import BillingService, DownloadService, QuotaService, ReportService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import SystemClock
from acuse.kernel.csv import CsvStyle
from acuse.kernel.feature import Services
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.notices.feature import FEATURE as NOTICES
from tests.flows.site import until
from tests.support.crs import Site, Visitor, a_cuit

KILLS = int(os.environ.get("ACUSE_KILLS", "3"))
AT_ONCE, BATCH, LIMIT = 4, 20, 100_000
_BACKENDS = text(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


async def starting(
    services: Services, caller: Identity, certificate: UUID, _: Sequence[UUID], told: Connection
) -> None:
    async def on_and_on() -> None:
        while True:
            started = await services[DownloadService].start(caller, certificate)
            told.send(str(started.id))

    await asyncio.gather(*(on_and_on() for _ in range(AT_ONCE)))


async def billing(services: Services, _: Identity, __: UUID, ids: Sequence[UUID], told: Connection) -> None:
    while True:
        for estado in (EstadoDescarga.FACTURADO, EstadoDescarga.PENDIENTE):
            await services[BillingService].set_states(ids, estado, actor=SYSTEM)
            told.send(estado.value)


async def exporting(services: Services, _: Identity, __: UUID, ___: Sequence[UUID], told: Connection) -> None:
    while True:
        rows = -1
        async for piece in services[ReportService].export(DescargaFilter(), CsvStyle(), actor=SYSTEM):
            rows += piece.count(b"\r\n")
        told.send(str(rows))


Act = Callable[[Services, Identity, UUID, Sequence[UUID], Connection], Coroutine[Any, Any, None]]
ACTS: tuple[Act, ...] = (starting, billing, exporting)


def serve(
    environment: dict[str, str], act: Act, caller: Identity, certificate: UUID, ids: Sequence[UUID], told: Connection
) -> None:
    """Be one server process that does the same on and on, and tells what it has done."""

    async def run() -> None:
        async with open_house(SettingsReader(environment, None), clock=SystemClock()) as house:
            services = Services()
            for feature in (ACCOUNTS, NOTICES, CRS):
                services.mount(feature.name, feature.build(house, services))
            await act(services, caller, certificate, ids, told)

    asyncio.run(run())


async def killed(site: Site, act: Act, who: Visitor, certificate: UUID, ids: Sequence[UUID], after: int) -> list[str]:
    """Let a process do so much, kill it wherever it then is, and answer what it told of as done."""
    before = await backends(site)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(site.environment, act, who.identity, certificate, ids, theirs))
    process.start()
    theirs.close()
    said: list[str] = []
    try:
        while len(said) < after:
            said.append(await asyncio.to_thread(ours.recv))
    finally:
        process.kill()
        await asyncio.to_thread(process.join)
    try:
        while True:
            said.append(ours.recv())
    except (EOFError, OSError):
        ours.close()
    await until(lambda: backends(site), lambda now: now <= before)  # the database ends what it had received
    return said


async def backends(site: Site) -> set[int]:
    async with site.house.database.transaction() as tx:
        return set((await tx.scalars(_BACKENDS)).all())


async def test_a_process_killed_at_any_moment_leaves_whole_acts_only(site: Site, certificate: UUID) -> None:
    chance = random.Random(20260301)
    for kill in range(KILLS):
        who = await site.person(f"Dora {kill}", a_cuit(kill), limit=LIMIT)
        own = [await site.services[DownloadService].start(who.identity, certificate) for _ in range(BATCH)]
        ids = [one.id for one in own]
        act = ACTS[kill % len(ACTS)]
        said = await killed(site, act, who, certificate, ids, chance.randrange(1, 30))
        started = {row.objetivo_id for row in await site.audited("START_DOWNLOAD") if row.actor_id == who.user.id}
        async with site.house.database.transaction() as tx:
            rows = (
                await tx.execute(
                    text("SELECT CAST(id_descarga AS text), estado FROM crs_descargas WHERE id_usuario = :id"),
                    {"id": who.user.id},
                )
            ).all()
        quota = await site.services[QuotaService].of(who.user.id)
        assert {row[0] for row in rows} == started
        assert quota.total == len(rows)
        assert quota.pending == sum(row[1] == EstadoDescarga.PENDIENTE.value for row in rows)
        if act is starting:
            assert set(said) <= started
            assert len(started) - BATCH - len(said) <= AT_ONCE
        else:
            assert len(rows) == BATCH
            assert len({row[1] for row in rows}) == 1
        if act is billing:
            told_of = {str(one) for one in ids}
            moved = [row for row in await site.audited("BATCH_CHANGE_STATUS") if row.objetivo_id in told_of]
            assert len(moved) in (BATCH * len(said), BATCH * (len(said) + 1))
    await site.services[QuotaService].check_counters()
    exports = [row.despues or {} for row in await site.audited("EXPORT_CSV")]
    assert all(row["completo"] for row in exports)
    assert (await site.house.audit.verify()).is_intact
