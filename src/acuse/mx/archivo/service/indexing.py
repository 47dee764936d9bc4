"""Indexes one package: read by the process pool, copied and merged in batches, all in one transaction."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from acuse.kernel.clock import Clock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database, Transaction
from acuse.kernel.files import Files
from acuse.mx.archivo.model import Direction, IngestReport, Refusal, StoredPaquete
from acuse.mx.archivo.service.telling import Telling
from acuse.mx.archivo.store import IndexStore, RereadingStore, statements
from acuse.mx.archivo.store.indexing import Merged
from acuse.mx.cfdi.copy_text import NULL
from acuse.mx.cfdi.errors import MemberUnreadable, MetadataUnknown
from acuse.mx.cfdi.index_rows import XML_COLUMNS, Party, Refused, Rows, Taxpayer, xml_rows
from acuse.mx.cfdi.metadata import Block, Layout, open_table
from acuse.mx.cfdi.metadata_rows import METADATA_COLUMNS, TERCERO_COLUMNS, metadata_rows
from acuse.mx.cfdi.paquete import Kind, Paquete, kind_of
from acuse.mx.cfdi.zip_directory import Entry

_DOCUMENTS_PER_TASK: Final = 1_000
_TASKS_AHEAD: Final = 6  # what the pool has to do while a merge runs
_ROWS_PER_MERGE: Final = 10_000
_METADATA_PER_MERGE: Final = 250_000  # short rows in no order: the more at once, the nearer together they are written
_REFUSALS_KEPT: Final = 200
_PARTIES_REMEMBERED: Final = 100_000

Work = Callable[[], Coroutine[Any, Any, Rows]]
Merge = Callable[[int], Awaitable[Merged]]


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
        for statement in (statements.INCOMING_XML, *statements.INCOMING_SIDE_TABLES):
            await self._store.begin(tx, statement)
        run = _Run(self._store, tx, contribuyente_id, "incoming_xml", XML_COLUMNS, _Refusals())
        run.merge = merge
        with Paquete.open(path) as paquete:
            work = (
                partial(self._cpu.run, xml_rows, path, span, taxpayer)
                for span in paquete.spans(Kind.XML, _DOCUMENTS_PER_TASK)
            )
            await self._feed(run, work)
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
            await self._store.begin(tx, statements.INCOMING_METADATA)
            await self._store.begin(tx, statements.INCOMING_TERCEROS)
            refusals = _Refusals()
            main = _Run(
                self._store,
                tx,
                contribuyente_id,
                "incoming_metadata",
                METADATA_COLUMNS,
                refusals,
                null="",
                rows_per_merge=_METADATA_PER_MERGE,
            )
            cancelled = 0

            async def merge(copied: int) -> Merged:
                nonlocal cancelled
                cancelled += await self._telling.of_metadata(tx, contribuyente_id, as_of)
                return await self._store.merge_metadata(tx, contribuyente_id, taxpayer, as_of, copied)

            main.merge = merge
            second = _Run(self._store, tx, contribuyente_id, "incoming_terceros", TERCERO_COLUMNS, refusals, null="")
            second.merge = partial(_merge_terceros, self._store, tx, contribuyente_id)
            with Paquete.open(path) as paquete:
                tables = _tables(paquete, refusals)
                for wanted, run in ((False, main), (True, second)):
                    for entry, layout in tables:
                        if layout.tercero is wanted:
                            await self._feed(run, self._blocks(paquete, entry, taxpayer))
            report = main.report(paquete_key)
            await self._store.finish(tx, claimed, report)
            told = cancelled if tell else 0
            await self._telling.of_package(tx, contribuyente_id, new=report.new, cancelled=told)
        return report

    def _blocks(self, paquete: Paquete, entry: Entry, taxpayer: Taxpayer) -> Iterator[Work]:
        layout: Layout | None = None
        for each in open_table(paquete.stream(entry)):
            if isinstance(each, Layout):
                layout = each
            elif layout is not None:
                yield partial(self._cpu.run, metadata_rows, layout, each, taxpayer.efecto)

    async def _feed(self, run: _Run, work: Iterator[Work]) -> None:
        """Keep the pool busy a little ahead of the database, and no further: memory stays bounded."""
        ahead: deque[asyncio.Task[Rows]] = deque()
        try:
            for start in work:
                ahead.append(asyncio.create_task(start()))
                if len(ahead) >= 2 * self._cpu.workers + _TASKS_AHEAD:
                    await run.take(await ahead.popleft())
                else:
                    await asyncio.sleep(0)
            while ahead:
                await run.take(await ahead.popleft())
            await run.flush()
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)


class _Refusals:
    """What was not indexed of one package: how much, and the first of it."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Refusal] = []

    def add(self, refused: Refused) -> None:
        """Count something that was not indexed."""
        self.count += 1
        if len(self.kept) < _REFUSALS_KEPT:
            self.kept.append(Refusal(refused.name, refused.code, refused.text))


class _Run:
    """The indexing of one table of one package: what was copied since the last merge, and the sums."""

    merge: Merge

    def __init__(
        self,
        store: IndexStore,
        tx: Transaction,
        contribuyente_id: int,
        table: str,
        columns: tuple[str, ...],
        refusals: _Refusals,
        *,
        null: str = NULL,
        rows_per_merge: int = _ROWS_PER_MERGE,
    ) -> None:
        self._store = store
        self._tx = tx
        self._contribuyente_id = contribuyente_id
        self._table = table
        self._columns = columns
        self._null = null
        self._rows_per_merge = rows_per_merge
        self._known: set[Party] = set()
        self._copied = 0
        self._read = self._new = self._duplicate = 0
        self._refusals = refusals

    async def take(self, rows: Rows) -> None:
        """Copy some rows; merge when enough have come together."""
        for refused in rows.refused:
            self._refusals.add(refused)
        fresh = [party for party in rows.parties if party not in self._known]
        await self._store.add_parties(self._tx, self._contribuyente_id, fresh)
        if len(self._known) < _PARTIES_REMEMBERED:
            self._known.update(fresh)
        await self._store.copy(self._tx, self._table, self._columns, rows.block, null=self._null)
        for table, block in rows.side.items():
            await self._store.copy(self._tx, f"incoming_{table}", statements.INCOMING_SIDE[table], block)
        self._copied += rows.count
        self._read += rows.count
        if self._copied >= self._rows_per_merge:
            await self.flush()

    async def flush(self) -> None:
        """Merge what was copied."""
        if not self._copied:
            return
        merged = await self.merge(self._copied)
        self._new += merged.new
        self._duplicate += merged.duplicate
        self._copied = 0

    def report(self, paquete_key: str) -> IngestReport:
        """Sum up."""
        return IngestReport(
            paquete_key=paquete_key,
            read=self._read,
            new=self._new,
            duplicate=self._duplicate,
            refused=self._refusals.count,
            refusals=self._refusals.kept,
        )


def _tables(paquete: Paquete, refusals: _Refusals) -> list[tuple[Entry, Layout]]:
    """Find the tables of a metadata package by their first line; other text files are told, not read."""
    found: list[tuple[Entry, Layout]] = []
    for entry in paquete.entries():
        try:
            if kind_of(entry) is Kind.TABLE:
                found.append((entry, _layout(paquete, entry)))
        except (MetadataUnknown, MemberUnreadable) as fault:
            refusals.add(Refused(entry.name, fault.code, fault.text))
    return found


def _layout(paquete: Paquete, entry: Entry) -> Layout:
    first: Layout | Block = next(open_table(paquete.stream(entry)))
    if not isinstance(first, Layout):
        raise MetadataUnknown
    return first


async def _merge_terceros(store: IndexStore, tx: Transaction, contribuyente_id: int, copied: int) -> Merged:
    await store.merge_terceros(tx, contribuyente_id)
    return Merged(0, copied)
