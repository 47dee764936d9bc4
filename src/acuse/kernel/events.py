"""Events: what happened or fell due, written in the caller's transaction and delivered after its commit.

An event becomes one job per subscribed handler. It is delivered at least once, hence handlers are
idempotent. Its fields are ids only: they are stored and logged as they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Protocol, Self

from procrastinate import PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task
from sqlalchemy import text

from acuse.kernel.database import Transaction, driver_connection
from acuse.kernel.errors import AppError

_ONCE_TRIES: Final = 5
# The row stays locked until the caller commits, so that the waiting job cannot start before it sees our change.
_BRING_FORWARD = text("""
    UPDATE procrastinate_jobs
       SET scheduled_at = CASE WHEN scheduled_at IS NULL OR CAST(:at AS timestamptz) IS NULL THEN NULL
                               ELSE least(scheduled_at, CAST(:at AS timestamptz)) END
     WHERE queueing_lock = :queueing_lock AND status = 'todo'
    RETURNING id
""")


class StaleEvent(AppError):
    """A waiting job was written by another version and its event can no longer be rebuilt."""

    code = "EVENT_STALE"
    message = "El trabajo se creó con otra versión de Acuse y le falta un dato ({missing}). Vuelve a pedir la acción."


@dataclass(frozen=True)
class Event:
    """Base of all events: frozen dataclasses whose fields are ids (int, str, bool or None)."""

    def arguments(self) -> dict[str, int | str | bool | None]:
        """Answer the fields as plain data; raises TypeError for anything that is not an id."""
        plain: dict[str, int | str | bool | None] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and not isinstance(value, int | str):
                raise TypeError(f"{type(self).__name__}.{field.name} is a {type(value).__name__}: events hold ids only")
            plain[field.name] = value
        return plain

    @classmethod
    def rebuild(cls, arguments: Mapping[str, Any]) -> Self:
        """Make the event again from stored arguments; unknown ones are left out, missing ones raise StaleEvent."""
        known = {field.name: arguments[field.name] for field in fields(cls) if field.name in arguments}
        try:
            return cls(**known)
        except TypeError as error:
            missing = ", ".join(field.name for field in fields(cls) if field.name not in known)
            raise StaleEvent(missing=missing) from error


class Subscriber(Protocol):
    """Who wants an event: a job by its name, its event class and its queue."""

    @property
    def name(self) -> str:
        """Answer the job's name."""
        ...

    @property
    def on(self) -> type[Event]:
        """Answer the class of the event that starts it."""
        ...

    @property
    def queue(self) -> str:
        """Answer the queue it waits in."""
        ...


class Events:
    """Publishes events. Works in every process, with or without a worker in it."""

    def __init__(self) -> None:
        self._subscribers: dict[type[Event], list[Subscriber]] = defaultdict(list)
        # Never opened: each job is written on the caller's own connection.
        self._manager = JobManager(PsycopgConnector())

    def subscribe(self, subscribers: Iterable[Subscriber]) -> None:
        """Tell which jobs follow which events. Called once, where the house is put together."""
        for subscriber in subscribers:
            self._subscribers[subscriber.on].append(subscriber)

    async def publish(
        self,
        tx: Transaction,
        event: Event,
        *,
        at: datetime | None = None,
        lock: str | None = None,
        once: str | None = None,
    ) -> None:
        """Write one job per subscriber of this event's class in the caller's transaction.

        `at` is the earliest start (aware; None is at once). Jobs with the same `lock` run one at a time,
        in order. With `once`, a job of the same subscriber and key that is still waiting stands for this
        one too: it is brought forward to `at` when it would start later, and cannot start before the
        caller commits. A running one does not count, since it may have read what came before.
        """
        arguments = event.arguments()
        for subscriber in self._subscribers.get(type(event), ()):
            queueing_lock = None if once is None else f"{subscriber.name}|{once}"
            await self._write(tx, subscriber, arguments, at=at, lock=lock, queueing_lock=queueing_lock)

    async def _write(
        self,
        tx: Transaction,
        subscriber: Subscriber,
        arguments: dict[str, Any],
        *,
        at: datetime | None,
        lock: str | None,
        queueing_lock: str | None,
    ) -> None:
        connection = await driver_connection(tx)
        deferrer = configure_task(
            name=subscriber.name,
            job_manager=self._manager,
            queue=subscriber.queue,
            lock=lock,
            queueing_lock=queueing_lock,
            schedule_at=at,
            connection=connection,
        )
        if queueing_lock is None:
            await deferrer.defer_async(**arguments)
            return
        for _ in range(_ONCE_TRIES):
            if (await tx.execute(_BRING_FORWARD, {"queueing_lock": queueing_lock, "at": at})).first() is not None:
                return
            try:
                # A taken lock aborts the transaction up to its last savepoint: this one.
                async with tx.begin_nested():
                    await driver_connection(tx)  # the savepoint is only written once the session asks for a connection
                    await deferrer.defer_async(**arguments)
            except AlreadyEnqueued:
                continue  # another process was faster: its job is there now, or has just started
            return
        raise RuntimeError(f"job {subscriber.name} could neither be found waiting nor written")
