"""Background work: stretches of batches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from acuse.kernel.jobs import Job
from acuse.mx.estatus.events import LoteDue
from acuse.mx.estatus.service import LoteService


def jobs(*, lotes: LoteService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def step(event: LoteDue) -> None:
        await lotes.step(UUID(event.lote_id))

    return [Job(name="mx.estatus:lote", run=step, on=LoteDue, caption="Consultar en el SAT el estado de varios CFDI")]
