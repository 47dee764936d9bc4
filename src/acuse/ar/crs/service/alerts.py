"""Alerts to the administrators: written with what causes them, sent by the outbox, once per crossing."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from acuse.ar.crs.events import AlertRaised
from acuse.ar.crs.model import AlertKind, Level, Quota, crossing
from acuse.ar.crs.store import quotas
from acuse.ar.crs.tables import QuotaRow
from acuse.ar.cuit import formatted
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events


class Post(Protocol):
    """Who sends an alert: the outbox, told where the house is put together."""

    def __call__(self, tx: Transaction, *, key: str, to: str, context: Mapping[str, Any]) -> Awaitable[None]:
        """Write one e-mail in the caller's transaction, once per key and recipient."""
        ...


class Alerts:
    """Writes an alert row in the transaction that crosses a threshold; a job turns it into e-mails."""

    def __init__(
        self, *, database: Database, events: Events, clock: Clock, post: Post, public_url: str, blocked_every_s: int
    ) -> None:
        self._database = database
        self._events = events
        self._clock = clock
        self._post = post
        self._public_url = public_url.rstrip("/")
        self._blocked_every = timedelta(seconds=blocked_every_s)

    async def moved(self, tx: Transaction, before: Level, after: Quota) -> None:
        """Raise the one alert this move is worth, if any. `after` carries the cycle it belongs to."""
        kind = crossing(before, after.level)
        if kind is not None:
            await self._raise(tx, kind, after, attempts=0, number=0)

    async def blocked(self, tx: Transaction, row: QuotaRow) -> None:
        """Count a blocked attempt; tell of the first of an episode, then at most once in a while, with their number.

        The row must be locked.
        """
        now = self._clock.now()
        if row.blocked_cycle != row.cycle:
            row.blocked_cycle, row.blocked_attempts, row.blocked_mail_at = row.cycle, 0, None
        row.blocked_attempts += 1
        if row.blocked_mail_at is None or now - row.blocked_mail_at >= self._blocked_every:
            row.blocked_mail_at = now
            number = row.blocked_attempts
            await self._raise(tx, AlertKind.BLOCKED, quotas.as_quota(row), attempts=number, number=number)
        await tx.flush()

    async def _raise(self, tx: Transaction, kind: AlertKind, quota: Quota, *, attempts: int, number: int) -> None:
        alert_id = uuid4()
        added = await quotas.add_alert(
            tx,
            id=alert_id,
            key=quotas.alert_key(quota.user_id, quota.cycle, kind, number),
            user_id=quota.user_id,
            kind=kind,
            cycle=quota.cycle,
            pending=quota.pending,
            limite=quota.limite,
            attempts=attempts,
            created_at=self._clock.now(),
        )
        if added:
            await self._events.publish(tx, AlertRaised(str(alert_id)))

    async def write_letters(self, alert_id: UUID) -> None:
        """Write one e-mail to each active administrator; done again it writes none."""
        async with self._database.transaction() as tx:
            found = await quotas.get_alert(tx, alert_id)
            if found is None:
                return
            alert, name, tax_id = found
            context = {
                "kind": alert.kind.value,
                "name": name,
                "cuit": formatted(tax_id),
                "pending": alert.pending,
                "limit": alert.limite,
                "attempts": alert.attempts,
                "url": self._public_url,
            }
            for _, mail in await quotas.administrators(tx):
                await self._post(tx, key=f"crs:{alert.id}", to=mail, context=context)
