"""Indexes one package: read by the process pool a little ahead of the database, whole or not at all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from acuse.kernel.clock import Clock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database, Transaction
from acuse.kernel.files import Files
from acuse.mx.archivo.model import Direction, IngestReport, StoredPaquete
from acuse.mx.archivo.service.documents_run import DocumentsRun, Merge, Refusals
from acuse.mx.archivo.service.metadata_run import Lane, MetadataRun
from acuse.mx.archivo.service.telling import Telling
from acuse.mx.archivo.store import IndexStore, RereadingStore
from acuse.mx.cfdi.errors import MemberUnreadable, MetadataUnknown
from acuse.mx.cfdi.index_rows import Refused, Rows, Taxpayer, xml_rows
from acuse.mx.cfdi.metadata import Block, Layout, open_table
from acuse.mx.cfdi.metadata_rows import metadata_rows
from acuse.mx.cfdi.paquete import Kind, Paquete, kind_of
from acuse.mx.cfdi.zip_directory import Entry

_DOCUMENTS_PER_TASK: Final = 1_000
_TASKS_AHEAD: Final = 6  # what the pool has to do while a merge runs
_LARGE_TABLE_BYTES: Final = 32_000_000  # some 150,000 rows: from here on two transactions are worth their connections

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, T]]


class Indexer:
    """Brings the content of packages into the index. Idempotent by package and by UUID."""

    def __init__(
        self, *, database: Database, store: IndexStore, files: Files, cpu: CpuPool, telling: Telling, clock: Clock
    ) -> None:
        self._database = database
        self._store = store
        self._files = files
        self._cpu = cpu
        self._telling = telling
        self._clock = clock
        self._rereading = RereadingStore()
        self._second_lane = asyncio.Lock()

    async def index_xml(self, contribuyente_id: int, rfc: str, paquete_key: str, direction: Direction) -> IngestReport:
        """Index a package of documents."""
        taxpayer = Taxpayer(rfc, direction.value)
        async with self._files.on_disk(paquete_key) as path, self._database.transaction() as tx:
            claimed = await self._store.claim(
                tx, contribuyente_id, paquete_key, "xml", direction.value, self._clock.now()
            )
            if isinstance(claimed, IngestReport):
                return claimed
            merge = partial(self._store.merge_xml, tx, contribuyente_id, claimed)
            report = await self._documents(tx, contribuyente_id, taxpayer, paquete_key, path, merge)
            await self._store.finish(tx, claimed, report)
            await self._telling.of_package(tx, contribuyente_id, new=report.new, cancelled=0)
        return report

    async def reread(self, paquete: StoredPaquete) -> IngestReport | None:
        """Read a package of documents again as this reader reads; None when somebody else did meanwhile.

        What it tells replaces what was told of the documents kept from this package, and what could not be read then
        is indexed now. A document kept from another package stays as it is.
        """
        async with self._files.on_disk(paquete.key) as path, self._database.transaction() as tx:
            await self._store.one_at_a_time(tx, paquete.contribuyente_id)
            if await self._rereading.get(tx, paquete.id) is None:
                return None
            replace = self._rereading.replace
            merge = partial(self._store.merge_xml, tx, paquete.contribuyente_id, paquete.id, replace=replace)
            taxpayer = Taxpayer(paquete.rfc, paquete.direction.value)
            report = await self._documents(tx, paquete.contribuyente_id, taxpayer, paquete.key, path, merge)
            await self._rereading.finish(tx, paquete.id, report)
            await self._telling.of_package(tx, paquete.contribuyente_id, new=report.new, cancelled=0)
        return report

    async def _documents(
        self, tx: Transaction, contribuyente_id: int, taxpayer: Taxpayer, key: str, path: Path, merge: Merge
    ) -> IngestReport:
        run = DocumentsRun(self._store, tx, contribuyente_id, merge)
        await run.begin()
        with Paquete.open(path) as paquete:
            work = (
                partial(self._cpu.run, xml_rows, path, span, taxpayer)
                for span in paquete.spans(Kind.XML, _DOCUMENTS_PER_TASK)
            )
            await self._feed(run.take, work)
        await run.flush()
        return run.report(key)

    async def index_metadata(
        self,
        contribuyente_id: int,
        taxpayer: Taxpayer,
        paquete_key: str,
        as_of: datetime,
        *,
        tell: bool,
    ) -> IngestReport:
        """Index a package of metadata, told by the SAT at the instant `as_of`."""
        async with self._files.on_disk(paquete_key) as path, self._database.transaction() as tx:
            claimed = await self._store.claim(
                tx, contribuyente_id, paquete_key, "metadata", taxpayer.direction, self._clock.now()
            )
            if isinstance(claimed, IngestReport):
                return claimed
            refusals = Refusals()
            with Paquete.open(path) as paquete:
                tables = _tables(paquete, refusals)
                async with self._lanes(tx, tables) as lanes:
                    run = MetadataRun(
                        database=self._database,
                        store=self._store,
                        telling=self._telling,
                        lanes=lanes,
                        contribuyente_id=contribuyente_id,
                        taxpayer=taxpayer,
                        as_of=as_of,
                        refusals=refusals,
                    )
                    await run.begin()
                    for wanted, take in ((False, run.take), (True, run.take_terceros)):
                        for entry, layout in tables:
                            if layout.tercero is wanted:
                                await self._feed(take, self._blocks(paquete, entry, taxpayer, halved=len(lanes) > 1))
                        await run.flush()
                    await run.flush_terceros()
                    for lane in lanes[1:]:
                        await run.tell(lane, cancelled=tell)
            report = run.report(paquete_key)
            await self._store.finish(tx, claimed, report)
            await run.tell(lanes[0], cancelled=tell)
        return report

    @asynccontextmanager
    async def _lanes(self, tx: Transaction, tables: list[tuple[Entry, Layout]]) -> AsyncIterator[list[Lane]]:
        """Answer the caller's transaction, and for a large package one beside it, committed when the block ends.

        The caller's is the last to be committed, with the ledger's row: killed between the two, the package is indexed
        again, which changes nothing of the half that is there. One package at a time has two, so that many together
        do not take all connections.
        """
        size = sum(entry.size_bytes for entry, layout in tables if not layout.tercero)
        if size < _LARGE_TABLE_BYTES or self._second_lane.locked():
            yield [Lane(tx)]
            return
        async with self._second_lane, self._database.transaction() as second:
            yield [Lane(tx), Lane(second)]

    def _blocks(
        self, paquete: Paquete, entry: Entry, taxpayer: Taxpayer, *, halved: bool
    ) -> Iterator[Work[list[Rows]]]:
        read = partial(metadata_rows, halved=halved)
        layout: Layout | None = None
        for each in open_table(paquete.stream(entry)):
            if isinstance(each, Layout):
                layout = each
            elif layout is not None:
                yield partial(self._cpu.run, read, layout, each, taxpayer.efecto)

    async def _feed(self, take: Callable[[T], Awaitable[None]], work: Iterator[Work[T]]) -> None:
        """Keep the pool busy a little ahead of the database, and no further: memory stays bounded."""
        ahead: deque[asyncio.Task[T]] = deque()
        try:
            for start in work:
                ahead.append(asyncio.create_task(start()))
                if len(ahead) >= 2 * self._cpu.workers + _TASKS_AHEAD:
                    await take(await ahead.popleft())
                else:
                    await asyncio.sleep(0)
            while ahead:
                await take(await ahead.popleft())
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)


def _tables(paquete: Paquete, refusals: Refusals) -> list[tuple[Entry, Layout]]:
    """Find the tables of a metadata package by their first line; other text files are told, not read."""
    found: list[tuple[Entry, Layout]] = []
    for entry in paquete.entries():
        try:
            if kind_of(entry) is Kind.TABLE:
                found.append((entry, _layout(paquete, entry)))
        except (MetadataUnknown, MemberUnreadable) as fault:
            refusals.add([Refused(entry.name, fault.code, fault.text)])
    return found


def _layout(paquete: Paquete, entry: Entry) -> Layout:
    first: Layout | Block = next(open_table(paquete.stream(entry)))
    if not isinstance(first, Layout):
        raise MetadataUnknown
    return first
