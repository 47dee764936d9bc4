"""Background work: the month closed by the calendar, and the letter that a statement is ready."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from acuse.ar.resumenes.events import ResumenClosed
from acuse.ar.resumenes.service import ClosingService, ResumenService
from acuse.kernel.jobs import Job, Schedule


def jobs(service: ResumenService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def write(event: ResumenClosed) -> None:
        await service.write_letter(UUID(event.resumen_id))

    return [Job(name="ar.resumenes:letter", run=write, on=ResumenClosed, caption="Avisar de un resumen mensual")]


def schedules(closing: ClosingService) -> Sequence[Schedule]:
    """Answer the schedules of this feature. Asked every day: one without a worker only delays."""

    async def close() -> None:
        await closing.close_due()

    return [
        Schedule(
            name="ar.resumenes:close",
            cron="30 4 * * *",
            zone="America/Argentina/Buenos_Aires",
            run=close,
            caption="Cerrar los resúmenes del mes anterior",
        )
    ]
