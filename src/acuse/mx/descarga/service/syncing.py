"""Does all that is due: what the schedules run, and what a person or a timer elsewhere may ask for."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.mx.contribuyentes import AccessLevel, ContribuyentesService
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.descarga.events import SyncAsked
from acuse.mx.descarga.service.fetching import FetchingService
from acuse.mx.descarga.service.indexing import IndexingService
from acuse.mx.descarga.service.sending import SendingService
from acuse.mx.descarga.service.verifying import VerifyingService


@dataclass(frozen=True)
class Synced:
    """How many things were set going."""

    sent: int
    verified: int
    downloaded: int
    indexed: int


class SyncService:
    """Finds what is due or was left lying, and sets it going. Running it twice does nothing twice."""

    def __init__(
        self,
        *,
        database: Database,
        events: Events,
        contribuyentes: ContribuyentesService,
        sending: SendingService,
        verifying: VerifyingService,
        fetching: FetchingService,
        indexing: IndexingService,
    ) -> None:
        self._database = database
        self._events = events
        self._contribuyentes = contribuyentes
        self._sending = sending
        self._verifying = verifying
        self._fetching = fetching
        self._indexing = indexing

    async def ask(self, caller: Caller, *, rfc: str | None = None, key: str | None = None) -> int:
        """Have everything verified and downloaded now, for one taxpayer or all the caller operates.

        Answers for how many; it is done by jobs. Asked again while the first waits, by the same key or
        for the same taxpayer, it is done once.
        """
        if rfc:
            wanted = [await self._contribuyentes.require_access(caller, rfc, AccessLevel.OPERACION)]
        else:
            visible = await self._contribuyentes.visible_to(caller)
            wanted = [found for found in visible if found.level.covers(AccessLevel.OPERACION)]
        async with self._database.transaction() as tx:
            for found in wanted:
                once = f"{key or ''}:{found.id}"
                await self._events.publish(tx, SyncAsked(found.id), once=once)
        return len(wanted)

    async def run(self, *, contribuyente_id: int | None = None, early: bool = False) -> Synced:
        """Set going what is due; `early` takes also what could wait, as when a person asks."""
        return Synced(
            sent=await self._sending.release_due(),
            verified=await self._verifying.publish_due(contribuyente_id=contribuyente_id, early=early),
            downloaded=await self._fetching.publish_due(contribuyente_id=contribuyente_id, early=early),
            indexed=await self._indexing.publish_left(),
        )
