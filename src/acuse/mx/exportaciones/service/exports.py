"""Asking for exports, following them, taking their files, and forgetting them in time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from acuse.kernel.audit import Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.csv import CsvExporter, CsvStyle
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import NotFound
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.mx.archivo import CfdiFilter
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.contribuyentes import AccessLevel, ContribuyentesService, Departures
from acuse.mx.contribuyentes.model import Caller, KeptExport, actor_of
from acuse.mx.exportaciones.errors import ExportEmpty, ExportEnded, ExportNotFound, ExportNotReady, ExportOfOne
from acuse.mx.exportaciones.events import ExportDue
from acuse.mx.exportaciones.model import Estado, Exportacion, Formato, Progress, Taxpayer
from acuse.mx.exportaciones.service.making import FOLDER
from acuse.mx.exportaciones.store import ExportStore, ReadingStore

_LISTED: Final = 50


class ExportService:
    """Everybody has their own exports, of taxpayers they may see when asking and when taking the file."""

    def __init__(
        self,
        *,
        database: Database,
        store: ExportStore,
        reading: ReadingStore,
        contribuyentes: ContribuyentesService,
        departures: Departures,
        exporter: CsvExporter,
        files: Files,
        events: Events,
        audit: Audit,
        clock: Clock,
        life_h: int,
    ) -> None:
        self._database = database
        self._store = store
        self._reading = reading
        self._contribuyentes = contribuyentes
        self._departures = departures
        self._exporter = exporter
        self._files = files
        self._events = events
        self._audit = audit
        self._clock = clock
        self._life = timedelta(hours=life_h)

    async def csv(self, caller: Caller, query: CfdiQuery, style: CsvStyle) -> AsyncGenerator[bytes, None]:
        """Answer all CFDIs of a filter as CSV, in pieces, newest first. Audited as EXPORT_CSV.

        Raises ExportEmpty when the caller has no taxpayer, and what the archive's search raises.
        """
        taxpayers = await self._taxpayers(caller, query)
        if not taxpayers:
            raise ExportEmpty
        rows = self._reading.whole(taxpayers, query.filter())
        filters = {"rfc": [each.rfc for each in taxpayers], **query.wanted()}
        return self._exporter.export(rows, style, actor=actor_of(caller), what="cfdi", filters=filters)

    def today(self, zone: ZoneInfo) -> date:
        """Answer the day on the wall of a place, for a file's name."""
        return self._clock.now().astimezone(zone).date()

    async def create(self, caller: Caller, formato: Formato, query: CfdiQuery, *, by_job: bool = True) -> Exportacion:
        """Have a file made of every CFDI of a filter, by a job or by the caller. An equal one being made is answered.

        Everything of a taxpayer is for its owner, since it opens the way to its removal. Raises ExportEmpty,
        ExportOfOne, AccessLevelTooLow, and what the archive's search raises.
        """
        wanted = query.wanted()
        if formato is Formato.EVERYTHING and (not query.rfc or wanted):
            raise ExportOfOne
        taxpayers = await self._taxpayers(
            caller, query, AccessLevel.DUENO if formato is Formato.EVERYTHING else AccessLevel.LECTURA
        )
        total = await self._count(taxpayers, query.filter())
        if not total and formato is not Formato.EVERYTHING:
            raise ExportEmpty
        actor = actor_of(caller)
        export_id, now = uuid4(), self._clock.now()
        fingerprint = _fingerprint(actor.id, formato, taxpayers, wanted)
        values = {
            "id": export_id,
            "fingerprint": fingerprint,
            "formato": formato.value,
            "created_by": actor.name,
            "user_id": actor.id,
            "taxpayers": [list(each) for each in taxpayers],
            "wanted": wanted,
            "estado": Estado.RUNNING.value,
            "total": total,
            "progress": Progress().keep(),
            "created_at": now,
            "moved_at": now,
        }
        async with self._database.transaction() as tx:
            if not await self._store.add(tx, values):
                return await self._get(tx, await self._store.running(tx, fingerprint) or export_id)
            if by_job:
                await self._publish(tx, export_id)
            made = await self._get(tx, export_id)
            await self._record(tx, caller, formato.action, made)
        return made

    async def get(self, caller: Caller, export_id: UUID) -> Exportacion:
        """Answer one of the caller's. Raises ExportNotFound."""
        async with self._database.transaction() as tx:
            found = await self._get(tx, export_id)
        me = actor_of(caller).id
        if me is not None and found.user_id != me:
            raise ExportNotFound
        return found

    async def cancel(self, caller: Caller, export_id: UUID) -> Exportacion:
        """Stop making it and drop what was made. Raises ExportNotFound, ExportEnded."""
        await self.get(caller, export_id)
        async with self._database.transaction() as tx:
            row = await self._store.row(tx, export_id, lock=True)
            if row is None or row.estado != Estado.RUNNING.value:
                raise ExportEnded(estado="" if row is None else Estado(row.estado).caption.lower())
            now = self._clock.now()
            row.estado, row.finished_at, row.moved_at = Estado.CANCELLED.value, now, now
            row.expires_at = now + self._life
            await tx.flush()
            found = await self._get(tx, export_id)
        await self._drop(export_id)
        return found

    async def resume(self, caller: Caller, export_id: UUID) -> Exportacion:
        """Go on with one that stands still or failed, where it was left. Raises ExportNotFound, ExportEnded."""
        found = await self.get(caller, export_id)
        if found.estado not in {Estado.RUNNING, Estado.FAILED}:
            raise ExportEnded(estado=found.estado.caption.lower())
        async with self._database.transaction() as tx:
            row = await self._store.row(tx, export_id, lock=True)
            if row is None:
                raise ExportNotFound
            row.estado, row.problem, row.finished_at, row.expires_at = Estado.RUNNING.value, None, None, None
            await tx.flush()
            await self._publish(tx, export_id)
            return await self._get(tx, export_id)

    async def open(self, caller: Caller, export_id: UUID) -> tuple[Exportacion, AsyncIterator[bytes]]:
        """Answer the finished file in pieces; audited. Raises ExportNotFound, ExportNotReady.

        Whoever lost the access to one of its taxpayers no longer gets it; a taxpayer removed since does no harm.
        """
        found = await self.get(caller, export_id)
        visible = {each.id for each in await self._contribuyentes.visible_to(caller)}
        for taxpayer in found.taxpayers:
            if taxpayer.id not in visible and await self._exists(taxpayer.id):
                raise ExportNotFound
        if found.estado is not Estado.READY:
            raise ExportNotReady(estado=found.estado.caption.lower())
        async with self._database.transaction() as tx:
            parts = await self._store.parts(tx, export_id)
            await self._store.taken(tx, export_id, self._clock.now())
            await self._record(tx, caller, AuditAction.DOWNLOAD_EXPORT, found)
        return found, self._pieces([key for key, _ in parts])

    async def remove(self, caller: Caller, export_id: UUID) -> None:
        """Forget an export and its file. Raises ExportNotFound."""
        await self.get(caller, export_id)
        await self._forget(export_id)

    async def expire(self) -> None:
        """Forget what is past its time, and drop pieces of files that nothing points at."""
        async with self._database.transaction() as tx:
            over = await self._store.expired(tx, self._clock.now())
        for export_id in over:
            await self._forget(export_id)
        async with self._database.transaction() as tx:
            states = {str(export_id): estado for export_id, estado in (await self._store.states(tx)).items()}
        wanted: dict[str, set[str]] = {}
        for item in await self._files.list(FOLDER):
            name = item.key.split("/")[1]
            if states.get(name) is Estado.READY and name not in wanted:
                async with self._database.transaction() as tx:
                    wanted[name] = {key for key, _ in await self._store.parts(tx, UUID(name))}
            busy = states.get(name) in {Estado.RUNNING, Estado.FAILED}
            if not busy and item.key not in wanted.get(name, set()):
                await self._files.delete(item.key)

    async def _pieces(self, keys: Sequence[str]) -> AsyncIterator[bytes]:
        for key in keys:
            async for piece in self._files.stream(key):
                yield piece

    async def kept(self, tx: Transaction, contribuyente_id: int) -> KeptExport | None:
        """Answer the newest export of everything of a taxpayer whose file is here."""
        return await self._store.kept(tx, contribuyente_id, self._clock.now())

    async def _forget(self, export_id: UUID) -> None:
        """Forget one and drop its file. What nobody took opens no way to a removal any more."""
        async with self._database.transaction() as tx:
            row = await self._store.row(tx, export_id, lock=True)
            if row is not None and row.taken_at is None and row.started_at is not None:
                for each in row.taxpayers:
                    await self._departures.take_back(tx, Taxpayer(*each).id, as_of=row.started_at)
            await self._store.remove(tx, export_id)
        await self._drop(export_id)

    async def _drop(self, export_id: UUID) -> None:
        for item in await self._files.list(f"{FOLDER}/{export_id}"):
            await self._files.delete(item.key)

    async def _exists(self, contribuyente_id: int) -> bool:
        try:
            await self._contribuyentes.get(contribuyente_id)
        except NotFound:
            return False
        return True

    async def _taxpayers(
        self, caller: Caller, query: CfdiQuery, level: AccessLevel = AccessLevel.LECTURA
    ) -> list[Taxpayer]:
        if query.rfc:
            visible = [await self._contribuyentes.require_access(caller, query.rfc, level)]
        else:
            visible = await self._contribuyentes.visible_to(caller)
        return [Taxpayer(each.id, str(each.rfc)) for each in visible]

    async def _count(self, taxpayers: Sequence[Taxpayer], wanted: CfdiFilter) -> int:
        async with self._database.transaction() as tx:
            return sum([await self._reading.count(tx, each, wanted) for each in taxpayers])

    async def _publish(self, tx: Transaction, export_id: UUID) -> None:
        event = ExportDue(str(export_id))
        await self._events.publish(tx, event, once=event.export_id, lock=f"mx.exportaciones:{export_id}")

    async def _get(self, tx: Transaction, export_id: UUID) -> Exportacion:
        found = await self._store.get(tx, export_id)
        if found is None:
            raise ExportNotFound
        return found

    async def _record(self, tx: Transaction, caller: Caller, action: AuditAction, export: Exportacion) -> None:
        after = {"formato": export.formato.value, "rfc": export.rfcs, "filtros": dict(export.wanted)}
        await self._audit.record(
            tx,
            action,
            actor=actor_of(caller),
            target_type="exportacion",
            target_id=str(export.id),
            after={**after, "cfdi": export.total},
        )

    async def list(self, caller: Caller) -> Sequence[Exportacion]:
        """Answer the caller's exports, newest first."""
        async with self._database.transaction() as tx:
            return await self._store.list(tx, actor_of(caller).id, _LISTED)


def _fingerprint(user_id: int | None, formato: Formato, taxpayers: Sequence[Taxpayer], wanted: dict[str, Any]) -> str:
    told = json.dumps([user_id, formato.value, sorted(taxpayers), wanted], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()
