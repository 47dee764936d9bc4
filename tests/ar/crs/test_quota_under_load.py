"""The quota against its model: several server processes, one hot user, no start too many and no alert too few.

`ACUSE_CRS_RUNS` (100 for the full proof) says how often it is done.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from uuid import UUID

from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.rights import Identity
from acuse.ar.crs.errors import DownloadBlocked
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.crs.model import AlertKind, level_of
from acuse.ar.crs.service import DownloadService, QuotaService
from acuse.kernel.clock import SystemClock
from acuse.kernel.feature import Services
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.notices.feature import FEATURE as NOTICES
from tests.support.crs import Site, Visitor, a_cuit

PROCESSES, CONNECTIONS, STARTS, LIMIT = 4, 12, 200, 10
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
