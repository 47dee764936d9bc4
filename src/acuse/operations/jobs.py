"""Background work: tell the administrators of a job that gave up."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.audit import SYSTEM
from acuse.kernel.backups import Backups, BackupSettings
from acuse.kernel.jobs import Job, JobFailed, Schedule
from acuse.operations.service import AuditDesk, FailureLetters


def jobs(letters: FailureLetters) -> Sequence[Job]:
    """Answer the job that follows a failure."""

    async def tell(_: JobFailed) -> None:
        await letters.tell()

    return [Job(name="operations:tell_failure", run=tell, on=JobFailed, caption="Avisar de un trabajo fallido")]


def schedules(desk: AuditDesk, backups: Backups, settings: BackupSettings) -> Sequence[Schedule]:
    """Answer what is looked after by the clock: checkpoints of the audit, what of it is old, and the backup."""

    async def backup() -> None:
        await backups.take(actor=SYSTEM)

    nightly = Schedule(
        name="operations:backup",
        cron=settings.schedule_backup,
        zone="America/Mexico_City",
        run=backup,
        caption="Respaldar la base de datos y los archivos",
    )
    return [
        *([nightly] if backups.wanted else []),
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
