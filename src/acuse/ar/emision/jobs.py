"""Background work: carry issuances out, and find the forgotten ones."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from acuse.ar.emision.events import EmisionDue
from acuse.ar.emision.service import Carrier
from acuse.kernel.jobs import Job, Schedule


def jobs(carrier: Carrier) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def carry(event: EmisionDue) -> None:
        await carrier.carry_out(UUID(event.emision_id))

    return [Job(name="ar.emision:carry", run=carry, on=EmisionDue, caption="Pedir un certificado a ARCA")]


def schedules(carrier: Carrier) -> Sequence[Schedule]:
    """Answer the schedules of this feature."""

    async def sweep() -> None:
        await carrier.sweep()

    return [
        Schedule(
            name="ar.emision:sweep",
            cron="*/10 * * * *",
            zone="America/Argentina/Buenos_Aires",
            run=sweep,
            caption="Retomar pedidos a ARCA olvidados",
        )
    ]
