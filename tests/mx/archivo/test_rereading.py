"""Packages an older reader read are read again: what it did not tell is told, once, wherever it is cut off."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.mx.archivo import ArchivoService
from acuse.mx.archivo.jobs import jobs
from acuse.mx.archivo.model import Reread
from acuse.mx.archivo.service import RereadingService
from acuse.mx.contribuyentes import AccessLevelTooLow
from acuse.mx.contribuyentes.service import ContribuyentesService
from tests.mx.archivo.conftest import Office, Put
from tests.mx.archivo.test_killed import wait_until_it_waits
from tests.support.cfdis import TAXPAYER, an_xml_package, entries_of

TABLES = ("cfdi", "pagos", "pago_documentos", "cfdi_month_payments", "cfdi_months")
OLDER = (
    "update cfdi set detalle = null, complementos = null, pagado_mxn = null, iva_trasladado = null, moneda = 'VIEJA'",
    "delete from pagos",
    "delete from pago_documentos",
    "delete from cfdi where folio like '%7'",
    "update indexed_paquetes set reader = 0, new = 0, refused = 3, refusals = '[]'",
)
INDEXING = 5_010


@pytest.fixture
def rereading(archive: ArchivoService, contribuyentes: ContribuyentesService, database: Database) -> RereadingService:
    events = Events()
    made = RereadingService(database=database, indexer=archive.indexer, contribuyentes=contribuyentes, events=events)
    events.subscribe(jobs(made))
    return made


async def told(archive: ArchivoService, database: Database) -> dict[str, list[Any]]:
    """Everything the index says, figures by month included."""
    await archive.counts(SYSTEM)
    found = {}
    async with database.transaction() as tx:
        for table in TABLES:
            rows = await tx.execute(text(f"select * from {table}"))
            found[table] = sorted(tuple(map(str, row)) for row in rows)
    return found


async def as_an_older_reader(database: Database) -> None:
    """Leave of the index what a reader would have written that knew neither payments nor complements."""
    async with database.transaction() as tx:
        for statement in OLDER:
            await tx.execute(text(statement))


async def read(rereading: RereadingService, *, rfc: str | None = None, every: bool = False) -> Reread:
    return await rereading.run(SYSTEM, rfc=rfc, every=every, tell=lambda _done, _total: None)


async def readers(database: Database) -> list[int]:
    async with database.transaction() as tx:
        return list((await tx.execute(text("select reader from indexed_paquetes order by id"))).scalars())


async def test_what_an_older_reader_did_not_tell_is_told(
    archive: ArchivoService, rereading: RereadingService, office: Office, put: Put, database: Database
) -> None:
    for side in "ER":
        await archive.ingest_xml_package(office.kemper, await put(side, an_xml_package(entries_of(side))), side)
    wanted = await told(archive, database)
    assert all(wanted[table] for table in TABLES)
    await as_an_older_reader(database)
    lost = len(wanted["cfdi"]) - len((await told(archive, database))["cfdi"])
    assert lost
    assert await rereading.count() == 2
    done = await read(rereading)
    assert (done.packages, done.documents, done.new, done.unread) == (2, len(wanted["cfdi"]), lost, [])
    assert await told(archive, database) == wanted
    assert await rereading.count() == 0
    assert (await read(rereading)).packages == 0
    assert (await read(rereading, every=True)).packages == 2
    assert await told(archive, database) == wanted


async def test_a_document_kept_from_another_package_stays(
    archive: ArchivoService, rereading: RereadingService, office: Office, put: Put, database: Database
) -> None:
    entries = entries_of("E")
    for name in ("first", "second"):
        await archive.ingest_xml_package(office.kemper, await put(name, an_xml_package(entries)), "E")
    wanted = await told(archive, database)
    async with database.transaction() as tx:
        await tx.execute(text("update indexed_paquetes set reader = 0 where paquete_key like '%second%'"))
    assert (await read(rereading)).packages == 1
    assert await told(archive, database) == wanted


async def test_one_that_is_gone_is_told_and_the_rest_goes_on(
    archive: ArchivoService, rereading: RereadingService, office: Office, put: Put, database: Database, files: Files
) -> None:
    keys = [await put(side, an_xml_package(entries_of(side))) for side in "ER"]
    for side, key in zip("ER", keys, strict=True):
        await archive.ingest_xml_package(office.kemper, key, side)
    await as_an_older_reader(database)
    await files.delete(keys[0])
    done = await read(rereading)
    assert [(paquete.key, code) for paquete, code, _ in done.unread] == [(keys[0], "FILE_NOT_FOUND")]
    assert done.packages == 1
    assert await rereading.count() == 1


async def test_who_may_only_look_may_not_have_it_read_again(
    archive: ArchivoService, rereading: RereadingService, office: Office, put: Put, database: Database
) -> None:
    await archive.ingest_xml_package(office.kemper, await put("a", an_xml_package(entries_of("E"))), "E")
    await as_an_older_reader(database)
    with pytest.raises(AccessLevelTooLow):
        await rereading.run(office.bob, rfc=TAXPAYER.rfc, tell=lambda _done, _total: None)
    assert (await rereading.run(office.bob, tell=lambda _done, _total: None)).packages == 0
    assert (await rereading.run(office.alice, tell=lambda _done, _total: None)).packages == 1


async def test_the_night_has_a_job_for_each_of_them_once(
    archive: ArchivoService, rereading: RereadingService, office: Office, put: Put, database: Database
) -> None:
    for side in "ER":
        await archive.ingest_xml_package(office.kemper, await put(side, an_xml_package(entries_of(side))), side)
    await as_an_older_reader(database)
    assert await rereading.publish_outdated() == await rereading.publish_outdated() == 2
    async with database.transaction() as tx:
        waiting = await tx.execute(text("select args->>'indexed_paquete_id' from procrastinate_jobs order by id"))
        ids = [int(each) for each in waiting.scalars()]
    assert len(ids) == 2
    await rereading.reread(ids[0])
    await rereading.reread(ids[0])
    assert await readers(database) == [1, 0]


async def test_killed_between_two_it_goes_on_where_it_was(
    archive: ArchivoService,
    rereading: RereadingService,
    office: Office,
    put: Put,
    database: Database,
    environment: dict[str, str],
) -> None:
    """The command itself is killed while it waits for its second package, whose taxpayer is being indexed."""
    await archive.ingest_xml_package(office.kemper, await put("E", an_xml_package(entries_of("E"))), "E")
    await archive.ingest_xml_package(office.other, await put("R", an_xml_package(entries_of("R"))), "R")
    wanted = await told(archive, database)
    await as_an_older_reader(database)
    async with database.transaction() as lock:
        held = {"space": INDEXING, "id": office.other}
        await lock.execute(text("select pg_advisory_xact_lock(:space, hashint8(:id))"), held)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from acuse.cli import main; main()", "archivo", "reindex",
            cwd=Path(__file__).parents[3], env=os.environ | environment | {"PYTHONPATH": "src"},
        )  # fmt: skip
        await wait_until_it_waits(database, "advisory")
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    assert await readers(database) == [1, 0]
    assert (await read(rereading)).packages == 1
    assert await told(archive, database) == wanted
