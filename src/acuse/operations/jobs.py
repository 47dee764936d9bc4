"""Background work: tell the administrators of a job that gave up."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.jobs import Job, JobFailed, Schedule
from acuse.operations.service import AuditDesk, FailureLetters


def jobs(letters: FailureLetters) -> Sequence[Job]:
    """Answer the job that follows a failure."""

    async def tell(_: JobFailed) -> None:
        await letters.tell()

    return [Job(name="operations:tell_failure", run=tell, on=JobFailed, caption="Avisar de un trabajo fallido")]


def schedules(desk: AuditDesk) -> Sequence[Schedule]:
    """Answer the look, every five minutes, whether a checkpoint of the audit is due, and each night what is old."""
    return [
        Schedule(
            name="operations:checkpoint",
            cron="*/5 * * * *",
            zone="UTC",
            run=desk.checkpoint,
            caption="Firmar un punto de control de la bitácora",
        ),
        Schedule(
            name="operations:archive_audit",
            cron="40 3 * * *",
            zone="UTC",
            run=desk.archive_due,
            caption="Archivar lo antiguo de la bitácora",
        ),
    ]
