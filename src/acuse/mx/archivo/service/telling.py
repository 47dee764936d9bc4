"""Notes cancellations that are news, and has people told of them and others of new CFDIs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from acuse.kernel.clock import Clock
from acuse.kernel.database import Transaction
from acuse.kernel.events import Events
from acuse.mx.archivo.events import CancellationsFound, CfdisAdded
from acuse.mx.archivo.model import FoundBy
from acuse.mx.archivo.store import CancelledStore

TELL_AFTER: Final = timedelta(minutes=5)
"""What is found within this goes into one letter."""


class Telling:
    """Every method runs in the caller's transaction."""

    def __init__(self, events: Events, clock: Clock) -> None:
        self._store = CancelledStore()
        self._events = events
        self._clock = clock

    async def of_one(self, tx: Transaction, contribuyente_id: int, uuid: UUID, found_by: FoundBy) -> None:
        """Note one cancellation and have it told."""
        if await self._store.note(tx, contribuyente_id, uuid, found_by, self._clock.now()):
            await self._publish(tx, contribuyente_id)

    async def of_metadata(self, tx: Transaction, contribuyente_id: int, as_of: datetime) -> int:
        """Note what copied metadata shows to be cancelled; answer how many were news."""
        return await self._store.note_metadata(tx, contribuyente_id, as_of, self._clock.now())

    async def of_package(self, tx: Transaction, contribuyente_id: int, *, new: int, cancelled: int) -> None:
        """Have told what a package brought."""
        if new:
            await self._events.publish(tx, CfdisAdded(contribuyente_id), once=str(contribuyente_id))
        if cancelled:
            await self._publish(tx, contribuyente_id)

    async def _publish(self, tx: Transaction, contribuyente_id: int) -> None:
        at = self._clock.now() + TELL_AFTER
        await self._events.publish(tx, CancellationsFound(contribuyente_id), at=at, once=str(contribuyente_id))
