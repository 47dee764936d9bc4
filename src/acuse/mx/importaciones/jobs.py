"""Background work: uploaded archives, and those nobody knows of."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from acuse.kernel.jobs import Job, Schedule
from acuse.mx.importaciones.events import ImportDue
from acuse.mx.importaciones.service import ImportService


def jobs(service: ImportService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def take_in(event: ImportDue) -> None:
        await service.take_in(UUID(event.import_id))

    return [Job(name="mx.importaciones:take_in", run=take_in, on=ImportDue, caption="Importar un archivo de CFDI")]


def schedules(service: ImportService, *, cron: str) -> Sequence[Schedule]:
    """Answer the schedules of this feature."""

    async def sweep() -> None:
        await service.sweep()

    return [
        Schedule(
            name="mx.importaciones:sweep",
            cron=cron,
            zone="America/Mexico_City",
            run=sweep,
            caption="Borrar archivos subidos sin importación que los nombre",
        )
    ]
