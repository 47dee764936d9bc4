"""Background work: people told of what was found cancelled."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.jobs import Job
from acuse.mx.archivo import CancellationsFound
from acuse.mx.cancelaciones.service import CancelacionesService


def jobs(service: CancelacionesService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def tell(event: CancellationsFound) -> None:
        await service.tell(event.contribuyente_id)

    return [Job(name="mx.cancelaciones:tell", run=tell, on=CancellationsFound, caption="Avisar de CFDI cancelados")]
