"""Writes the story of a solicitud and keeps the text files of its year in step with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from acuse.kernel.clock import Clock
from acuse.kernel.database import Transaction
from acuse.kernel.events import Events
from acuse.mx.archivo import ArchivoService, EstadoCfdi, FoundBy
from acuse.mx.descarga.events import SolicitudEnded, TreeOutdated
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import Outcome, Wait
from acuse.mx.descarga.model.schedule import Backoff
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.store import SolicitudStore
from acuse.mx.descarga.tables import SolicitudRow


class Story:
    """Tells what happened and moves a solicitud to where an answer puts it."""

    def __init__(
        self, *, store: SolicitudStore, archivo: ArchivoService, events: Events, clock: Clock, backoff: Backoff
    ) -> None:
        self._store = store
        self._archivo = archivo
        self._events = events
        self._clock = clock
        self._backoff = backoff

    async def tell(
        self,
        tx: Transaction,
        row: SolicitudRow,
        suceso: Suceso,
        *,
        who: str,
        codigo: int | None = None,
        mensaje: str = "",
    ) -> None:
        """Add a line to the story and have the year's text files written again."""
        await self._store.tell(tx, row.id, suceso, at=self._clock.now(), who=who, codigo=codigo, mensaje=mensaje)
        year = row.fecha_inicio.year
        key = f"{row.contribuyente_id}:{year}"
        await self._events.publish(tx, TreeOutdated(row.contribuyente_id, year), once=key, lock=f"descarga.tree:{key}")

    async def move(self, tx: Transaction, row: SolicitudRow, outcome: Outcome, *, who: str) -> datetime | None:
        """Put a locked solicitud where the outcome says; answer when it is to be looked at again.

        A step that does not exist changes nothing but the problem that is shown. The caller adds the line
        about the answer itself; the end of the story is told here.
        """
        now = self._clock.now()
        row.problem = outcome.problem
        row.release()
        ended = False
        if row.estado.can_become(outcome.estado) and row.estado is not outcome.estado:
            row.attempts = 0
            row.estado = outcome.estado
            ended = outcome.estado.is_final
        resting = row.estado.is_final or row.estado is Estado.DIVIDIDA
        row.next_check_at = None if resting else self.next_try(outcome.wait, row.attempts, now)
        if ended:
            row.finished_at = now
            await self.tell(tx, row, Suceso.TERMINO, who=who, mensaje=row.estado.explanation)
            if row.estado is Estado.SIN_XML:
                await self._cancelled(tx, row, now)
            if row.parent_id or row.plan_id or row.daily_run_id:
                await self._events.publish(tx, SolicitudEnded(str(row.id)), once=str(row.id))
        await tx.flush()
        return row.next_check_at

    async def _cancelled(self, tx: Transaction, row: SolicitudRow, now: datetime) -> None:
        """The SAT refuses the XML of one CFDI only because it is cancelled (5012): so it is marked."""
        if row.folio:
            uuid, by = UUID(row.folio), FoundBy.DESCARGA
            await self._archivo.mark(tx, row.contribuyente_id, uuid, EstadoCfdi.CANCELADO, as_of=now, found_by=by)

    def next_try(self, wait: Wait, attempts: int, now: datetime) -> datetime:
        """Answer the instant of the next try."""
        return self._backoff.next_try(wait, attempts, now)
