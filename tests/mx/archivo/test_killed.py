"""A worker killed in the middle of indexing leaves nothing half, and the next one does it all."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, text

from acuse.kernel.database import Database, Transaction
from acuse.mx.archivo import ArchivoService
from tests.mx.archivo.conftest import Office, Put
from tests.support.cfdis import a_metadata_package, an_xml_package, entries_of

ROOT = Path(__file__).parents[3]


async def an_ingest(url: URL, folder: Path, contribuyente_id: int, key: str, kind: str) -> asyncio.subprocess.Process:
    """Start a process that indexes a package."""
    arguments = (
        url.render_as_string(hide_password=False), (folder / "files").as_uri(), str(contribuyente_id), key, kind,
    )  # fmt: skip
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.mx.archivo.ingest_process", *arguments, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
    )  # fmt: skip


async def counted(database: Database) -> tuple[int, int, int]:
    """Answer how many documents, parties and indexed packages there are."""
    async with database.transaction() as tx:
        tables = ("cfdi", "contrapartes", "indexed_paquetes")
        counts = [(await tx.execute(text(f"select count(*) from {name}"))).scalar_one() for name in tables]
    return counts[0], counts[1], counts[2]


async def locks(tx: Transaction, kind: str, *, granted: bool) -> int:
    """Answer how many locks of a kind are held, or waited for, in this database."""
    here = "database = (select oid from pg_database where datname = current_database())"
    sql = text(f"select count(*) from pg_locks where {here} and locktype = :kind and granted = :granted")
    return int((await tx.execute(sql, {"kind": kind, "granted": granted})).scalar_one())


async def wait_until_it_waits(database: Database, kind: str = "relation", *, many: int = 1) -> None:
    """Wait until so many wait for a lock of this kind: they then stand in the middle of their transactions."""
    for _ in range(1200):
        async with database.transaction() as tx:
            if await locks(tx, kind, granted=False) >= many:
                return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody waits for a lock of kind {kind}")


async def test_killed_in_the_middle_nothing_is_half(
    archive: ArchivoService, office: Office, put: Put, database: Database, database_url: URL, tmp_path: Path
) -> None:
    entries = entries_of("E")
    key = await put("a", an_xml_package(entries))
    async with database.transaction() as lock:
        await lock.execute(text("lock table cfdi in share mode"))
        process = await an_ingest(database_url, tmp_path, office.kemper, key, "xml")
        await wait_until_it_waits(database)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    assert await counted(database) == (0, 0, 0)
    report = await archive.ingest_xml_package(office.kemper, key, "E")
    assert (report.new, report.already) == (len(entries), False)
    assert (await counted(database))[0] == len(entries)


async def test_two_at_once_index_it_once(archive: ArchivoService, office: Office, put: Put, database: Database) -> None:
    entries = entries_of("R")
    key = await put("a", an_xml_package(entries))
    reports = await asyncio.gather(*(archive.ingest_xml_package(office.kemper, key, "R") for _ in range(3)))
    assert sorted(report.already for report in reports) == [False, True, True]
    assert {report.new for report in reports} == {len(entries)}
    assert (await counted(database))[0] == len(entries)


async def test_what_one_taxpayer_has_is_merged_one_package_at_a_time_so_that_none_waits_crosswise(
    archive: ArchivoService, office: Office, put: Put, database: Database
) -> None:
    """Two packages hold the same CFDIs in another order; the second begins when the first has ended."""
    entries = entries_of("E")
    metadata = await put("metadata", a_metadata_package(entries))
    xml = await put("xml", an_xml_package(list(reversed(entries))))
    as_of = datetime(2026, 1, 1, tzinfo=UTC)
    async with database.transaction() as lock:
        await lock.execute(text("lock table cfdi in share mode"))
        first = asyncio.create_task(archive.ingest_metadata_package(office.kemper, metadata, "E", as_of=as_of))
        await wait_until_it_waits(database)
        second = asyncio.create_task(archive.ingest_xml_package(office.kemper, xml, "E"))
        await wait_until_it_waits(database, "advisory")
        async with database.transaction() as tx:
            assert await locks(tx, "advisory", granted=True) == 1
    assert (await first).new == (await second).new == len(entries)
    assert (await counted(database))[0] == len(entries)
