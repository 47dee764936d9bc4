"""Has stored packages indexed by the archive, and ends solicitudes whose packages all are."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from acuse.kernel.audit import SYSTEM
from acuse.kernel.database import Transaction
from acuse.kernel.errors import AppError
from acuse.mx.archivo import ArchivoService, IngestReport
from acuse.mx.cfdi.errors import NotAPaquete
from acuse.mx.descarga.events import PaqueteFound
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import Outcome, Wait
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.fetching import publish_stored
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.tables import PaqueteRow, SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Familia, TipoSolicitud

LEFT_LYING = timedelta(minutes=15)
"""A stored package that has waited this long for its index has lost its job."""
_AT_ONCE: Final = 200
_NAMED: Final = 5


class IndexingService(Desk):
    """Hands packages to the archive. Idempotent: the archive knows by package and by UUID."""

    def __init__(self, means: Means, archivo: ArchivoService) -> None:
        super().__init__(means)
        self._archivo = archivo

    async def index(self, paquete_id: UUID) -> None:
        """Index a stored package unless it is, and end its solicitud when it was the last.

        What came damaged is asked of the SAT once more. What the archive cannot read otherwise is kept as the package's
        problem and raised, so that the job says so.
        """
        async with self._database.transaction() as tx:
            found = await self._paquetes.with_solicitud(tx, paquete_id)
        if found is None or found[0].stored_at is None or found[0].indexed_at is not None:
            return
        paquete, solicitud = found
        try:
            report = await self._ingest(paquete, solicitud)
        except NotAPaquete as error:
            await self._fetch_again(paquete, error)
            return
        except AppError as error:
            if not error.retryable:
                await self._unreadable(paquete_id, error)
            raise
        await self._indexed(paquete_id, solicitud.id, report)

    async def publish_left(self) -> int:
        """Have packages indexed whose job was lost; answer how many."""
        async with self._database.transaction() as tx:
            left = await self._paquetes.due_to_index(tx, self._clock.now() - LEFT_LYING, limit=_AT_ONCE)
            for paquete_id in left:
                await publish_stored(self._events, tx, paquete_id)
        return len(left)

    async def _ingest(self, paquete: PaqueteRow, solicitud: SolicitudRow) -> IngestReport:
        to, key, direction = solicitud.contribuyente_id, paquete.storage_key, solicitud.sentido.value
        if solicitud.tipo is TipoSolicitud.CFDI:
            return await self._archivo.ingest_xml_package(to, key, direction)
        return await self._archivo.ingest_metadata_package(
            to,
            key,
            direction,
            as_of=paquete.found_at,
            tell=solicitud.daily_run_id is None,
            retenciones=solicitud.familia is Familia.RETENCIONES,
        )

    async def _indexed(self, paquete_id: UUID, solicitud_id: UUID, report: IngestReport) -> None:
        async with self._database.transaction() as tx:
            solicitud = await self._solicitudes.get(tx, solicitud_id, lock=True)
            paquete = await self._paquetes.get(tx, paquete_id, lock=True)
            if paquete is None or solicitud is None or paquete.indexed_at is not None:
                return
            paquete.indexed_at = self._clock.now()
            paquete.cfdis = report.read
            paquete.problem = None
            await tx.flush()
            read = "1 comprobante" if report.read == 1 else f"{report.read:,} comprobantes"
            new = "1 nuevo" if report.new == 1 else f"{report.new:,} nuevos"
            mensaje = f"{paquete.id_paquete}: {read}, {new}."
            await self._story.tell(tx, solicitud, Suceso.INDEXADO, who=SYSTEM.name, mensaje=mensaje)
            if report.refused:
                mensaje = f"{paquete.id_paquete}: {_left_out(report)}"
                await self._story.tell(tx, solicitud, Suceso.PROBLEMA, who=SYSTEM.name, mensaje=mensaje)
            await self._finish(tx, solicitud)

    async def _finish(self, tx: Transaction, solicitud: SolicitudRow) -> None:
        """End a solicitud whose packages are all indexed. The row is locked: the last of several does it."""
        if solicitud.estado is Estado.LISTA and not await self._paquetes.unfinished(tx, solicitud.id):
            await self._story.move(tx, solicitud, Outcome(Estado.COMPLETA), who=SYSTEM.name)

    async def _fetch_again(self, read: PaqueteRow, error: NotAPaquete) -> None:
        """Have it downloaded anew after a while, beside the bytes that came; without a download left, that ends it."""
        async with self._database.transaction() as tx:
            paquete = await self._paquetes.get(tx, read.id, lock=True)
            if paquete is None or paquete.stored_at is None or paquete.storage_key != read.storage_key:
                return  # another job saw to it; what it brought since is not what was read here
            solicitud = await self._solicitudes.get(tx, paquete.solicitud_id)
            assert solicitud is not None
            paquete.storage_key = f"{paquete.storage_key.removesuffix('.zip')}.{paquete.downloads + 1}.zip"
            paquete.stored_at = paquete.size_bytes = paquete.sha256 = None
            paquete.next_try_at = self._story.next_try(Wait.BACKOFF, paquete.downloads, self._clock.now())
            paquete.problem = error.text
            mensaje = f"{paquete.id_paquete}: {error.text}"
            await self._story.tell(tx, solicitud, Suceso.PROBLEMA, who=SYSTEM.name, mensaje=mensaje)
            await self._events.publish(tx, PaqueteFound(str(read.id)), at=paquete.next_try_at, once=str(read.id))

    async def _unreadable(self, paquete_id: UUID, error: AppError) -> None:
        async with self._database.transaction() as tx:
            found = await self._paquetes.with_solicitud(tx, paquete_id)
            if found is None or found[0].problem == error.text:
                return
            paquete, solicitud = found
            paquete.problem = error.text
            mensaje = f"{paquete.id_paquete}: {error.text}"
            await self._story.tell(tx, solicitud, Suceso.PROBLEMA, who=SYSTEM.name, mensaje=mensaje)


def _left_out(report: IngestReport) -> str:
    """Tell what of a package could not be read, the first by name."""
    count = "1 parte no se pudo leer" if report.refused == 1 else f"{report.refused:,} partes no se pudieron leer"
    named = ", ".join(f"{each.name} ({each.code})" for each in report.refusals[:_NAMED])
    more = f" y {report.refused - _NAMED:,} más" if report.refused > _NAMED else ""
    return f"{count}: {named}{more}. El ZIP se conserva como lo dio el SAT."
