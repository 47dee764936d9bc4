"""The worker: runs jobs and schedules until it is stopped, and comes back by itself after a database outage."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout
from sqlalchemy import text

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.errors import AppError
from acuse.kernel.events import Events
from acuse.kernel.jobs.cleaning import cleaning_schedule
from acuse.kernel.jobs.declare import Job, Schedule
from acuse.kernel.jobs.engine import build_engine
from acuse.kernel.jobs.rescue import rescue_stalled_jobs
from acuse.kernel.jobs.schedules import remember_new_schedules
from acuse.kernel.jobs.settings import JobSettings
from acuse.kernel.logs import get_logger

HEARTBEAT_S: Final = 1.5
STALLED_AFTER_S: Final = 6.0
RESCUE_EVERY_S: Final = 1.5
POLL_S: Final = 1.0
_RESTART_AFTER_S: Final = 1.0
_DUE: Final = text(
    "SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()) LIMIT 1"
)
_log = get_logger(__name__)


class Worker:
    """Runs the declared jobs and schedules in this process's event loop.

    Any number of workers on any number of machines share the queue. A killed one's jobs are taken over
    by the others (or by itself after a restart) within ten seconds. Old jobs are deleted every night.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        events: Events,
        jobs: Sequence[Job],
        schedules: Sequence[Schedule] = (),
        settings: JobSettings | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._events = events
        self._jobs = tuple(jobs)
        self._settings = settings or JobSettings()
        self._schedules = (cleaning_schedule(database, clock, self._settings), *schedules)
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop` is called or the task is cancelled; restart after every outage."""
        self._stop.clear()
        while not self._stop.is_set():
            try:
                await self._until_stopped()
            except (ConnectorException, AppError, OSError, PoolTimeout) as error:
                _log.warning("worker_interrupted", error=type(error).__name__)
            except Exception:  # noqa: BLE001 - the worker outlives every bug: it is logged, a new life begins
                _log.exception("worker_failed")
            if not self._stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), _RESTART_AFTER_S)

    async def stop(self) -> None:
        """Ask the worker to finish what runs and to leave; jobs longer than the grace go back to the queue."""
        self._stop.set()

    async def drain(self) -> None:
        """Run everything that is due now and answer when nothing due is left. Schedules do not fire."""
        engine = build_engine(self._database, self._clock, self._events, self._jobs, self._schedules, periodic=False)
        async with engine.open_async():
            while await self._something_is_due():
                await engine.run_worker_async(
                    wait=False,
                    listen_notify=False,
                    install_signal_handlers=False,
                    concurrency=self._settings.acuse_worker_concurrency,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=STALLED_AFTER_S,
                )
                await asyncio.sleep(0)

    async def _something_is_due(self) -> bool:
        async with self._database.transaction() as tx:
            return (await tx.execute(_DUE)).first() is not None

    async def _until_stopped(self) -> None:
        """Run one life of the engine's worker beside the rescuer; the first fault of either ends both."""
        await remember_new_schedules(self._database, self._clock, self._schedules)
        engine = build_engine(self._database, self._clock, self._events, self._jobs, self._schedules)
        async with engine.open_async():
            work = asyncio.create_task(
                engine.run_worker_async(
                    install_signal_handlers=False,
                    concurrency=self._settings.acuse_worker_concurrency,
                    fetch_job_polling_interval=POLL_S,
                    shutdown_graceful_timeout=self._settings.acuse_worker_stop_timeout_s,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=STALLED_AFTER_S,
                ),
                name="acuse-worker",
            )
            rescue = asyncio.create_task(self._rescue(), name="acuse-rescue")
            stop = asyncio.create_task(self._stop.wait(), name="acuse-worker-stop")
            try:
                await asyncio.wait({work, rescue, stop}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (work, rescue, stop):
                    task.cancel()
                await asyncio.wait({work, rescue, stop})
            for task in (work, rescue):
                if not task.cancelled() and (fault := task.exception()) is not None:
                    raise fault

    async def _rescue(self) -> None:
        """Every two seconds take over the jobs of workers that stopped giving signs of life."""
        while True:
            try:
                await rescue_stalled_jobs(self._database, self._clock, self._events, stalled_after_s=STALLED_AFTER_S)
            except AppError as error:
                _log.warning("rescue_interrupted", error=error.code)
            await asyncio.sleep(RESCUE_EVERY_S)
