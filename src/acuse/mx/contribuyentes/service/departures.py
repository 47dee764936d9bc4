"""A taxpayer who leaves: only after everything was exported, and then nothing of it stays but the audit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from acuse.kernel.audit import Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.mx.contribuyentes.errors import ExportMissing
from acuse.mx.contribuyentes.events import ContribuyenteRemoved
from acuse.mx.contribuyentes.model import AccessLevel, Caller, KeptExport, actor_of
from acuse.mx.contribuyentes.service.taxpayers import ContribuyentesService
from acuse.mx.contribuyentes.store import ContribuyentesStore
from acuse.mx.rfc import Rfc

NewestDocument = Callable[[Transaction, int], Awaitable[datetime | None]]
"""Answers when a feature last stored something for a taxpayer; None when it holds nothing of it."""
KeptExports = Callable[[Transaction, int], Awaitable[KeptExport | None]]
"""Answers the export of everything of a taxpayer that can still be taken."""


class Departures:
    """Removes taxpayers. The database forgets at once, the storage by a job; the RFC is free again after that."""

    def __init__(
        self,
        *,
        database: Database,
        store: ContribuyentesStore,
        contribuyentes: ContribuyentesService,
        files: Files,
        events: Events,
        audit: Audit,
        clock: Clock,
        export_life_h: int,
    ) -> None:
        self._database = database
        self._store = store
        self._contribuyentes = contribuyentes
        self._files = files
        self._events = events
        self._audit = audit
        self._clock = clock
        self.export_life_h = export_life_h
        self._holders: list[NewestDocument] = []
        self.export_path = ""
        """Where people ask for the complete export; set by the feature that makes it."""
        self.kept_exports: KeptExports | None = None
        """Set by the feature that makes them."""

    def ask_also(self, holder: NewestDocument) -> None:
        """Let a feature above say what it holds. Called where the house is put together."""
        self._holders.append(holder)

    async def note_export(self, tx: Transaction, contribuyente_id: int, *, as_of: datetime) -> None:
        """Remember that everything held at `as_of` was handed out whole: for the feature that exports."""
        await self._store.change(tx, contribuyente_id, exported_at=as_of)

    async def take_back(self, tx: Transaction, contribuyente_id: int, *, as_of: datetime) -> None:
        """Forget that everything held at `as_of` was handed out: its file is gone and nobody took it."""
        await self._store.forget_export(tx, contribuyente_id, as_of)

    async def kept(self, contribuyente_id: int) -> KeptExport | None:
        """Answer the export of everything of a taxpayer that can still be taken."""
        async with self._database.transaction() as tx:
            return await self._kept(tx, contribuyente_id)

    async def remove(self, caller: Caller, rfc: str | Rfc) -> KeptExport | None:
        """Remove a taxpayer: accesses, e.firmas, solicitudes, packages, index, files. Owners only; audited.

        A taxpayer for whom nothing was ever stored needs no export. Answers the one that outlives it. Raises
        ExportMissing.
        """
        async with self._database.transaction() as tx:
            found = await self._contribuyentes.require(tx, caller, rfc, AccessLevel.DUENO)
            await self._store.lock(tx, found.id)
            exported_at = await self._store.exported_at(tx, found.id)
            await self._check_export(tx, found.id, found.rfc, exported_at)
            kept = await self._kept(tx, found.id)
            await self._store.remove(tx, found.id, str(found.rfc), self._clock.now())
            await self._events.publish(tx, ContribuyenteRemoved(str(found.rfc)))
            await self._audit.record(
                tx,
                AuditAction.DELETE_TAXPAYER,
                actor=actor_of(caller),
                target_type="contribuyente",
                target_id=str(found.rfc),
                before={"nombre": found.name, "exportado": exported_at},
            )
        return kept

    async def clear_storage(self, rfc: str) -> None:
        """Delete every file of a removed taxpayer and set its RFC free. May be run again at any point."""
        for item in await self._files.list(f"clientes/{rfc}"):
            await self._files.delete(item.key)
        async with self._database.transaction() as tx:
            await self._store.free(tx, rfc)

    async def _kept(self, tx: Transaction, contribuyente_id: int) -> KeptExport | None:
        return await self.kept_exports(tx, contribuyente_id) if self.kept_exports else None

    async def _check_export(
        self, tx: Transaction, contribuyente_id: int, rfc: Rfc, exported_at: datetime | None
    ) -> None:
        moments = [await holder(tx, contribuyente_id) for holder in self._holders]
        newest = max((moment for moment in moments if moment is not None), default=None)
        if newest is None:
            return
        oldest_good = self._clock.now() - timedelta(hours=self.export_life_h)
        if exported_at is None or exported_at < max(newest, oldest_good):
            raise ExportMissing(rfc=str(rfc), hours=self.export_life_h)
