"""Asks the SAT about one CFDI and keeps what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.mx.archivo import ArchivoService, CfdiDetail, EstadoCfdi, FoundBy
from acuse.mx.contribuyentes import Contribuyente
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.estatus.model import Consulta
from acuse.mx.estatus.store import ConsultaStore
from acuse.mx.outside.sat_consulta.client import SatConsultaClient
from acuse.mx.outside.sat_consulta.codes import Estado
from acuse.mx.outside.sat_consulta.wire import Answer, Asked

_HISTORY: Final = 50
_MARKS: Final = {Estado.VIGENTE: EstadoCfdi.VIGENTE, Estado.CANCELADO: EstadoCfdi.CANCELADO}


class EstatusService:
    """Asking changes nothing at the SAT; here it adds to the CFDI's history and marks its state."""

    def __init__(
        self,
        *,
        database: Database,
        store: ConsultaStore,
        client: SatConsultaClient,
        archivo: ArchivoService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._client = client
        self._archivo = archivo
        self._clock = clock

    async def consult(self, caller: Caller, uuid: UUID | str, *, rfc: str | None = None) -> Consulta:
        """Ask the SAT about a stored CFDI the caller may see, keep the answer and answer it.

        The state told marks the CFDI unless something told later is known. Raises CfdiNotFound, and what the client
        raises: Unavailable, ConsultaUnreadable.
        """
        found = await self._archivo.get(caller, uuid, rfc=rfc)
        kept = await self.ask(found, asked_by=actor_of(caller).name)
        assert kept is not None
        return kept

    async def ask(self, found: CfdiDetail, *, asked_by: str, lote_id: UUID | None = None) -> Consulta | None:
        """Ask about this CFDI and keep the answer; None when the batch had asked about it before."""
        answer = await self._client.consulta(
            Asked(
                uuid=found.uuid,
                emisor=found.emisor_rfc,
                receptor=found.receptor_rfc,
                total=found.total,
                version=found.version,
                sello_final=found.sello_final,
            )
        )
        return await self._keep(found, answer, asked_by, lote_id)

    async def history(self, caller: Caller, uuid: UUID | str, *, rfc: str | None = None) -> list[Consulta]:
        """Answer what the SAT said of a CFDI the caller may see, newest first."""
        found = await self._archivo.get(caller, uuid, rfc=rfc)
        async with self._database.transaction() as tx:
            return await self._store.history(tx, found.contribuyente_id, found.uuid, _HISTORY)

    async def taxpayers(self, caller: Caller) -> Sequence[Contribuyente]:
        """Answer the taxpayers whose CFDIs the caller may ask about."""
        return await self._archivo.taxpayers(caller)

    async def _keep(self, found: CfdiDetail, answer: Answer, asked_by: str, lote_id: UUID | None) -> Consulta | None:
        now = self._clock.now()
        values = {
            "contribuyente_id": found.contribuyente_id,
            "uuid": found.uuid,
            "asked_at": now,
            "asked_by": asked_by,
            "codigo_estatus": answer.codigo_estatus,
            "estado": answer.estado,
            "es_cancelable": answer.es_cancelable,
            "estatus_cancelacion": answer.estatus_cancelacion,
            "validacion_efos": answer.validacion_efos,
            "fecha_timbrado": found.fecha_timbrado,
            "cancellation_found": False,
            "lote_id": lote_id,
        }
        estado = answer.known_estado
        async with self._database.transaction() as tx:
            consulta_id = await self._store.add(tx, values)
            if consulta_id is None:
                return None
            told = None if estado is None else _MARKS.get(estado)
            if told is not None:
                changed = await self._archivo.mark(
                    tx, found.contribuyente_id, found.uuid, told, as_of=now, found_by=FoundBy.CONSULTA
                )
                if changed and told is EstadoCfdi.CANCELADO:
                    await self._store.found_cancelled(tx, consulta_id)
            return await self._store.get(tx, consulta_id)
