"""A process that closes a month dies by SIGKILL while it writes a statement and before it says that all are there."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import signal
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from sqlalchemy import URL, text

from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.crs.service import DownloadService
from acuse.ar.resumenes.feature import FEATURE as RESUMENES
from acuse.ar.resumenes.model import Authentic, folder_of
from acuse.ar.resumenes.service import ClosingService, ResumenService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.kernel.feature import Services
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.notices.feature import FEATURE as NOTICES
from tests.ar.resumenes.test_resumenes import IN_APRIL, MARCH, MID_MARCH, at
from tests.support.crs import Site, a_cuit, open_site
from tests.support.jobs import until

PEOPLE = 3
FOLDER = folder_of(MARCH)


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    clock.set(MID_MARCH)
    async with open_site(database_url, tmp_path, clock) as opened:
        for number in range(PEOPLE):
            who = await opened.person(f"Dora {number}", a_cuit(number), limit=5)
            certificate = await opened.certificate(f"SESHIA{number:010}")
            await opened.services[DownloadService].start(who.identity, certificate)
        at(opened, IN_APRIL)
        yield opened


def close(environment: dict[str, str], now: str) -> None:
    """Be a process that closes March."""

    async def run() -> None:
        clock = MovableClock(datetime.fromisoformat(now))
        async with open_house(SettingsReader(environment, None), clock=clock) as house:
            services = Services()
            for feature in (ACCOUNTS, NOTICES, CRS, RESUMENES):
                services.mount(feature.name, feature.build(house, services))
                house.events.subscribe(services.mounted[feature.name].jobs)
            await services[ClosingService].close(MARCH, SYSTEM)

    asyncio.run(run())


async def rows(site: Site, sql: str, **values: object) -> list[tuple[object, ...]]:
    async with site.house.database.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(sql), values)]


def files_of(statements: list[tuple[object, ...]]) -> set[str]:
    return {f"{FOLDER}/{row[0]}.{ending}" for row in statements for ending in ("csv", "pdf")}


async def test_killed_before_it_sweeps_the_next_day_does(site: Site) -> None:
    closing = site.services[ClosingService]
    assert await closing.close(MARCH, SYSTEM) == PEOPLE
    [*kept] = await site.house.files.list(FOLDER)
    await site.house.files.put(f"{FOLDER}/{uuid4()}.csv", b"of a process that died")
    assert await closing.close_due() == 0
    assert await site.house.files.list(FOLDER) == kept


async def test_closed_month_takes_no_statement_that_comes_too_late(site: Site) -> None:
    await rows(site, "insert into crs_cierres values (:mes, 0, now()) returning 1", mes=str(MARCH))
    [(user_id,), *_] = await rows(site, "select distinct id_usuario from crs_descargas order by 1")
    assert await site.services[ClosingService]._close_for(MARCH, cast("int", user_id))
    assert not await rows(site, "select 1 from crs_resumenes")


async def killed_before(site: Site, table: str) -> None:
    """Let a process close the month and kill it when it stands before this table."""
    process = multiprocessing.get_context("spawn").Process(target=close, args=(site.environment, IN_APRIL.isoformat()))
    waiting = "select 1 from pg_locks where not granted and relation = cast(:table as regclass)"
    async with site.house.database.transaction() as tx:
        await tx.execute(text(f"lock table {table} in share mode"))
        process.start()

        async def stands_before_it() -> bool:
            return not process.is_alive() or bool(await rows(site, waiting, table=table))

        await until(stands_before_it, within_s=90)
        process.kill()
        await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize(("table", "kept"), [("crs_resumenes", 0), ("crs_cierres", PEOPLE)])
async def test_killed_while_it_closes_the_month_is_closed_once_and_whole(site: Site, table: str, kept: int) -> None:
    await killed_before(site, table)
    before = await rows(site, "select id_resumen, document from crs_resumenes order by 1")
    assert len(before) == kept
    assert not await rows(site, "select 1 from crs_cierres")
    lost = {one.key for one in await site.house.files.list(FOLDER)} - files_of(before)
    assert len(lost) == (0 if kept else 2), "killed before its statement, its two files stand alone"

    assert await site.services[ClosingService].close(MARCH, SYSTEM) == PEOPLE
    after = await rows(site, "select id_resumen, document from crs_resumenes order by 1")
    assert len({json.loads(str(document))["id_usuario"] for _, document in after}) == len(after) == PEOPLE
    assert set(before) <= set(after)
    assert len(await rows(site, "select 1 from crs_resumen_lineas")) == PEOPLE
    [closed] = await site.audited("CLOSE_STATEMENTS")
    assert closed.despues == {"resumenes": PEOPLE}
    assert {one.key for one in await site.house.files.list(FOLDER)} == files_of(after)
    statements = site.services[ResumenService]
    found, _ = await statements.everyones(mes=str(MARCH), limit=10)
    for one in found:
        for ending in ("csv", "pdf"):
            held = await site.house.files.get(f"{one.folder}.{ending}")
            assert (await statements.verify(held)).result is Authentic.GENUINE
