"""The queries of the board over the engine's own tables (their form is pinned with the engine's version)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import RowMapping, text
from sqlalchemy.exc import IntegrityError

from acuse.kernel.captioned import Captioned
from acuse.kernel.database import Transaction


class JobState(Captioned):
    """Where a job stands, in the words of the page."""

    WAITING = "waiting", "En espera"
    SCHEDULED = "scheduled", "Programado"
    RUNNING = "running", "En curso"
    FAILED = "failed", "Fallido"
    DONE = "done", "Terminado"


@dataclass(frozen=True, kw_only=True)
class StoredJobRow:
    """A job as it stands in the tables."""

    id: int
    name: str
    state: JobState
    arguments: dict[str, Any]
    queue: str
    attempts: int
    created_at: datetime | None
    scheduled_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    code: str | None
    reason: str | None


_STATE: Final = """CASE WHEN job.status = 'todo' AND job.scheduled_at > now() THEN 'scheduled'
                        WHEN job.status = 'todo' THEN 'waiting'
                        WHEN job.status = 'doing' THEN 'running'
                        WHEN job.status = 'succeeded' THEN 'done'
                        ELSE 'failed' END"""
_WHERE: Final = {
    JobState.WAITING: "job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())",
    JobState.SCHEDULED: "job.status = 'todo' AND job.scheduled_at > now()",
    JobState.RUNNING: "job.status = 'doing'",
    JobState.DONE: "job.status = 'succeeded'",
    JobState.FAILED: "job.status IN ('failed', 'cancelled', 'aborted', 'aborting')",
}
_JOBS: Final = f"""
    SELECT job.id, job.task_name AS name, {_STATE} AS state, job.args AS arguments, job.queue_name AS queue,
           job.attempts, job.scheduled_at, times.created_at, times.started_at, times.finished_at,
           failure.code, failure.reason
      FROM procrastinate_jobs AS job
      LEFT JOIN job_failures AS failure ON failure.job_id = job.id
      LEFT JOIN LATERAL (
            SELECT min(at) FILTER (WHERE type = 'deferred') AS created_at,
                   max(at) FILTER (WHERE type = 'started') AS started_at,
                   max(at) FILTER (WHERE type IN ('failed', 'succeeded', 'cancelled', 'aborted')) AS finished_at
              FROM procrastinate_events WHERE job_id = job.id) AS times ON true
"""  # noqa: S608 - made of constants
_COUNTS: Final = text(f"SELECT {_STATE} AS state, count(*) AS jobs FROM procrastinate_jobs AS job GROUP BY 1")  # noqa: S608
_PUT_BACK: Final = text("""
    UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL, abort_requested = false
     WHERE id = :id AND status IN ('failed', 'aborted', 'cancelled') RETURNING id
""")
_LAST_TICKS: Final = text(
    "SELECT task_name, max(defer_timestamp) AS tick FROM procrastinate_periodic_defers GROUP BY task_name"
)
_CLEAN_FAILURES: Final = text(
    "DELETE FROM job_failures WHERE NOT EXISTS (SELECT FROM procrastinate_jobs AS job WHERE job.id = job_id)"
)
_CLEAN_JOBS: Final = text("""
    DELETE FROM procrastinate_jobs AS job
     WHERE job.status = ANY (CAST(:statuses AS procrastinate_job_status[]))
       AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = job.id AND at >= :before)
""")


async def select_jobs(
    tx: Transaction, state: JobState | None, *, below: int | None, limit: int
) -> Sequence[StoredJobRow]:
    """Answer jobs of a state, newest first, with ids below the given one."""
    where = _WHERE[state] if state else "true"
    statement = text(f"{_JOBS} WHERE {where} AND (CAST(:below AS bigint) IS NULL OR job.id < :below) "
                     "ORDER BY job.id DESC LIMIT :limit")  # fmt: skip
    found = await tx.execute(statement, {"below": below, "limit": limit})
    return [_row(row) for row in found.mappings()]


async def select_job(tx: Transaction, job_id: int) -> StoredJobRow | None:
    """Answer one job."""
    found = (await tx.execute(text(f"{_JOBS} WHERE job.id = :id"), {"id": job_id})).mappings().first()
    return None if found is None else _row(found)


async def count_jobs(tx: Transaction) -> dict[JobState, int]:
    """Answer the number of jobs of each state."""
    found = {JobState(row.state): int(row.jobs) for row in await tx.execute(_COUNTS)}
    return {state: found.get(state, 0) for state in JobState}


async def put_back(tx: Transaction, job_id: int) -> bool:
    """Make a failed job wait as if new; False when it is not failed or its equal waits already."""
    try:
        async with tx.begin_nested():
            return (await tx.execute(_PUT_BACK, {"id": job_id})).first() is not None
    except IntegrityError:
        return False


async def last_ticks(tx: Transaction) -> dict[str, datetime]:
    """Answer the last tick of each schedule."""
    return {row.task_name: datetime.fromtimestamp(row.tick, UTC) for row in await tx.execute(_LAST_TICKS)}


async def delete_old_jobs(tx: Transaction, *, done_before: datetime, failed_before: datetime) -> int:
    """Delete jobs that ended before these instants, with their reasons; answer how many."""
    done = await tx.execute(_CLEAN_JOBS, {"statuses": ["succeeded"], "before": done_before})
    failed = await tx.execute(_CLEAN_JOBS, {"statuses": ["failed", "cancelled", "aborted"], "before": failed_before})
    await tx.execute(_CLEAN_FAILURES)
    return int(done.rowcount + failed.rowcount)  # type: ignore[attr-defined]


def _row(row: RowMapping) -> StoredJobRow:
    return StoredJobRow(**{**row, "state": JobState(row["state"])})
