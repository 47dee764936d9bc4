"""What happens to the rows of a package of documents: copied and merged in batches, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from acuse.kernel.database import Transaction
from acuse.mx.archivo.model import IngestReport, Refusal
from acuse.mx.archivo.store import IndexStore, statements
from acuse.mx.archivo.store.indexing import Merged
from acuse.mx.cfdi.index_rows import XML_COLUMNS, Party, Refused, Rows

_ROWS_PER_MERGE: Final = 10_000
_REFUSALS_KEPT: Final = 200
_PARTIES_REMEMBERED: Final = 100_000

Merge = Callable[[int], Awaitable[Merged]]


class Refusals:
    """What was not indexed of one package: how much, and the first of it."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Refusal] = []

    def add(self, refused: Iterable[Refused]) -> None:
        """Count what was not indexed."""
        for each in refused:
            self.count += 1
            if len(self.kept) < _REFUSALS_KEPT:
                self.kept.append(Refusal(each.name, each.code, each.text))


class DocumentsRun:
    """The indexing of a package of documents: what was copied since the last merge, and the sums."""

    def __init__(self, store: IndexStore, tx: Transaction, contribuyente_id: int, merge: Merge) -> None:
        self._store = store
        self._tx = tx
        self._contribuyente_id = contribuyente_id
        self._merge = merge
        self._known: set[Party] = set()
        self._copied = 0
        self._read = self._new = self._duplicate = 0
        self._refusals = Refusals()

    async def begin(self) -> None:
        """Make the tables that rows are copied into."""
        for statement in (statements.INCOMING_XML, *statements.INCOMING_SIDE_TABLES):
            await self._store.begin(self._tx, statement)

    async def take(self, rows: Rows) -> None:
        """Copy some rows; merge when enough have come together."""
        self._refusals.add(rows.refused)
        fresh = [party for party in rows.parties if party not in self._known]
        await self._store.add_parties(self._tx, self._contribuyente_id, fresh)
        if len(self._known) < _PARTIES_REMEMBERED:
            self._known.update(fresh)
        await self._store.copy(self._tx, "incoming_xml", XML_COLUMNS, rows.block)
        for table, block in rows.side.items():
            await self._store.copy(self._tx, f"incoming_{table}", statements.INCOMING_SIDE[table], block)
        self._copied += rows.count
        self._read += rows.count
        if self._copied >= _ROWS_PER_MERGE:
            await self.flush()

    async def flush(self) -> None:
        """Merge what was copied."""
        if not self._copied:
            return
        merged = await self._merge(self._copied)
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
