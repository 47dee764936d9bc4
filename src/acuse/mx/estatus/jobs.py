"""Background work: stretches of batches, and e-mails of what was found cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from acuse.kernel.jobs import Job
from acuse.mx.estatus.events import CancellationFound, LoteDue, LoteEnded
from acuse.mx.estatus.service import CancellationLetters, LoteService


def jobs(*, lotes: LoteService, letters: CancellationLetters) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def step(event: LoteDue) -> None:
        await lotes.step(UUID(event.lote_id))

    async def tell_lote(event: LoteEnded) -> None:
        await letters.tell_lote(UUID(event.lote_id))

    async def tell_one(event: CancellationFound) -> None:
        await letters.tell_one(event.consulta_id)

    return [
        Job(name="mx.estatus:lote", run=step, on=LoteDue, caption="Consultar en el SAT el estado de varios CFDI"),
        Job(name="mx.estatus:tell_lote", run=tell_lote, on=LoteEnded, caption="Avisar de CFDI cancelados de un lote"),
        Job(name="mx.estatus:tell", run=tell_one, on=CancellationFound, caption="Avisar de un CFDI cancelado"),
    ]
