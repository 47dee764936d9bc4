"""The board: what a screen or a command shows of jobs and schedules, and the one thing it can do, retry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.jobs import store
from acuse.kernel.jobs.cleaning import cleaning_schedule
from acuse.kernel.jobs.declare import Job, JobSubject, Schedule
from acuse.kernel.jobs.errors import JobLost, JobNotFound, JobNotRetryable, JobUnknown
from acuse.kernel.jobs.schedules import next_tick
from acuse.kernel.jobs.settings import JobSettings
from acuse.kernel.jobs.store import JobState as JobState
from acuse.kernel.jobs.store import StoredJobRow
from acuse.kernel.paging import Cursor, Page, check_limit, page_of, row_number


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """One job as shown: `subject` is what it is about, where that is known.

    `reason` and `code` tell of the last fault, also while it waits for its next try.
    """

    id: int
    name: str
    caption: str
    subject: str
    state: JobState
    arguments: dict[str, int | str | bool | None]
    queue: str
    attempts: int
    max_attempts: int | None
    created_at: datetime | None
    scheduled_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    code: str | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class ScheduleRow:
    """One schedule as shown, with its last and next tick (UTC)."""

    name: str
    caption: str
    cron: str
    zone: str
    last_at: datetime | None
    next_at: datetime


class JobBoard:
    """Shows jobs by state and retries failed ones."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        audit: Audit,
        jobs: Sequence[Job],
        schedules: Sequence[Schedule] = (),
        subjects: Sequence[JobSubject] = (),
    ) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._jobs = {job.name: job for job in jobs}
        self._subjects = tuple(subjects)
        own = cleaning_schedule(database, clock, JobSettings())
        self._schedules = {schedule.name: schedule for schedule in (*schedules, own)}

    def add(self, jobs: Sequence[Job], schedules: Sequence[Schedule]) -> None:
        """Take in what is declared by those who are built over this board."""
        self._jobs |= {job.name: job for job in jobs}
        self._schedules |= {schedule.name: schedule for schedule in schedules}

    async def list(
        self, state: JobState | None = None, *, cursor: str | None = None, limit: int | None = None
    ) -> Page[JobRow]:
        """Answer jobs of a state (or all), newest first, by keyset."""
        size = check_limit(limit)
        below = Cursor.decode(cursor, row_number)[0] if cursor else None
        async with self._database.transaction() as tx:
            rows = await store.select_jobs(tx, state, below=below, limit=size + 1)
            told = await self._told(tx, rows)
        return page_of([self._shown(row, told[row.id]) for row in rows], size, lambda row: (row.id,))

    async def get(self, job_id: int) -> JobRow:
        """Answer one job; raises JobNotFound."""
        async with self._database.transaction() as tx:
            row = await store.select_job(tx, job_id)
            if row is None:
                raise JobNotFound(job_id=job_id)
            told = await self._told(tx, [row])
        return self._shown(row, told[row.id])

    async def counts(self) -> dict[JobState, int]:
        """Answer how many jobs are in each state, zeros included."""
        async with self._database.transaction() as tx:
            return await store.count_jobs(tx)

    async def retry(self, job_id: int, *, actor: Actor) -> None:
        """Put a failed job back as if new, audited. Raises JobNotFound, or JobNotRetryable when it did not fail."""
        async with self._database.transaction() as tx:
            row = await store.select_job(tx, job_id)
            if row is None:
                raise JobNotFound(job_id=job_id)
            if row.state is not JobState.FAILED or not await store.put_back(tx, job_id):
                raise JobNotRetryable(job_id=job_id, state=row.state.caption.lower())
            await self._audit.record(
                tx,
                AuditAction.RETRY_JOB,
                actor=actor,
                target_type="trabajos",
                target_id=str(job_id),
                after={"nombre": row.name},
            )

    async def schedules(self) -> Sequence[ScheduleRow]:
        """Answer the declared schedules with their last and next tick."""
        async with self._database.transaction() as tx:
            last = await store.last_ticks(tx)
        return [
            ScheduleRow(
                name=name,
                caption=schedule.caption,
                cron=schedule.cron,
                zone=schedule.zone,
                last_at=last.get(name),
                next_at=next_tick(schedule, self._clock),
            )
            for name, schedule in self._schedules.items()
        ]

    async def _told(self, tx: Transaction, rows: Sequence[StoredJobRow]) -> dict[int, str]:
        """Answer by job what it is about, each kind of argument asked once."""
        lines: dict[int, list[str]] = {row.id: [] for row in rows}
        for subject in self._subjects:
            of = {row.id: row.arguments[subject.argument] for row in rows if row.arguments.get(subject.argument)}
            found = await subject.told(tx, set(of.values())) if of else {}
            for job_id, value in of.items():
                if value in found:
                    lines[job_id].append(found[value])
        return {job_id: " · ".join(each) for job_id, each in lines.items()}

    def _shown(self, row: StoredJobRow, subject: str) -> JobRow:
        declared = self._jobs.get(row.name) or self._schedules.get(row.name)
        code, reason = row.code, row.reason
        if row.state is JobState.FAILED and code is None:
            lost = JobLost() if declared else JobUnknown(name=row.name)
            code, reason = lost.code, lost.text
        return JobRow(
            id=row.id,
            name=row.name,
            caption=declared.caption if declared else row.name,
            subject=subject,
            state=row.state,
            arguments={key: value for key, value in row.arguments.items() if key != "timestamp"},
            queue=row.queue,
            attempts=row.attempts,
            max_attempts=declared.max_attempts if declared else None,
            created_at=row.created_at,
            scheduled_at=row.scheduled_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            code=code,
            reason=reason,
        )
