"""Puts the job engine together from what was declared: one task per job and per schedule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from procrastinate import App, JobContext, PsycopgConnector

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.jobs.declare import Job, Schedule
from acuse.kernel.jobs.errors import JobFailed
from acuse.kernel.jobs.failures import FailureLog
from acuse.kernel.jobs.manager import PatientJobManager
from acuse.kernel.jobs.retry import RetryByError
from acuse.kernel.jobs.schedules import PERIODIC_ID, follow_zone

CATCH_UP_S: Final = 86_400


def build_engine(
    database: Database,
    clock: Clock,
    events: Events,
    jobs: Sequence[Job],
    schedules: Sequence[Schedule],
    *,
    periodic: bool = True,
) -> App:
    """Answer an unopened engine; without `periodic` the schedules' jobs run but their clock stands still.

    With it there must be at least one schedule: without any, the engine's deferrer ends at once, and then the
    engine stops watching its other side tasks, so that a failed heartbeat goes unnoticed (procrastinate 3.10,
    Worker._monitor_side_tasks).
    """
    if periodic and not schedules:
        raise ValueError("a running worker needs at least one schedule")
    connector = PsycopgConnector(conninfo=database.conninfo, min_size=1, max_size=4, timeout=5)
    engine = App(connector=connector, periodic_defaults={"max_delay": CATCH_UP_S})
    engine.job_manager = PatientJobManager(connector)
    failures = FailureLog(database, clock, events)
    for job in jobs:
        _add_job(engine, job, failures)
    for schedule in schedules:
        _add_schedule(engine, schedule, failures, clock, periodic=periodic)
    return engine


def _add_job(engine: App, job: Job, failures: FailureLog) -> None:
    retry = RetryByError(job.max_attempts)

    async def perform(context: JobContext, /, **arguments: Any) -> None:
        async def run() -> None:
            await job.run(job.on.rebuild(arguments))

        # A failing handler of JobFailed must not breed further events of its own kind.
        await _watched(context, run, retry, failures, tell=job.on is not JobFailed)

    engine.task(name=job.name, queue=job.queue, retry=retry, pass_context=True)(perform)


def _add_schedule(engine: App, schedule: Schedule, failures: FailureLog, clock: Clock, *, periodic: bool) -> None:
    retry = RetryByError(schedule.max_attempts)

    async def perform(context: JobContext, /, timestamp: int) -> None:
        del timestamp
        await _watched(context, schedule.run, retry, failures)

    # The lock keeps two ticks of one schedule from running at the same time.
    task = engine.task(name=schedule.name, lock=schedule.name, retry=retry, pass_context=True)(perform)
    if periodic:
        engine.periodic(cron=schedule.cron, periodic_id=PERIODIC_ID)(task)
        follow_zone(engine, schedule, clock)


async def _watched(
    context: JobContext,
    run: Callable[[], Awaitable[None]],
    retry: RetryByError,
    failures: FailureLog,
    *,
    tell: bool = True,
) -> None:
    """Run once; keep the reason of a fault for people, then let the engine see the fault."""
    job = context.job
    try:
        await run()
    except Exception as error:
        final = retry.wait_after(error, runs_before=job.attempts) is None
        await failures.keep(job, error, final=final, tell=tell)
        raise
    if job.attempts:
        await failures.forget(job)
