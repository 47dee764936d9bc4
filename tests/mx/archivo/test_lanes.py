"""A large package of metadata goes in by two transactions: with the same end as by one, and as safe."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import URL, text

from acuse.kernel.database import Database
from acuse.mx.archivo import ArchivoService, IngestReport
from acuse.mx.archivo.store import CancelledStore
from acuse.mx.cfdi.errors import MemberUnreadable
from acuse.mx.cfdi.metadata import HEADER, TERCERO_HEADER
from tests.mx.archivo.conftest import Office, Put
from tests.mx.archivo.test_ingest import rows
from tests.mx.archivo.test_killed import an_ingest, counted, wait_until_it_waits
from tests.mx.archivo.test_months import by_hand, told
from tests.support.cfdis import a_zip, entries_of

EARLY = datetime(2026, 1, 10, tzinfo=UTC)
LATE = datetime(2026, 1, 14, tzinfo=UTC)
BLANK = [" " * 900_000] * 36  # lines that say nothing make a table large
ENTRIES = entries_of("E")
ALIVE = [entry.metadata_line().replace("~0~", "~1~").rpartition("~")[0] + "~" for entry in ENTRIES]
DEAD = [f"{line.removesuffix('~1~')}~0~2026-01-12 09:00:00" for line in ALIVE]


def a_table(lines: Sequence[str], *, large: bool = True) -> bytes:
    """A package of these rows, with a second table that tells on whose account half of them were issued."""
    table = "\r\n".join([HEADER, *lines, *(BLANK if large else ())])
    others = "\r\n".join([TERCERO_HEADER, *(f"{line[:36].lower()}~H&E951128469~DE {line[:2]}" for line in lines[::2])])
    return a_zip([("0A1B_01.txt", table.encode()), ("0A1B_tercero.txt", others.encode())])


def told_twice(seed: int) -> list[str]:
    """Every document in force and, wherever it falls, some of them once more as cancelled."""
    rng = Random(seed)
    lines = ALIVE + rng.sample(DEAD, 40) + rng.sample(ALIVE, 40)
    rng.shuffle(lines)
    return lines


@pytest.fixture
async def held_ledger(database: Database) -> AsyncIterator[None]:
    """A ledger that lets nobody end while somebody holds the advisory lock 7."""
    wait = "begin perform pg_advisory_xact_lock(7); return new; end"
    async with database.transaction() as tx:
        await tx.execute(text(f"create function wait_here() returns trigger language plpgsql as $$ {wait} $$"))
        await tx.execute(
            text("create trigger wait_here before update on indexed_paquetes for each row execute function wait_here()")
        )
    yield
    async with database.transaction() as tx:
        await tx.execute(text("drop function wait_here cascade"))


@pytest.mark.parametrize("seed", range(2))
async def test_two_transactions_end_as_one_does(
    archive: ArchivoService, office: Office, put: Put, database: Database, seed: int
) -> None:
    found = []
    for large in (False, True):
        async with database.transaction() as tx:
            await tx.execute(text("truncate cfdi, contrapartes, indexed_paquetes, cancelaciones, cfdi_changed_months"))
        first = await archive.ingest_metadata_package(
            office.kemper, await put("first", a_table(ALIVE[::3], large=large)), "E", as_of=EARLY
        )
        second = await archive.ingest_metadata_package(
            office.kemper, await put("second", a_table(told_twice(seed), large=large)), "E", as_of=LATE
        )
        assert await told(database, office.kemper) == await by_hand(database)
        found.append((await rows(database), figures(first), figures(second), await cancelled(database, office)))
    assert found[0] == found[1]
    assert len(found[1][0]) == len(ENTRIES)
    assert found[1][2] == (len(ENTRIES) + 80, len(ENTRIES) - len(ALIVE[::3]), 80 + len(ALIVE[::3]), 0)


async def test_an_older_state_does_not_come_back(
    archive: ArchivoService, office: Office, put: Put, database: Database
) -> None:
    await archive.ingest_metadata_package(office.kemper, await put("late", a_table(DEAD)), "E", as_of=LATE)
    before = await rows(database)
    report = await archive.ingest_metadata_package(office.kemper, await put("early", a_table(ALIVE)), "E", as_of=EARLY)
    assert figures(report) == (len(ENTRIES), 0, len(ENTRIES), 0)
    assert {row["estado"] for row in before} == {"cancelado"}
    assert await rows(database) == before


async def test_killed_while_both_write_nothing_is_half(
    archive: ArchivoService, office: Office, put: Put, database: Database, database_url: URL, tmp_path: Path
) -> None:
    key = await put("a", a_table(ALIVE))
    async with database.transaction() as lock:
        await lock.execute(text("lock table cfdi in share mode"))
        process = await an_ingest(database_url, tmp_path, office.kemper, key, "metadata")
        await wait_until_it_waits(database, many=2)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    documents, _, packages = await counted(database)
    assert (documents, packages) == (0, 0)
    report = await archive.ingest_metadata_package(office.kemper, key, "E")
    assert (report.new, report.already) == (len(ENTRIES), False)
    assert len(await rows(database)) == len(ENTRIES)


@pytest.mark.usefixtures("held_ledger")
async def test_killed_between_the_two_commits_the_other_half_follows_and_no_cancellation_is_kept_quiet(
    archive: ArchivoService, office: Office, put: Put, database: Database, database_url: URL, tmp_path: Path
) -> None:
    await archive.ingest_metadata_package(
        office.kemper, await put("early", a_table(ALIVE, large=False)), "E", as_of=EARLY
    )
    key = await put("late", a_table(DEAD))
    async with database.transaction() as lock:
        await lock.execute(text("select pg_advisory_xact_lock(7)"))
        process = await an_ingest(database_url, tmp_path, office.kemper, key, "metadata")
        await wait_until_it_waits(database, "advisory")
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        half = {row["uuid"] for row in await rows(database) if row["estado"] == "cancelado"}
        assert 0 < len(half) < len(ENTRIES)
        assert await cancelled(database, office) == half
        letters = "select count(*) from procrastinate_jobs where task_name = 'letter'"
        assert (await lock.execute(text(letters))).scalar_one() == 1
    report = await archive.ingest_metadata_package(office.kemper, key, "E", as_of=LATE)
    assert figures(report) == (len(ENTRIES), 0, len(ENTRIES), 0)
    assert await cancelled(database, office) == {row["uuid"] for row in await rows(database)}
    assert {row["estado"] for row in await rows(database)} == {"cancelado"}
    assert await told(database, office.kemper) == await by_hand(database)


async def test_a_table_that_turns_out_damaged_leaves_nothing(
    archive: ArchivoService, office: Office, put: Put, database: Database
) -> None:
    good = a_table(ALIVE)
    checksum = good.index(b"PK\1\2") + 16
    broken = good[:checksum] + bytes(byte ^ 0xFF for byte in good[checksum : checksum + 4]) + good[checksum + 4 :]
    with pytest.raises(MemberUnreadable):
        await archive.ingest_metadata_package(office.kemper, await put("a", broken), "E")
    assert await rows(database) == []


async def test_of_two_large_packages_one_has_two_transactions(
    archive: ArchivoService, office: Office, put: Put, database: Database
) -> None:
    keys = [await put(name, a_table(ALIVE)) for name in ("a", "b")]
    async with database.transaction() as lock:
        await lock.execute(text("lock table cfdi in share mode"))
        work = [
            asyncio.create_task(archive.ingest_metadata_package(taxpayer, key, "E"))
            for taxpayer, key in zip((office.kemper, office.other), keys, strict=True)
        ]
        await wait_until_it_waits(database, many=3)
    assert [figures(await each) for each in work] == [(len(ENTRIES), len(ENTRIES), 0, 0)] * 2
    assert len(await rows(database)) == 2 * len(ENTRIES)


def figures(report: IngestReport) -> tuple[int, int, int, int]:
    """What a package gave."""
    return report.read, report.new, report.duplicate, report.refused


async def cancelled(database: Database, office: Office) -> set[object]:
    """Which documents were found to be cancelled."""
    async with database.transaction() as tx:
        return {each.uuid for each in await CancelledStore().list(tx, [office.kemper], limit=1_000)}
