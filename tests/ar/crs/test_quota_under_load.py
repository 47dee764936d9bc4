"""The quota against its model: several server processes, one hot user, no start too many and no alert too few.

`ACUSE_CRS_RUNS` (100 for the full proof) says how often it is done.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from uuid import UUID, uuid4

from sqlalchemy import text

from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.model import Role
from acuse.accounts.rights import Identity
from acuse.ar.crs.errors import DownloadBlocked
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.crs.model import AlertKind, level_of, stamp
from acuse.ar.crs.service import DownloadService, QuotaService
from acuse.ar.crs.store import quotas
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import SystemClock
from acuse.kernel.feature import Services
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.notices.feature import FEATURE as NOTICES
from tests.support.crs import Site, Visitor, a_cuit

PROCESSES, CONNECTIONS, STARTS, LIMIT = 4, 12, 200, 10
WAITING_FOR_US = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))")
RUNS = int(os.environ.get("ACUSE_CRS_RUNS", "1"))


def serve(environment: dict[str, str], caller: Identity, certificate: UUID, starts: int) -> tuple[int, int]:
    """Be one server process: start at once as often as asked; answer how many were taken and refused."""

    async def run() -> tuple[int, int]:
        async with open_house(SettingsReader(environment, None), clock=SystemClock()) as house:
            services = Services()
            for feature in (ACCOUNTS, NOTICES, CRS):
                services.mount(feature.name, feature.build(house, services))
            gate = asyncio.Semaphore(CONNECTIONS)

            async def one() -> bool:
                async with gate:
                    try:
                        await services[DownloadService].start(caller, certificate)
                    except DownloadBlocked:
                        return False
                    return True

            done = await asyncio.gather(*(one() for _ in range(starts)))
            return sum(done), len(done) - sum(done)

    return asyncio.run(run())


async def test_no_start_passes_the_limit_and_each_crossing_is_told_once(site: Site, certificate: UUID) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        for run in range(RUNS):
            hot = await site.person(f"Dora {run}", a_cuit(run), limit=LIMIT)
            share = STARTS // PROCESSES
            asked = [(site.environment, hot.identity, certificate, share)] * PROCESSES
            done = await asyncio.to_thread(pool.starmap, serve, asked)
            assert sum(taken for taken, _ in done) == LIMIT
            assert sum(refused for _, refused in done) == STARTS - LIMIT
            quota = await site.services[QuotaService].of(hot.user.id)
            assert (quota.pending, quota.total) == (LIMIT, LIMIT)
            alerts = [alert for alert in await site.alerts() if alert.user_id == hot.user.id]
            assert sorted(alert.kind for alert in alerts) == ["100", "80", "bloqueo"]
            started = [row for row in await site.audited("START_DOWNLOAD") if row.actor_id == hot.user.id]
            blocked = [row for row in await site.audited("DOWNLOAD_BLOCKED") if row.actor_id == hot.user.id]
            assert (len(started), len(blocked)) == (LIMIT, STARTS - LIMIT)
    await site.services[QuotaService].check_counters()
    assert (await site.house.audit.verify()).is_intact


async def test_a_start_and_a_new_limit_at_once_wait_in_one_direction_only(site: Site, certificate: UUID) -> None:
    ana = await site.person("Ana", "27301112225", Role.ADMINISTRADOR, limit=5)
    now = site.house.clock.now()
    start = {"id": uuid4(), "user_id": ana.user.id, "certificate": certificate, "now": now, "stamp": stamp(now)}
    async with site.house.database.transaction() as tx:
        await quotas.get(tx, ana.user.id, lock=True)
        change = asyncio.create_task(site.services[QuotaService].set_limit(ana.user.id, 1, actor=SYSTEM))
        while not change.done() and not await tx.scalar(WAITING_FOR_US):
            pass  # each look gives way to the change, which has the row of the user when it waits for the quota
        assert await quotas.start(tx, **start, ip=None) is not None
    assert (await change).pending == 1
    assert [alert.kind for alert in await site.alerts()] == ["100"]


async def test_starts_and_billing_at_once_end_where_the_model_does(
    site: Site, admin: Visitor, charlie: Visitor, certificate: UUID
) -> None:
    async def start() -> int:
        answer = await charlie.api.post("/downloads/start", json={"certificateId": str(certificate)})
        return int(answer.status_code)

    async def bill() -> None:
        rows = (await admin.api.get(f"/downloads/usuario/{charlie.user.id}")).json()
        ids = [row["id_descarga"] for row in rows if row["estado"] != "Facturado"]
        if ids:
            await admin.api.put("/downloads/batch/estado", json={"ids": ids, "estado": "Facturado"})

    seen: list[int] = []
    for _ in range(4):
        results = await asyncio.gather(*(start() for _ in range(6)), bill(), bill())
        seen += [one for one in results if one is not None]
    quota = await site.services[QuotaService].of(charlie.user.id)
    assert quota.total == seen.count(200)
    assert seen.count(200) + seen.count(403) == 24
    assert quota.pending <= quota.limite
    await site.services[QuotaService].check_counters()
    keys = [alert.key for alert in await site.alerts()]
    assert len(keys) == len(set(keys))
    full = [alert for alert in await site.alerts() if alert.kind is AlertKind.FULL]
    assert all(level_of(alert.pending, alert.limite) == 100 for alert in full)
