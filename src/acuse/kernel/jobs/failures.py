"""Keeps the reason of a job's last fault in words for people, and tells when a job gave up."""

from __future__ import annotations

from procrastinate.jobs import Job as StoredJob
from prometheus_client import Counter
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import AppError
from acuse.kernel.events import Events
from acuse.kernel.jobs.errors import JobFailed
from acuse.kernel.jobs.retry import told
from acuse.kernel.jobs.tables import JobFailure
from acuse.kernel.logs import get_logger

_log = get_logger(__name__)
_faults = Counter("acuse_job_faults", "Runs of jobs that ended in a fault", ["job", "final"])


class FailureLog:
    """Writes and forgets the reasons shown on the page of jobs."""

    def __init__(self, database: Database, clock: Clock, events: Events) -> None:
        self._database = database
        self._clock = clock
        self._events = events

    async def keep(self, job: StoredJob, error: Exception, *, final: bool, tell: bool = True) -> None:
        """Store the reason; when final and to be told, publish JobFailed. Never raises for a database that is away."""
        reason = told(error)
        _faults.labels(job=job.task_name, final=str(final).lower()).inc()
        _log.warning("job_fault", job=job.task_name, job_id=job.id, code=reason.code, reason=reason.text, final=final)
        assert job.id is not None
        try:
            async with self._database.transaction() as tx:
                await keep_reason(tx, job.id, reason, final=final, clock=self._clock)
                if final and tell:
                    await self._events.publish(tx, JobFailed(job_id=job.id, name=job.task_name))
        except AppError as away:
            _log.warning("job_reason_not_kept", job_id=job.id, code=away.code)

    async def forget(self, job: StoredJob) -> None:
        """Drop the reason of an earlier fault: the job has succeeded."""
        try:
            async with self._database.transaction() as tx:
                await tx.execute(delete(JobFailure).where(JobFailure.job_id == job.id))
        except AppError as away:
            _log.warning("job_reason_not_forgotten", job_id=job.id, code=away.code)


async def keep_reason(tx: Transaction, job_id: int, reason: AppError, *, final: bool, clock: Clock) -> None:
    """Write the reason over an earlier one of the same job."""
    values = {"code": reason.code, "reason": reason.text, "final": final, "failed_at": clock.now()}
    statement = insert(JobFailure).values(job_id=job_id, **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[JobFailure.job_id], set_=values))
