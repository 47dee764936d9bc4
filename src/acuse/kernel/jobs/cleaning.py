"""The house's own nightly schedule: finished jobs are kept for some days, then deleted."""

from __future__ import annotations

from datetime import timedelta

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.jobs import store
from acuse.kernel.jobs.declare import Schedule
from acuse.kernel.jobs.settings import JobSettings
from acuse.kernel.logs import get_logger

_log = get_logger(__name__)


def cleaning_schedule(database: Database, clock: Clock, settings: JobSettings) -> Schedule:
    """Answer the schedule that deletes old jobs every night; list it beside the features' own."""

    async def clean() -> None:
        now = clock.now()
        async with database.transaction() as tx:
            deleted = await store.delete_old_jobs(
                tx,
                done_before=now - timedelta(days=settings.acuse_jobs_keep_days),
                failed_before=now - timedelta(days=settings.acuse_failed_jobs_keep_days),
            )
        _log.info("old_jobs_deleted", jobs=deleted)

    return Schedule(
        name="kernel.jobs:clean",
        cron="40 3 * * *",
        zone="America/Mexico_City",
        run=clean,
        caption="Borrar trabajos terminados hace días",
    )
