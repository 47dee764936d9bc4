"""A small house of jobs for tests: handlers that note what they got, and a worker to run them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from acuse.kernel.audit import Audit
from acuse.kernel.clock import SystemClock
from acuse.kernel.database import Database
from acuse.kernel.events import Event, Events
from acuse.kernel.jobs import Job, JobBoard, JobSettings, Schedule, Worker
from acuse.kernel.keyring import KeyRing

AUDIT_KEYS = KeyRing(current="prueba", keys={"prueba": b"a" * 32})


@dataclass(frozen=True)
class Happened(Event):
    """Something happened to a thing."""

    thing_id: int


@dataclass(frozen=True)
class FellDue(Event):
    """Something fell due."""

    name: str
    urgent: bool = False


class Workshop:
    """Declared jobs over one database, the events that start them and the worker that runs them."""

    def __init__(self, database: Database, jobs: Sequence[Job], schedules: Sequence[Schedule] = ()) -> None:
        self.database = database
        self.clock = SystemClock()
        self.jobs, self.schedules = tuple(jobs), tuple(schedules)
        self.events = Events()
        self.events.subscribe(self.jobs)

    def worker(self, *, stop_timeout_s: float = 20, concurrency: int = 8) -> Worker:
        return Worker(
            database=self.database,
            clock=self.clock,
            events=self.events,
            jobs=self.jobs,
            schedules=self.schedules,
            settings=JobSettings(acuse_worker_stop_timeout_s=stop_timeout_s, acuse_worker_concurrency=concurrency),
        )

    def board(self) -> JobBoard:
        audit = Audit(self.database, self.clock, AUDIT_KEYS)
        return JobBoard(database=self.database, clock=self.clock, audit=audit, jobs=self.jobs, schedules=self.schedules)

    async def publish(self, event: Event, **how: Any) -> None:
        async with self.database.transaction() as tx:
            await self.events.publish(tx, event, **how)

    @asynccontextmanager
    async def working(self, **options: Any) -> AsyncIterator[Worker]:
        """Keep a worker running for a block."""
        worker = self.worker(**options)
        running = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            await worker.stop()
            await running


def a_job(run: Callable[[Any], Awaitable[None]], *, on: type[Event] = Happened, **changes: Any) -> Job:
    """A job with plausible fields."""
    fields: dict[str, Any] = {"name": "prueba:hacer", "run": run, "on": on, "caption": "Hacer algo"}
    return Job(**(fields | changes))


async def rows(database: Database, statement: str, **values: Any) -> list[dict[str, Any]]:
    """Read rows by SQL."""
    async with database.transaction() as tx:
        return [dict(row) for row in (await tx.execute(text(statement), values)).mappings()]


async def jobs_in(database: Database) -> list[dict[str, Any]]:
    """Read the engine's rows, oldest first."""
    return await rows(database, "SELECT * FROM procrastinate_jobs ORDER BY id")


async def until(check: Callable[[], Any], *, within_s: float = 15) -> None:
    """Wait until a check (plain or async) holds; fail when it does not in time."""
    async with asyncio.timeout(within_s):
        while True:
            found = check()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return
            await asyncio.sleep(0.05)
