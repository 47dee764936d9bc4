"""Makes the file of an export, a stretch at a time: each is safe in the storage before the next begins."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import AppError
from acuse.kernel.files import Files
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.archivo.store import IndexStore
from acuse.mx.contribuyentes import ContribuyenteNotFound, ContribuyentesService, Departures
from acuse.mx.exportaciones.model import Estado, Exportacion, Formato, Part, Progress, Taxpayer
from acuse.mx.exportaciones.service.documents import ZipWriter
from acuse.mx.exportaciones.service.everything import EverythingWriter
from acuse.mx.exportaciones.service.workbook import ROWS_PER_SHEET, WorkbookWriter
from acuse.mx.exportaciones.service.writing import CsvWriter, Writer
from acuse.mx.exportaciones.store import ExportStore, PackageLine, ReadingStore
from acuse.mx.exportaciones.tables import ExportacionRow

FOLDER: Final = "exportaciones"
_STRETCH: Final = 2_000
_LATE: Final = (
    "Se guardaron CFDI mientras se hacía, así que no vale para eliminar al contribuyente. Pide otra para eso."
)


class Maker:
    """Killed anywhere, the next run goes on after the last stretch that was kept."""

    def __init__(
        self,
        *,
        database: Database,
        store: ExportStore,
        reading: ReadingStore,
        index: IndexStore,
        contribuyentes: ContribuyentesService,
        departures: Departures,
        files: Files,
        clock: Clock,
        life_h: int,
    ) -> None:
        self._database = database
        self._store = store
        self._reading = reading
        self._index = index
        self._contribuyentes = contribuyentes
        self._departures = departures
        self._files = files
        self._clock = clock
        self._life = timedelta(hours=life_h)
        self.stretch = _STRETCH
        """How many rows are written at a time."""
        self.rows_per_sheet = ROWS_PER_SHEET

    async def make(self, export_id: UUID) -> None:
        """Make an export to its end; harmless when it has ended. What stops it is written on it and raised."""
        try:
            await self.begin(export_id)
            while await self._step(export_id):
                pass
        except AppError as error:
            await self._stopped(export_id, error)
            raise

    async def begin(self, export_id: UUID) -> None:
        """Write once from which instant on things may be missing in it."""
        async with self._database.transaction() as tx:
            row = await self._running(tx, export_id)
            if row is None or row.started_at is not None:
                return
            progress = Progress.read(row.progress)
            if row.formato == Formato.EVERYTHING.value:
                progress.settled = await self._settled(tx, row)
            row.started_at = row.moved_at = self._clock.now()
            row.progress = progress.keep()

    async def _step(self, export_id: UUID) -> bool:
        """Write the next stretch, or the end; answer whether there is more to do."""
        async with self._database.transaction() as tx:
            export = await self._store.get(tx, export_id)
            row = await self._running(tx, export_id, lock=False)
            if export is None or row is None:
                return False
            progress = Progress.read(row.progress)
            packages: Sequence[PackageLine] = ()
            if export.formato is Formato.EVERYTHING:
                packages = await self._reading.packages(tx, export.taxpayers[0])
        was = row.progress
        writer = self._writer(export, packages)
        if progress.place < len(export.taxpayers):
            stored = await self._put_all(export_id, self._rows(export, progress, writer))
            return await self._keep(export_id, was, progress, stored)
        stored = await self._put_all(export_id, writer.finish(export, progress))
        await self._end(export_id, was, stored)
        return False

    def _writer(self, export: Exportacion, packages: Sequence[PackageLine]) -> Writer:
        if export.formato is Formato.EVERYTHING:
            return EverythingWriter(export, self._files, packages)
        if export.formato is Formato.ZIP:
            return ZipWriter(export, self._files)
        return WorkbookWriter(self.rows_per_sheet) if export.formato is Formato.XLSX else CsvWriter()

    async def _rows(self, export: Exportacion, progress: Progress, writer: Writer) -> AsyncIterator[Part]:
        taxpayer = export.taxpayers[progress.place]
        wanted = CfdiQuery.model_validate(export.wanted).filter()
        if (await self._contribuyentes.get(taxpayer.id)).rfc.text != taxpayer.rfc:
            raise ContribuyenteNotFound(rfc=taxpayer.rfc)
        async with self._database.transaction() as tx:
            lines = await self._reading.stretch(
                tx, taxpayer, wanted, progress.after, self.stretch, as_text=writer.as_text
            )
        if len(lines) < self.stretch:
            progress.place, progress.after = progress.place + 1, None
        else:
            progress.after = (lines[-1].fecha.isoformat(), str(lines[-1].uuid))
        if lines:
            async for part in writer.stretch(lines, progress):
                yield part

    async def _put_all(self, export_id: UUID, parts: AsyncIterator[Part]) -> list[tuple[int, str, int]]:
        """Store parts under names nobody else uses: of two runs at once, one's parts are kept."""
        stored = []
        async for part in parts:
            if part.data:
                key = f"{FOLDER}/{export_id}/{secrets.token_hex(12)}.part"
                await self._files.put(key, part.data)
                stored.append((part.rank, key, len(part.data)))
        return stored

    async def _keep(self, export_id: UUID, was: object, progress: Progress, stored: list[tuple[int, str, int]]) -> bool:
        """Write how far it is, unless another run was faster or it was cancelled."""
        async with self._database.transaction() as tx:
            row = await self._running(tx, export_id)
            if row is not None and row.progress == was:
                row.progress, row.problem, row.moved_at = progress.keep(), None, self._clock.now()
                await self._store.add_parts(tx, export_id, stored)
                return True
        await self._drop(stored)
        return row is not None

    async def _end(self, export_id: UUID, was: object, stored: list[tuple[int, str, int]]) -> None:
        async with self._database.transaction() as tx:
            row = await self._running(tx, export_id)
            if row is not None and row.progress == was:
                await self._store.add_parts(tx, export_id, stored)
                row.size_bytes = await self._store.size(tx, export_id)
                now = self._clock.now()
                row.estado, row.problem = Estado.READY.value, None
                row.finished_at = row.moved_at = now
                row.expires_at = now + self._life
                if row.formato == Formato.EVERYTHING.value:
                    row.problem = await self._note(tx, row)
                return
        await self._drop(stored)

    async def _note(self, tx: Transaction, row: ExportacionRow) -> str | None:
        """Let the taxpayer be removed from now on, if nothing was stored since the beginning."""
        if await self._settled(tx, row) != Progress.read(row.progress).settled:
            return _LATE
        started_at: datetime | None = row.started_at
        assert started_at is not None
        for each in row.taxpayers:
            await self._departures.note_export(tx, Taxpayer(*each).id, as_of=started_at)
        return None

    async def _settled(self, tx: Transaction, row: ExportacionRow) -> dict[str, int]:
        return {each[1]: await self._index.settled(tx, each[0]) for each in row.taxpayers}

    async def _stopped(self, export_id: UUID, error: AppError) -> None:
        async with self._database.transaction() as tx:
            row = await self._running(tx, export_id)
            if row is None:
                return
            row.problem, row.moved_at = error.text, self._clock.now()
            if not error.retryable:
                row.estado, row.finished_at = Estado.FAILED.value, self._clock.now()
                row.expires_at = self._clock.now() + self._life

    async def _running(self, tx: Transaction, export_id: UUID, *, lock: bool = True) -> ExportacionRow | None:
        row = await self._store.row(tx, export_id, lock=lock)
        return row if row is not None and row.estado == Estado.RUNNING.value else None

    async def _drop(self, stored: list[tuple[int, str, int]]) -> None:
        with suppress(AppError):  # what stays is swept away later
            for _, key, _ in stored:
                await self._files.delete(key)
