"""What happens to the rows of a package of metadata: copied and merged in batches, by one transaction or by two."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from acuse.kernel.database import Database, Transaction
from acuse.mx.archivo.model import IngestReport
from acuse.mx.archivo.service.documents_run import Refusals
from acuse.mx.archivo.service.telling import Telling
from acuse.mx.archivo.store import IndexStore, statements
from acuse.mx.cfdi.index_rows import Rows, Taxpayer
from acuse.mx.cfdi.metadata_rows import METADATA_COLUMNS, TERCERO_COLUMNS

_ROWS_PER_MERGE: Final = 250_000  # short rows in no order: the more at once, the nearer together they are written

T = TypeVar("T")


class Lane:
    """One transaction, the rows that come by it, and what they brought."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.new = 0
        self.cancelled = 0


class MetadataRun:
    """The indexing of a package of metadata over its lanes.

    With two, each has half of all UUIDs, so none ever waits for what the other has not committed. For the same reason
    the parties they both need are then written in a transaction of their own, committed at once.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: IndexStore,
        telling: Telling,
        lanes: Sequence[Lane],
        contribuyente_id: int,
        taxpayer: Taxpayer,
        as_of: datetime,
        refusals: Refusals,
    ) -> None:
        self._database = database
        self._store = store
        self._telling = telling
        self._lanes = lanes
        self._contribuyente_id = contribuyente_id
        self._taxpayer = taxpayer
        self._as_of = as_of
        self._refusals = refusals
        self._read = self._copied = self._terceros = 0

    async def begin(self) -> None:
        """Make the tables that rows are copied into."""
        for lane in self._lanes:
            await self._store.be_patient(lane.tx)
            await self._store.begin(lane.tx, statements.INCOMING_METADATA)
            await self._store.begin(lane.tx, statements.INCOMING_TERCEROS)

    async def take(self, parts: Sequence[Rows]) -> None:
        """Copy rows of documents, a part for each lane; merge when enough have come together."""
        copied = await self._copy("incoming_metadata", METADATA_COLUMNS, parts)
        self._read += copied
        self._copied += copied
        if self._copied >= _ROWS_PER_MERGE:
            await self.flush()

    async def flush(self) -> None:
        """Merge what was copied of documents."""
        if not self._copied:
            return
        found = await _all(
            self._store.new_parties(each.tx, self._contribuyente_id, self._taxpayer) for each in self._lanes
        )
        parties = set().union(*found)
        if len(self._lanes) == 1:
            await self._store.add_parties(self._lanes[0].tx, self._contribuyente_id, parties)
        elif parties:
            async with self._database.transaction() as tx:
                await self._store.add_parties(tx, self._contribuyente_id, parties)
        await _all(map(self._merge, self._lanes))
        self._copied = 0

    async def take_terceros(self, parts: Sequence[Rows]) -> None:
        """Copy rows that tell on whose account documents were issued; merge when enough have come together."""
        self._terceros += await self._copy("incoming_terceros", TERCERO_COLUMNS, parts)
        if self._terceros >= _ROWS_PER_MERGE:
            await self.flush_terceros()

    async def flush_terceros(self) -> None:
        """Write on whose account documents were issued."""
        if self._terceros:
            await _all(self._store.merge_terceros(each.tx, self._contribuyente_id) for each in self._lanes)
        self._terceros = 0

    async def tell(self, lane: Lane, *, cancelled: bool) -> None:
        """Have told, with the transaction of a lane, what came by it; with what it found `cancelled` or without."""
        found = lane.cancelled if cancelled else 0
        await self._telling.of_package(lane.tx, self._contribuyente_id, new=lane.new, cancelled=found)

    def report(self, paquete_key: str) -> IngestReport:
        """Sum up."""
        new = sum(each.new for each in self._lanes)
        return IngestReport(
            paquete_key=paquete_key,
            read=self._read,
            new=new,
            duplicate=self._read - new,
            refused=self._refusals.count,
            refusals=self._refusals.kept,
        )

    async def _copy(self, table: str, columns: tuple[str, ...], parts: Sequence[Rows]) -> int:
        for part in parts:
            self._refusals.add(part.refused)
        await _all(
            self._store.copy(lane.tx, table, columns, part.block, null="")
            for lane, part in zip(self._lanes, parts, strict=True)
        )
        return sum(part.count for part in parts)

    async def _merge(self, lane: Lane) -> None:
        lane.cancelled += await self._telling.of_metadata(lane.tx, self._contribuyente_id, self._as_of)
        lane.new += await self._store.merge_metadata(lane.tx, self._contribuyente_id, self._taxpayer, self._as_of)


async def _all(acts: Iterable[Awaitable[T]]) -> list[T]:
    """Wait for all, even when one fails: no transaction is left while a statement of it runs."""
    done = await asyncio.gather(*acts, return_exceptions=True)
    found: list[T] = []
    for each in done:
        if isinstance(each, BaseException):
            raise each
        found.append(each)
    return found
