"""Background work over e.firmas: the storage follows the database."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.jobs import Job
from acuse.mx.contribuyentes.events import EfirmaChanged
from acuse.mx.contribuyentes.service import ContribuyentesService


def jobs(service: ContribuyentesService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def write_copies(event: EfirmaChanged) -> None:
        await service.write_copies(event.contribuyente_id)

    return [
        Job(
            name="mx.contribuyentes:write_copies",
            run=write_copies,
            on=EfirmaChanged,
            caption="Guardar el certificado y la llave sellada en el almacenamiento",
        )
    ]
