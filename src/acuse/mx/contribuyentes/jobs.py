"""Background work over e.firmas: the storage follows the database, people hear before one ends."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.jobs import Job, Schedule
from acuse.kernel.vault import VaultRotated
from acuse.mx.contribuyentes.events import ContribuyenteRemoved, EfirmaChanged
from acuse.mx.contribuyentes.service import ContribuyentesService, Departures, ExpiryLetters


def jobs(service: ContribuyentesService) -> Sequence[Job]:
    """Answer the jobs of this feature."""

    async def write_copies(event: EfirmaChanged) -> None:
        await service.write_copies(event.contribuyente_id)

    async def renew_copies(_: VaultRotated) -> None:
        await service.renew_copies()

    return [
        Job(
            name="mx.contribuyentes:write_copies",
            run=write_copies,
            on=EfirmaChanged,
            caption="Guardar el certificado y la llave sellada en el almacenamiento",
        ),
        Job(
            name="mx.contribuyentes:renew_copies",
            run=renew_copies,
            on=VaultRotated,
            caption="Renovar en el almacenamiento las llaves selladas",
        ),
    ]


def removal_jobs(departures: Departures) -> Sequence[Job]:
    """Answer the job that deletes the files of a removed taxpayer."""

    async def clear_storage(event: ContribuyenteRemoved) -> None:
        await departures.clear_storage(event.rfc)

    return [
        Job(
            name="mx.contribuyentes:clear_storage",
            run=clear_storage,
            on=ContribuyenteRemoved,
            caption="Borrar los archivos de un contribuyente eliminado",
        )
    ]


def schedules(letters: ExpiryLetters, *, cron: str) -> Sequence[Schedule]:
    """Answer the schedules of this feature: the letters before an e.firma ends."""
    return [
        Schedule(
            name="mx.contribuyentes:ending",
            cron=cron,
            zone="America/Mexico_City",
            run=letters.write,
            caption="Avisar de las e.firmas por vencer",
        )
    ]
