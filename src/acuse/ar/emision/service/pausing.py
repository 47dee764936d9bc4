"""The circuit breaker: after ARCA says that it cannot attend nobody calls it for a while, in no process."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from acuse.ar.emision import store
from acuse.ar.emision.model import Pause
from acuse.kernel.clock import Clock
from acuse.kernel.database import Transaction

SERVICE: Final = "arbccf"
_PROBE: Final = timedelta(minutes=2)
"""How long one call after a pause is waited for before another process may try."""


class Breaker:
    """Kept in the database, so that all processes see it at once. Works in the caller's transaction."""

    def __init__(self, *, clock: Clock, pause_s: int) -> None:
        self._clock = clock
        self._pause = timedelta(seconds=pause_s)

    async def wait_until(self, tx: Transaction) -> Pause | None:
        """Answer the pause to respect, or None: call. After a pause only one caller gets None, to try."""
        now = self._clock.now()
        row = await store.pause(tx, SERVICE)
        if row is None or row.until is None:
            return None
        if row.until <= now and await store.take_probe(tx, SERVICE, now, now + _PROBE):
            return None
        row = await store.pause(tx, SERVICE)
        return store.as_pause(row, now)

    async def trip(self, tx: Transaction, reason: str) -> datetime:
        """Stop calling; answer until when."""
        now = self._clock.now()
        until = now + self._pause
        await store.set_pause(tx, SERVICE, until=until, since=now, reason=reason)
        return until

    async def reset(self, tx: Transaction) -> None:
        """A call was answered: go on, and forget what was wrong."""
        row = await store.pause(tx, SERVICE)
        if row is not None and (row.until is not None or row.problem is not None):
            await store.set_pause(tx, SERVICE, until=None, since=None, reason=None, problem=None)

    async def note_problem(self, tx: Transaction, problem: str) -> None:
        """Keep a fault of configuration for the administrators, until a call succeeds."""
        await store.set_pause(tx, SERVICE, problem=problem)
