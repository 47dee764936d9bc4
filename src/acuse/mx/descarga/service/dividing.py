"""Divides solicitudes with too many results, and completes them with their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events
from acuse.mx.archivo import CensusStore, Direction, EstadoCfdi, Stretch
from acuse.mx.descarga.events import SolicitudEnded, SolicitudReady
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.division import cut_by_count, divide
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import Outcome
from acuse.mx.descarga.model.periodo import mexico_time, oldest_start
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.lifetime import Lifetime
from acuse.mx.descarga.service.story import Story
from acuse.mx.descarga.store import SolicitudStore, parametros_of
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import (
    MAX_METADATA_PER_SOLICITUD,
    MAX_XML_PER_SOLICITUD,
    EstadoComprobante,
    Familia,
    TipoSolicitud,
)

_SECOND: Final = timedelta(seconds=1)
_ESTADOS: Final = {EstadoComprobante.VIGENTE: EstadoCfdi.VIGENTE, EstadoComprobante.CANCELADO: EstadoCfdi.CANCELADO}


@dataclass(frozen=True, kw_only=True)
class SatLimits:
    """How many results the SAT hands out in one solicitud."""

    max_xml: int = MAX_XML_PER_SOLICITUD
    max_metadata: int = MAX_METADATA_PER_SOLICITUD

    def of(self, tipo: TipoSolicitud) -> int:
        """Answer the limit for what a solicitud brings."""
        return self.max_xml if tipo is TipoSolicitud.CFDI else self.max_metadata


class Divider:
    """Turns one solicitud that brings too much into parts that fit, and ends it when they have ended."""

    def __init__(
        self,
        *,
        database: Database,
        solicitudes: SolicitudStore,
        census: CensusStore,
        lifetime: Lifetime,
        story: Story,
        events: Events,
        clock: Clock,
        limits: SatLimits,
    ) -> None:
        self._database = database
        self._solicitudes = solicitudes
        self._census = census
        self._lifetime = lifetime
        self._story = story
        self._events = events
        self._clock = clock
        self._limits = limits

    async def exceeds(self, tx: Transaction, row: SolicitudRow) -> bool:
        """Tell whether the archive knows of more in this period than the SAT would hand out."""
        stretch = _stretch(row)
        return stretch is not None and await self._census.count(tx, stretch) > self._limits.of(row.tipo)

    async def divide(self, tx: Transaction, row: SolicitudRow, outcome: Outcome, *, who: str) -> Outcome:
        """Write the parts of a locked solicitud and have them sent; answer where it goes: divided, or as `outcome`.

        Parts follow the counts of the archive where it knows more than fits, else the calendar and halves.
        """
        parts = await self._parts(tx, row)
        if not parts:
            return outcome
        for part in parts:
            await self._ask(tx, row, part, who)
        mensaje = f"{len(parts)} partes: tiene más comprobantes de los que el SAT entrega en una solicitud."
        await self._story.tell(tx, row, Suceso.DIVISION, who=who, mensaje=mensaje)
        return Outcome(Estado.DIVIDIDA)

    async def settle(self, solicitud_id: UUID) -> None:
        """Look whether the solicitud this one is a part of has ended with it. Idempotent."""
        async with self._database.transaction() as tx:
            part = await self._solicitudes.get(tx, solicitud_id)
            if part is None or part.parent_id is None:
                return
            parent = await self._solicitudes.get(tx, part.parent_id, lock=True)
            if parent is None or parent.estado is not Estado.DIVIDIDA:
                return
            parts = await self._solicitudes.parts(tx, parent.id)
            failed = sum(needs_a_person(one) for one in parts)
            problem = _attention(failed) if failed else None
            if problem != parent.problem and parent.parent_id:
                await self._events.publish(tx, SolicitudEnded(str(parent.id)), once=str(parent.id))
            parent.problem = problem
            parent.numero_cfdis = sum(one.numero_cfdis or 0 for one in parts)
            if all(one.estado.is_success for one in parts):
                empty = all(one.estado is Estado.SIN_CFDI for one in parts)
                await self._story.move(
                    tx, parent, Outcome(Estado.SIN_CFDI if empty else Estado.COMPLETA), who=SYSTEM.name
                )

    async def _parts(self, tx: Transaction, row: SolicitudRow) -> Sequence[Parametros]:
        asked = parametros_of(row)
        if asked.folio:
            return ()
        counted = await self._by_count(tx, row, asked)
        if counted:
            return counted
        oldest = oldest_start(mexico_time(self._clock.now()))
        parts = divide(asked, oldest=oldest)
        if parts:
            return parts
        stretch = _stretch(row)
        known = await self._census.counterparts(tx, stretch) if stretch else ()
        return divide(asked, oldest=oldest, counterparts=known)

    async def _by_count(self, tx: Transaction, row: SolicitudRow, asked: Parametros) -> Sequence[Parametros]:
        stretch, limit = _stretch(row), self._limits.of(row.tipo)
        cuts = []
        start = asked.periodo.inicio
        while stretch is not None and start <= asked.periodo.fin:
            rest = Stretch(**(vars(stretch) | {"desde": start}))
            cut = await self._census.moment_after(tx, rest, limit)
            if cut is None:
                break
            start = cut if cut > start else start + _SECOND
            cuts.append(start)
        return tuple(asked.over(part) for part in cut_by_count(asked.periodo, cuts))

    async def _ask(self, tx: Transaction, parent: SolicitudRow, asked: Parametros, who: str) -> None:
        """Write one part and have it sent. One the SAT has counted as often as it may begins a second earlier."""
        fitting = await self._lifetime.fit(tx, parent.contribuyente_id, parent.rfc, asked)
        now = self._clock.now()
        row = await self._solicitudes.reserve(
            tx,
            contribuyente_id=parent.contribuyente_id,
            rfc=parent.rfc,
            parametros=fitting,
            estado=Estado.POR_ENVIAR,
            next_check_at=now,
            now=now,
            who=who,
            parent_id=parent.id,
            daily_run_id=parent.daily_run_id,
        )
        if row is not None:
            await self._story.tell(tx, row, Suceso.CREADA, who=who, mensaje="Parte de una solicitud dividida.")
            await self._events.publish(tx, SolicitudReady(str(row.id)), once=str(row.id))
            return
        twin = await self._solicitudes.equal_to(tx, parent.contribuyente_id, fitting)
        if twin is not None and twin.parent_id is None and twin.id != parent.id:
            twin.parent_id = parent.id
            await tx.flush()
            await self._events.publish(tx, SolicitudEnded(str(twin.id)), once=str(twin.id))


def needs_a_person(row: SolicitudRow) -> bool:
    """Tell whether nothing will get better by itself: it failed, or a part of it did."""
    return row.estado.is_failure or (row.estado is Estado.DIVIDIDA and row.problem is not None)


def _stretch(row: SolicitudRow) -> Stretch | None:
    """Answer what the archive can count of a solicitud; None where it does not know what the SAT filters by."""
    if row.complemento or row.counterparts or row.rfc_a_cuenta_terceros or row.folio:
        return None
    return Stretch(
        contribuyente_id=row.contribuyente_id,
        direction=Direction(row.sentido.value),
        desde=row.fecha_inicio,
        hasta=row.fecha_fin,
        retenciones=row.familia is Familia.RETENCIONES,
        efecto=row.efecto or None,
        estado=_ESTADOS.get(EstadoComprobante(row.estado_comprobante)),
    )


def _attention(failed: int) -> str:
    return (
        "Una de sus partes requiere atención: ábrela y pídela de nuevo."
        if failed == 1
        else f"{failed} de sus partes requieren atención: ábrelas y pídelas de nuevo."
    )
