"""Reads stored packages again when the reader has learnt to tell more, each in one transaction of its own."""

from __future__ import annotations

from acuse.kernel.commands import Tell
from acuse.kernel.database import Database
from acuse.kernel.errors import AppError
from acuse.kernel.events import Events
from acuse.mx.archivo.events import PaqueteOutdated
from acuse.mx.archivo.model import Reread
from acuse.mx.archivo.service.indexing import Indexer
from acuse.mx.archivo.store import RereadingStore
from acuse.mx.contribuyentes import AccessLevel, ContribuyentesService
from acuse.mx.contribuyentes.model import Caller


class RereadingService:
    """Every package says by which reader it was read: cut off anywhere, what is left is still told apart."""

    def __init__(
        self, *, database: Database, indexer: Indexer, contribuyentes: ContribuyentesService, events: Events
    ) -> None:
        self._database = database
        self._indexer = indexer
        self._contribuyentes = contribuyentes
        self._events = events
        self._store = RereadingStore()

    async def run(self, caller: Caller, *, rfc: str | None = None, every: bool = False, tell: Tell) -> Reread:
        """Read now what an older reader read, of one taxpayer or of all the caller operates; `every` takes all.

        A package that cannot be opened is told and the rest goes on. Raises ContribuyenteNotFound, AccessLevelTooLow.
        """
        if rfc:
            wanted = [await self._contribuyentes.require_access(caller, rfc, AccessLevel.OPERACION)]
        else:
            visible = await self._contribuyentes.visible_to(caller)
            wanted = [found for found in visible if found.may_operate]
        ids = [found.id for found in wanted]
        async with self._database.transaction() as tx:
            if every:
                await self._store.forget_reader(tx, ids)
            outdated = await self._store.outdated(tx, ids)
        told = Reread()
        for done, paquete in enumerate(outdated):
            tell(done, len(outdated))
            try:
                report = await self._indexer.reread(paquete)
            except AppError as fault:
                told.unread.append((paquete, fault.code, fault.text))
                continue
            if report is not None:
                told.packages += 1
                told.documents += report.read
                told.new += report.new
                told.refused += report.refused
        tell(len(outdated), len(outdated))
        return told

    async def publish_outdated(self) -> int:
        """Have everything an older reader read be read again by jobs, one a package; answer how many there are."""
        async with self._database.transaction() as tx:
            outdated = await self._store.outdated(tx)
            for paquete in outdated:
                await self._events.publish(tx, PaqueteOutdated(paquete.id), once=str(paquete.id))
        return len(outdated)

    async def reread(self, paquete_id: int) -> None:
        """Read one again, unless it was. Raises PaqueteError, FileMissing."""
        async with self._database.transaction() as tx:
            paquete = await self._store.get(tx, paquete_id)
        if paquete is not None:
            await self._indexer.reread(paquete)

    async def count(self) -> int:
        """Answer how many packages an older reader read."""
        async with self._database.transaction() as tx:
            return await self._store.count(tx)
