"""Background work: packages that an older reader read, read again one by one."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.jobs import Job, Schedule
from acuse.mx.archivo.events import PaqueteOutdated
from acuse.mx.archivo.service import RereadingService


def jobs(service: RereadingService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def reread(event: PaqueteOutdated) -> None:
        await service.reread(event.indexed_paquete_id)

    return [Job(name="mx.archivo:reread", run=reread, on=PaqueteOutdated, caption="Releer un paquete guardado")]


def schedules(service: RereadingService, cron: str) -> Sequence[Schedule]:
    """Answer the schedules of this feature."""

    async def publish() -> None:
        await service.publish_outdated()

    return [
        Schedule(
            name="mx.archivo:outdated",
            cron=cron,
            zone="America/Mexico_City",
            run=publish,
            caption="Releer lo que se indexó con una versión anterior",
        )
    ]
