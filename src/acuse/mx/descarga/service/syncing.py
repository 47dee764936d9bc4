"""Does all that is due: what the schedules run, and what a person or a timer elsewhere may ask for."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.database import Transaction
from acuse.mx.contribuyentes import AccessLevel
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.descarga.errors import SyncKeyReused
from acuse.mx.descarga.events import SyncAsked
from acuse.mx.descarga.service.daily import DailyService
from acuse.mx.descarga.service.fetching import FetchingService
from acuse.mx.descarga.service.indexing import IndexingService
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.service.sending import SendingService
from acuse.mx.descarga.service.verifying import VerifyingService
from acuse.mx.descarga.store import SyncCallStore


@dataclass(frozen=True)
class Synced:
    """How many things were set going."""

    sent: int
    verified: int
    downloaded: int
    indexed: int


class SyncService(Desk):
    """Finds what is due or was left lying, and sets it going. Running it twice does nothing twice."""

    def __init__(
        self,
        means: Means,
        *,
        calls: SyncCallStore,
        daily: DailyService,
        sending: SendingService,
        verifying: VerifyingService,
        fetching: FetchingService,
        indexing: IndexingService,
    ) -> None:
        super().__init__(means)
        self._calls = calls
        self._daily = daily
        self._sending = sending
        self._verifying = verifying
        self._fetching = fetching
        self._indexing = indexing

    async def ask(self, caller: Caller, *, rfc: str | None = None, key: str | None = None) -> int:
        """Have everything due done now, the daily download too, for one taxpayer or all the caller operates.

        Answers for how many; it is done by jobs. The same `key` of the same caller is answered again as the first
        time and does nothing; asked without one while the first waits, it is done once. Raises SyncKeyReused.
        """
        if rfc:
            wanted = [await self._contribuyentes.require_access(caller, rfc, AccessLevel.OPERACION)]
        else:
            visible = await self._contribuyentes.visible_to(caller)
            wanted = [found for found in visible if found.may_operate]
        async with self._database.transaction() as tx:
            if key is not None and (first := await self._claimed(tx, caller, key, rfc or "", len(wanted))) is not None:
                return first
            for found in wanted:
                await self._events.publish(tx, SyncAsked(found.id), once=str(found.id))
                if found.daily_download:
                    await self._daily.owe(tx, found.id)
        return len(wanted)

    async def run(self, *, contribuyente_id: int | None = None, early: bool = False) -> Synced:
        """Set going what is due; `early` takes also what could wait, as when a person asks."""
        return Synced(
            sent=await self._sending.release_due(),
            verified=await self._verifying.publish_due(contribuyente_id=contribuyente_id, early=early),
            downloaded=await self._fetching.publish_due(contribuyente_id=contribuyente_id, early=early),
            indexed=await self._indexing.publish_left(),
        )

    async def _claimed(self, tx: Transaction, caller: Caller, key: str, rfc: str, answer: int) -> int | None:
        """Answer what this key was answered before; None when it is new, and kept with this answer now."""
        actor = actor_of(caller)
        who = str(actor.id) if actor.id is not None else actor.name
        first = await self._calls.claim(tx, caller=who, key=key, rfc=rfc, answer=answer, now=self._clock.now())
        if first is None:
            return None
        if first.rfc != rfc:
            raise SyncKeyReused
        return first.answer
