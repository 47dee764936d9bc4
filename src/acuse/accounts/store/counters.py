"""Counters against guessing in PostgreSQL: each change is one statement in a transaction of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import CursorResult, text

from acuse.accounts.throttle import Attempt, Backoff
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database

_NEXT: Final = "(CASE WHEN held.expires_at <= :now THEN 1 ELSE held.count + 1 END)"
_ATTEMPT: Final = text(f"""
    INSERT INTO login_counters AS held (key, count, wait_until, expires_at)
    VALUES (:key, 1, CAST(:first_wait AS timestamptz), :expires_at)
    ON CONFLICT (key) DO UPDATE SET
        count = {_NEXT},
        wait_until = CASE WHEN {_NEXT} < :free THEN NULL
                          ELSE CAST(:now AS timestamptz)
                               + least(:max_s, :base_s * power(2, least({_NEXT} - :free, 20))) * interval '1 second'
                     END,
        expires_at = :expires_at
    WHERE held.wait_until IS NULL OR held.wait_until <= :now OR held.expires_at <= :now
    RETURNING count AS tries, wait_until
""")  # noqa: S608 - made of constants
_HIT: Final = text("""
    INSERT INTO login_counters AS held (key, count, wait_until, expires_at) VALUES (:key, 1, NULL, :ends)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN held.expires_at <= :now THEN 1 ELSE held.count + 1 END,
        expires_at = CASE WHEN held.expires_at <= :now THEN :ends ELSE held.expires_at END
    RETURNING count AS tries, expires_at
""")
_REMEMBER: Final = text("""
    INSERT INTO login_counters (key, count, wait_until, expires_at) VALUES (:key, 1, NULL, :ends)
    ON CONFLICT (key) DO UPDATE SET expires_at = :ends
""")
_GET: Final = text("SELECT count AS tries, wait_until FROM login_counters WHERE key = :key AND expires_at > :now")
_CLEAR: Final = text("DELETE FROM login_counters WHERE key = ANY(:keys)")
_CLEAR_UNDER: Final = text("DELETE FROM login_counters WHERE starts_with(key, :prefix)")
_PRUNE: Final = text("DELETE FROM login_counters WHERE expires_at <= :now")


class PostgresCounters:
    """The default home of the counters (see throttle.Counters)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def attempt(self, key: str, rule: Backoff) -> Attempt:
        """Count one try as failed before it is made, unless it must wait."""
        now = self._clock.now()
        values = {
            "key": key,
            "now": now,
            "first_wait": now + timedelta(seconds=rule.wait_s(1)) if rule.wait_s(1) else None,
            "free": rule.free,
            "base_s": rule.base_s,
            "max_s": rule.max_s,
            "expires_at": now + timedelta(seconds=rule.forget_s),
        }
        async with self._database.transaction() as tx:
            counted = (await tx.execute(_ATTEMPT, values)).one_or_none()
            if counted is not None:
                return Attempt(allowed=True, failures=counted.tries, wait_until=counted.wait_until)
            held = (await tx.execute(_GET, {"key": key, "now": now})).one_or_none()
        return Attempt(allowed=False, failures=held.tries if held else 0, wait_until=held.wait_until if held else now)

    async def hit(self, key: str, window_s: int) -> tuple[int, datetime]:
        """Count one request; answer how many fell in this window and when it ends."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            values = {"key": key, "now": now, "ends": now + timedelta(seconds=window_s)}
            counted = (await tx.execute(_HIT, values)).one()
        return counted.tries, counted.expires_at

    async def remember(self, key: str, life_s: int) -> None:
        """Note that something is known."""
        async with self._database.transaction() as tx:
            await tx.execute(_REMEMBER, {"key": key, "ends": self._clock.now() + timedelta(seconds=life_s)})

    async def knows(self, key: str) -> bool:
        """Answer whether it was noted and has not run out."""
        async with self._database.transaction() as tx:
            return (await tx.execute(_GET, {"key": key, "now": self._clock.now()})).one_or_none() is not None

    async def clear(self, *keys: str) -> None:
        """Forget these keys."""
        async with self._database.transaction() as tx:
            await tx.execute(_CLEAR, {"keys": list(keys)})

    async def clear_under(self, prefix: str) -> None:
        """Forget every key that begins so."""
        async with self._database.transaction() as tx:
            await tx.execute(_CLEAR_UNDER, {"prefix": prefix})

    async def prune(self) -> int:
        """Throw away what has run out; answer how many."""
        async with self._database.transaction() as tx:
            result = await tx.execute(_PRUNE, {"now": self._clock.now()})
        return cast("CursorResult[None]", result).rowcount

    async def close(self) -> None:
        """Nothing to let go of: the database is the house's."""
