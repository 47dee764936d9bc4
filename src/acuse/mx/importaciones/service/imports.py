"""Uploaded archives: kept until they are taken in, by a job that can be cut off anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from acuse.kernel.audit import SYSTEM, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import AppError
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.mx.contribuyentes import AccessLevel, Contribuyente, ContribuyentesService
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.importaciones.errors import ImportEnded, ImportNotAZip, ImportNotFound
from acuse.mx.importaciones.events import ImportDue
from acuse.mx.importaciones.model import Estado, Importacion, Report
from acuse.mx.importaciones.service.importing import Importer
from acuse.mx.importaciones.service.sources import Source
from acuse.mx.importaciones.store import ImportStore
from acuse.mx.importaciones.tables import ImportacionRow

_LISTED: Final = 50
_ZIP_SIGNATURES: Final = (b"PK\3\4", b"PK\5\6")
_NAME_CHARS: Final = 120
_ORPHAN_AFTER: Final = timedelta(days=1)


class ImportService:
    """Who may operate a taxpayer may bring in its archive. The uploaded ZIP itself is not kept."""

    def __init__(
        self,
        *,
        database: Database,
        store: ImportStore,
        importer: Importer,
        contribuyentes: ContribuyentesService,
        files: Files,
        events: Events,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._importer = importer
        self._contribuyentes = contribuyentes
        self._files = files
        self._events = events
        self._audit = audit
        self._clock = clock

    async def create(
        self, caller: Caller, rfc: str, file_name: str, pieces: AsyncIterable[bytes], *, trial: bool = False
    ) -> Importacion:
        """Keep an uploaded ZIP and have it taken in by a job. Raises ImportNotAZip, AccessLevelTooLow."""
        found = await self._contribuyentes.require_access(caller, rfc, AccessLevel.OPERACION)
        import_id = uuid4()
        key = f"{_folder(str(found.rfc))}/{import_id}.zip"
        stored = await self._files.put_stream(key, _a_zip(pieces))
        actor = actor_of(caller)
        values = {
            "id": import_id,
            "contribuyente_id": found.id,
            "user_id": actor.id,
            "created_by": actor.name,
            "file_name": "".join(each for each in file_name if each.isprintable())[:_NAME_CHARS] or "archivo.zip",
            "file_key": key,
            "size_bytes": stored.size_bytes,
            "trial": trial,
            "estado": Estado.RUNNING.value,
            "done": 0,
            "total": 0,
            "report": Report().keep(),
            "packages": [],
            "created_at": self._clock.now(),
        }
        async with self._database.transaction() as tx:
            await self._store.add(tx, values)
            await self._publish(tx, import_id, found.id)
            made = await self._get(tx, import_id)
            if not trial:
                await self._audit.record(
                    tx,
                    AuditAction.IMPORT_ARCHIVE,
                    actor=actor,
                    target_type="contribuyente",
                    target_id=str(found.rfc),
                    after={"archivo": made.file_name, "bytes": stored.size_bytes, "sha256": stored.sha256},
                )
        return made

    async def get(self, caller: Caller, import_id: UUID) -> Importacion:
        """Answer one of the caller's. Raises ImportNotFound."""
        async with self._database.transaction() as tx:
            found = await self._get(tx, import_id)
        me = actor_of(caller).id
        if me is not None and found.user_id != me:
            raise ImportNotFound
        return found

    async def resume(self, caller: Caller, import_id: UUID) -> Importacion:
        """Go on with one that failed or stands still. Raises ImportNotFound, ImportEnded."""
        found = await self.get(caller, import_id)
        if found.estado is Estado.DONE:
            raise ImportEnded
        async with self._database.transaction() as tx:
            await self._store.change(tx, import_id, estado=Estado.RUNNING.value, problem=None, finished_at=None)
            await self._publish(tx, import_id, found.contribuyente_id)
            return await self._get(tx, import_id)

    async def taxpayers(self, caller: Caller) -> Sequence[Contribuyente]:
        """Answer the taxpayers whose archive the caller may bring in."""
        return [each for each in await self._contribuyentes.visible_to(caller) if each.may_operate]

    async def take_in(self, import_id: UUID) -> None:
        """Take an uploaded archive in to its end; harmless when that was done. What stops it is written and raised."""
        async with self._database.transaction() as tx:
            row = await self._store.row(tx, import_id)
        if row is None or row.estado == Estado.FAILED.value:
            return
        if row.estado == Estado.RUNNING.value:
            try:
                report = await self._run(row)
            except AppError as error:
                values = {} if error.retryable else {"estado": Estado.FAILED.value, "finished_at": self._clock.now()}
                await self._change(import_id, problem=error.text, **values)
                raise
            ended = {"report": report.keep(), "estado": Estado.DONE.value, "problem": None}
            await self._change(import_id, **ended, finished_at=self._clock.now())
        await self._files.delete(row.file_key)  # also after a run that was cut off just before

    async def sweep(self) -> int:
        """Delete uploads that were never written down, their process having died before; answer how many.

        One is left alone for a day: a large upload may be stored long before its row is there.
        """
        before = self._clock.now() - _ORPHAN_AFTER
        swept = 0
        for each in await self._contribuyentes.visible_to(SYSTEM):
            items = await self._files.list(_folder(str(each.rfc)))
            old = {item.key for item in items if item.modified_at < before}
            async with self._database.transaction() as tx:
                old -= await self._store.named(tx, old)
            for key in old:
                await self._files.delete(key)
            swept += len(old)
        return swept

    async def list(self, caller: Caller) -> Sequence[Importacion]:
        """Answer the caller's imports, newest first."""
        async with self._database.transaction() as tx:
            return await self._store.list(tx, actor_of(caller).id, _LISTED)

    async def _run(self, row: ImportacionRow) -> Report:
        taxpayer = await self._contribuyentes.get(row.contribuyente_id)
        packages = list(row.packages)

        async def storing(key: str) -> None:
            if key not in packages:
                packages.append(key)
                await self._change(row.id, packages=packages)

        async def tell(done: int, total: int) -> None:
            await self._change(row.id, done=done, total=total)

        async with self._files.on_disk(row.file_key) as path:
            source = Source(path, row.file_name)
            return await self._importer.run(
                taxpayer, source, trial=row.trial, tell=tell, own=tuple(row.packages), storing=storing
            )

    async def _change(self, import_id: UUID, **values: object) -> None:
        async with self._database.transaction() as tx:
            await self._store.change(tx, import_id, **values)

    async def _publish(self, tx: Transaction, import_id: UUID, contribuyente_id: int) -> None:
        event = ImportDue(str(import_id))
        await self._events.publish(tx, event, once=event.import_id, lock=f"mx.importaciones:{contribuyente_id}")

    async def _get(self, tx: Transaction, import_id: UUID) -> Importacion:
        found = await self._store.get(tx, import_id)
        if found is None:
            raise ImportNotFound
        return found


def _folder(rfc: str) -> str:
    return f"clientes/{rfc}/importaciones"


async def _a_zip(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Pass on what begins as a ZIP; raises ImportNotAZip for anything else, before a byte is kept."""
    start = b""
    begun = False
    async for piece in pieces:
        if begun:
            yield piece
            continue
        start += piece
        if len(start) < len(_ZIP_SIGNATURES[0]):
            continue
        if not start.startswith(_ZIP_SIGNATURES):
            raise ImportNotAZip(fields={"archivo": "No es un ZIP."})
        begun = True
        yield start
    if not begun:
        raise ImportNotAZip(fields={"archivo": "No es un ZIP."})
