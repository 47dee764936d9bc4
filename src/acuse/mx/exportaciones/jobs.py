"""Background work: making exports, and forgetting them in time."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from acuse.kernel.jobs import Job, Schedule
from acuse.mx.exportaciones.events import ExportDue
from acuse.mx.exportaciones.service import ExportService, Maker


def jobs(maker: Maker) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def make(event: ExportDue) -> None:
        await maker.make(UUID(event.export_id))

    return [Job(name="mx.exportaciones:make", run=make, on=ExportDue, caption="Hacer el archivo de una exportación")]


def schedules(service: ExportService, *, cron: str) -> Sequence[Schedule]:
    """Answer the schedules of this feature."""
    return [
        Schedule(
            name="mx.exportaciones:expire",
            cron=cron,
            zone="America/Mexico_City",
            run=service.expire,
            caption="Borrar las exportaciones cuyo plazo terminó",
        )
    ]
