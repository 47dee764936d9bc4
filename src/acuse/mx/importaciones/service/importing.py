"""Takes an archive in: looks at every file, packs what is new and the taxpayer's, has it indexed like a download."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database
from acuse.kernel.files import Files
from acuse.mx.archivo import ArchivoService
from acuse.mx.cfdi.errors import MetadataUnknown, PaqueteError
from acuse.mx.cfdi.identify import Unfit, identify, own_rows
from acuse.mx.cfdi.metadata import Block, Layout, open_table
from acuse.mx.contribuyentes import Contribuyente
from acuse.mx.contribuyentes.model import MEXICO_CITY
from acuse.mx.importaciones.model import Outcome, Report
from acuse.mx.importaciones.service.packing import Packs, RowPack
from acuse.mx.importaciones.service.sources import Document, Entered, Found, Skipped, Source, Table, Trouble
from acuse.mx.importaciones.store import KnownStore

_BATCH_DOCUMENTS: Final = 400
_BATCH_BYTES: Final = 8_000_000
_RECIBIDO: Final = "R"
_NEVER: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - zone set where it is used

Tell = Callable[[int, int], Awaitable[None]]
Storing = Callable[[str], Awaitable[None]]


async def _not_written(key: str) -> None:
    del key


async def _not_told(done: int, total: int) -> None:
    del done, total


class Importer:
    """Done twice, nothing is new; cut off anywhere, the next run takes what is left. A trial changes nothing."""

    def __init__(
        self, *, database: Database, known: KnownStore, archivo: ArchivoService, files: Files, cpu: CpuPool
    ) -> None:
        self._database = database
        self._known = known
        self._archivo = archivo
        self._files = files
        self._cpu = cpu

    async def run(
        self,
        taxpayer: Contribuyente,
        source: Source,
        *,
        trial: bool = False,
        tell: Tell = _not_told,
        own: Sequence[str] = (),
        storing: Storing = _not_written,
    ) -> Report:
        """Take an archive in and answer what was in it.

        `own` are the packages an earlier, cut off run of this import stored: what they hold counts as new.
        `storing` is called with the key of a package before it is stored. Raises ImportPathMissing.
        """
        errand = _Errand(self, taxpayer, trial=trial, own=own, storing=storing)
        total = await asyncio.to_thread(source.count)
        walk = source.walk()
        done = 0
        while batch := await asyncio.to_thread(_take, walk):
            done += sum(isinstance(each, Entered) for each in batch)
            await errand.take(batch)
            await tell(done, total)
        await errand.finish()
        return errand.report

    async def places(self, contribuyente_id: int, uuids: Sequence[str]) -> dict[str, str]:
        """Answer in which package the XMLs lie that are here already."""
        async with self._database.transaction() as tx:
            return await self._known.places(tx, contribuyente_id, [UUID(each) for each in uuids])

    async def rows_known(self, contribuyente_id: int, uuids: Sequence[str]) -> int:
        """Count which of these CFDIs are known."""
        async with self._database.transaction() as tx:
            return await self._known.count(tx, contribuyente_id, [UUID(each) for each in uuids])

    async def store(self, key: str, data: bytes, storing: Storing) -> None:
        """Put a package into the storage, written down before."""
        await storing(key)
        await self._files.put(key, data)

    @property
    def archivo(self) -> ArchivoService:
        """Answer who indexes."""
        return self._archivo

    @property
    def cpu(self) -> CpuPool:
        """Answer who reads."""
        return self._cpu


class _Errand:
    """One run over one archive."""

    def __init__(
        self, importer: Importer, taxpayer: Contribuyente, *, trial: bool, own: Sequence[str], storing: Storing
    ) -> None:
        self.report = Report()
        self._importer = importer
        self._taxpayer = taxpayer
        self._rfc = str(taxpayer.rfc)
        self._trial = trial
        self._own = frozenset(own)
        self._storing = storing
        self._packs = Packs()
        self._seen: set[bytes] = set()
        self._year = _NEVER.year

    async def take(self, batch: Sequence[Found]) -> None:
        """Take some of what was found; a table is always the last of its batch."""
        documents = []
        for each in batch:
            if isinstance(each, Document):
                documents.append(each)
            elif isinstance(each, Trouble):
                self.report.unreadable += 1
                self.report.tell(each.name, Outcome.UNREADABLE, each.code, each.text)
            elif isinstance(each, Skipped):
                self.report.ignored += 1
        if documents:
            await self._documents(documents)
        if batch and isinstance(batch[-1], Table):
            await self._table(batch[-1])

    async def finish(self) -> None:
        """Store what is left."""
        for pack in self._packs.rest():
            await self._index(pack.year, pack.close())

    async def _documents(self, documents: Sequence[Document]) -> None:
        told = await self._importer.cpu.run(identify, [each.content for each in documents], self._rfc)
        fit = []
        for document, what in zip(documents, told, strict=True):
            if isinstance(what, Unfit):
                self.report.unreadable += 1
                self.report.tell(document.name, Outcome.UNREADABLE, what.code, what.text)
            elif not what.ours:
                self.report.foreign += 1
                self.report.tell(document.name, Outcome.FOREIGN)
            else:
                fit.append((document, what))
        places = await self._importer.places(self._taxpayer.id, [what.uuid for _, what in fit])
        for document, what in fit:
            key = UUID(what.uuid).bytes
            place = places.get(what.uuid)
            if key in self._seen or (place is not None and place not in self._own):
                self.report.known += 1
                continue
            self.report.new += 1
            self._seen.add(key)
            if place is None and not self._trial:
                full = self._packs.add(what.fecha.year, what.uuid, document.content)
                if full is not None:
                    await self._index(full.year, full.close())

    async def _index(self, year: int, data: bytes) -> None:
        key = await self._stored(year, "cfdi", data)
        await self._importer.archivo.ingest_xml_package(self._taxpayer.id, key, _RECIBIDO)

    async def _table(self, table: Table) -> None:
        reading = open_table(table.pieces)
        pack: RowPack | None = None
        layout: Layout | None = None
        try:
            while (each := await asyncio.to_thread(next, reading, None)) is not None:
                if isinstance(each, Layout):
                    layout = each
                elif layout is not None:
                    pack = await self._rows(table.name, layout, each, pack)
        except (MetadataUnknown, PaqueteError) as fault:
            self.report.unreadable += 1
            self.report.tell(table.name, Outcome.UNREADABLE, fault.code, fault.text)
        except OSError:
            self.report.unreadable += 1
            self.report.tell(table.name, Outcome.UNREADABLE, "FILE_UNREADABLE", "El sistema no dejó leer el archivo.")
        if pack is not None:
            await self._index_rows(pack)

    async def _rows(self, name: str, layout: Layout, block: Block, pack: RowPack | None) -> RowPack | None:
        found = await self._importer.cpu.run(own_rows, layout, block, self._rfc)
        self.report.rows_foreign += found.foreign
        self.report.rows_unreadable += len(found.unfit)
        for unfit in found.unfit:
            self.report.tell(f"{name}, {unfit.name}", Outcome.UNREADABLE, unfit.code, unfit.text)
        if found.foreign:
            self.report.tell(name, Outcome.FOREIGN, "", f"{found.foreign} renglones")
        if self._trial:
            known = await self._importer.rows_known(self._taxpayer.id, found.uuids)
            self.report.rows_known += known
            self.report.rows_new += len(found.uuids) - known
            return None
        if not found.data:
            return pack
        pack = pack or RowPack(layout.tercero)
        if pack.add(found.data, len(found.uuids), found.newest, found.first):
            await self._index_rows(pack)
            return None
        return pack

    async def _index_rows(self, pack: RowPack) -> None:
        """Have metadata indexed as told at the last moment it speaks of: what is known to be later still holds.

        The second table has no dates: it lies beside the first.
        """
        newest = (pack.newest or _NEVER).replace(tzinfo=MEXICO_CITY)
        self._year = self._year if pack.first is None else pack.first.year
        key = await self._stored(self._year, "metadata", pack.close())
        report = await self._importer.archivo.ingest_metadata_package(
            self._taxpayer.id, key, _RECIBIDO, as_of=newest.astimezone(UTC)
        )
        if pack.tercero:
            return
        fresh = report.new if not report.already or key in self._own else 0
        self.report.rows_new += fresh
        self.report.rows_known += report.read - fresh

    async def _stored(self, year: int, kind: str, data: bytes) -> str:
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        key = f"clientes/{self._rfc}/{year}/paquetes/{kind}/importado-{digest[:24]}.zip"
        await self._importer.store(key, data, self._storing)
        return key


def _take(walk: Iterator[Found]) -> list[Found]:
    """Answer the next of what is found, as much as may be in memory; a table ends it."""
    batch: list[Found] = []
    held = count = 0
    for each in walk:
        batch.append(each)
        if isinstance(each, Table):
            break
        if isinstance(each, Document):
            held += len(each.content)
            count += 1
        if held >= _BATCH_BYTES or count >= _BATCH_DOCUMENTS or len(batch) >= 4 * _BATCH_DOCUMENTS:
            break
    return batch
