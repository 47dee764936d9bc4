"""Background work: jobs that follow events, schedules true to their zone, a supervised worker, and the board."""

from acuse.kernel.jobs.board import JobBoard, JobRow, JobState, ScheduleRow
from acuse.kernel.jobs.cleaning import cleaning_schedule
from acuse.kernel.jobs.declare import Id, Job, JobSubject, Schedule, as_uuids, several
from acuse.kernel.jobs.errors import JobFailed, JobNotFound, JobNotRetryable
from acuse.kernel.jobs.settings import JobSettings
from acuse.kernel.jobs.worker import Worker

__all__ = [
    "Id",
    "Job",
    "JobBoard",
    "JobFailed",
    "JobNotFound",
    "JobNotRetryable",
    "JobRow",
    "JobSettings",
    "JobState",
    "JobSubject",
    "Schedule",
    "ScheduleRow",
    "Worker",
    "as_uuids",
    "cleaning_schedule",
    "several",
]
