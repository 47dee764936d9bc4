"""Takes over the jobs of workers that were killed or lost their machine."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.jobs.errors import JobFailed, JobLost
from acuse.kernel.jobs.failures import keep_reason
from acuse.kernel.logs import get_logger

MAX_DEATHS: Final = 10
# Rows another worker is rescuing at this moment are skipped, so that a job is never taken over twice.
_STALLED: Final = text("""
    SELECT job.id, job.task_name, job.attempts
      FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
     WHERE job.status = 'doing'
       AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :stalled_after_s))
     ORDER BY job.id
       FOR UPDATE OF job SKIP LOCKED
""")
_PUT_BACK: Final = text("""
    UPDATE procrastinate_jobs
       SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, abort_requested = false, worker_id = NULL
     WHERE id = :id
""")
_GIVE_UP: Final = text("UPDATE procrastinate_jobs SET status = 'failed', attempts = attempts + 1 WHERE id = :id")
_DROP: Final = text("DELETE FROM procrastinate_jobs WHERE id = :id")
_log = get_logger(__name__)


async def rescue_stalled_jobs(database: Database, clock: Clock, events: Events, *, stalled_after_s: float) -> int:
    """Put back every job whose worker gave no sign of life for this long; answer how many were found.

    A job whose every run ends in a dead process is failed after ten (it may be what kills them). One
    whose equal (same queueing lock) waits already is dropped in its favour.
    """
    async with database.transaction() as tx:
        stalled = (await tx.execute(_STALLED, {"stalled_after_s": stalled_after_s})).all()
        for job in stalled:
            _log.warning("job_taken_over", job=job.task_name, job_id=job.id, attempts=job.attempts + 1)
            if job.attempts + 1 >= MAX_DEATHS:
                await tx.execute(_GIVE_UP, {"id": job.id})
                await keep_reason(tx, job.id, JobLost(), final=True, clock=clock)
                await events.publish(tx, JobFailed(job_id=job.id, name=job.task_name))
                continue
            try:
                async with tx.begin_nested():
                    await tx.execute(_PUT_BACK, {"id": job.id})
            except IntegrityError:
                await tx.execute(_DROP, {"id": job.id})
    return len(stalled)
