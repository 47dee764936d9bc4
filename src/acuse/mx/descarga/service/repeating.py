"""Asks a solicitud again that failed, expired or got stuck, and says beforehand what that spends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from acuse.kernel.audit import AuditAction
from acuse.kernel.database import Transaction
from acuse.mx.contribuyentes import AccessLevel, ContribuyenteNotFound
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.descarga.errors import SolicitudNotFound, SolicitudNotRepeatable
from acuse.mx.descarga.events import SolicitudEnded
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import Outcome
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.lifetime import Spending
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.service.sending import SendingService
from acuse.mx.descarga.store import parametros_of
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import TipoSolicitud

STUCK_AFTER = timedelta(hours=72)
"""The SAT answers within hours, rarely after a day: what waits longer may be asked again."""
_GIVEN_UP = "El SAT no la terminó en 72 horas y se pidió de nuevo."


@dataclass(frozen=True)
class Repetition:
    """What would be asked in place of a solicitud, and what of its lifetime is spent before that."""

    original: SolicitudRow
    parametros: Parametros
    spending: Spending

    @property
    def shifted_s(self) -> int:
        """Answer by how many seconds the period is widened."""
        asked = self.parametros.periodo
        more = self.original.fecha_inicio - asked.inicio + asked.fin - self.original.fecha_fin
        return int(more.total_seconds())

    @property
    def cost(self) -> str:
        """Tell in Spanish what it spends."""
        if not self.spending.counts:
            return "No gasta intentos: el SAT no limita de por vida estas solicitudes."
        return (
            "Gasta una de las dos solicitudes que el SAT admite de por vida para este periodo, que es "
            f"{self.shifted_s} s más largo; usadas hasta ahora: {self.spending.spent}."
        )


class RepeatingService(Desk):
    """Asks again. Of one solicitud there is one repetition, however often the button is pressed."""

    def __init__(self, means: Means, sending: SendingService) -> None:
        super().__init__(means)
        self._sending = sending

    async def preview(self, caller: Caller, solicitud_id: UUID) -> Repetition:
        """Answer what asking again would ask and spend. Raises SolicitudNotFound, SolicitudNotRepeatable."""
        async with self._database.transaction() as tx:
            row = await self._repeatable(tx, caller, solicitud_id, lock=False)
            return await self._planned(tx, row)

    async def repeat(self, caller: Caller, solicitud_id: UUID) -> SolicitudRow:
        """Ask again and answer the new solicitud with what the SAT said.

        XML is asked with a period a second longer, so that the SAT sees another solicitud; Metadata and folios as
        they were. The new one stands in wherever the old one stood. Raises as `preview`.
        """
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            original = await self._repeatable(tx, caller, solicitud_id, lock=True)
            planned = await self._planned(tx, original)
            if not original.estado.is_final:
                await self._story.move(tx, original, Outcome(Estado.ERROR, problem=_GIVEN_UP), who=actor.name)
            row = await self._stand_in(tx, original, planned.parametros, who=actor.name)
            await self._audit.record(
                tx,
                AuditAction.CREATE_REQUEST,
                actor=actor,
                target_type="solicitud",
                target_id=str(row.id),
                after={"rfc": row.rfc, "repite": str(original.id)},
            )
        await self._sending.deliver(row.id, actor=actor)
        async with self._database.transaction() as tx:
            return await self._solicitudes.get(tx, row.id) or row

    async def _stand_in(
        self, tx: Transaction, original: SolicitudRow, parametros: Parametros, *, who: str
    ) -> SolicitudRow:
        plan = (original.plan_id, original.plan_slot) if original.plan_id and original.plan_slot else None
        original.plan_id = original.plan_slot = None
        await tx.flush()
        twin = await self._solicitudes.equal_to(tx, original.contribuyente_id, parametros)
        now = self._clock.now()
        row = await self._solicitudes.reserve(
            tx,
            contribuyente_id=original.contribuyente_id,
            rfc=original.rfc,
            parametros=parametros,
            estado=Estado.POR_ENVIAR,
            next_check_at=now + timedelta(minutes=3),
            now=now,
            who=who,
            plan=plan,
            parent_id=original.parent_id,
            repeats_id=original.id,
            daily_run_id=original.daily_run_id,
            attempt=twin.attempt + 1 if twin else 1,
        )
        if row is None:
            raise SolicitudNotRepeatable(estado=original.estado.caption, reason="ya se pidió de nuevo.")
        await self._story.tell(tx, original, Suceso.REPETIDA, who=who, mensaje="Se pidió de nuevo.")
        await self._story.tell(tx, row, Suceso.CREADA, who=who, mensaje="Pedida en lugar de una que no llegó.")
        await self._events.publish(tx, SolicitudEnded(str(original.id)), once=str(original.id))
        return row

    async def _planned(self, tx: Transaction, row: SolicitudRow) -> Repetition:
        asked = parametros_of(row)
        counts = asked.tipo is TipoSolicitud.CFDI or not row.estado.is_final
        shift = 1 if counts and not asked.folio else 0
        other = await self._lifetime.fit(tx, row.contribuyente_id, row.rfc, asked, shift=shift)
        return Repetition(row, other, await self._lifetime.of(tx, row.contribuyente_id, row.rfc, other))

    async def _repeatable(self, tx: Transaction, caller: Caller, solicitud_id: UUID, *, lock: bool) -> SolicitudRow:
        row = await self._solicitudes.get(tx, solicitud_id, lock=lock)
        if row is None:
            raise SolicitudNotFound
        try:
            await self._contribuyentes.require(tx, caller, row.rfc, AccessLevel.OPERACION)
        except ContribuyenteNotFound as error:
            raise SolicitudNotFound from error
        if not repeatable(row, self._clock.now()):
            reason = "sólo se repite la que falló, venció o lleva 72 horas sin terminar."
            raise SolicitudNotRepeatable(estado=row.estado.caption, reason=reason)
        again = await self._solicitudes.repetition_of(tx, row.id)
        if again is not None:
            raise SolicitudNotRepeatable(estado=row.estado.caption, reason="ya se pidió de nuevo.", id=str(again.id))
        return row


def repeatable(row: SolicitudRow, now: datetime) -> bool:
    """Tell whether a solicitud failed, expired or is stuck."""
    stuck = row.estado.can_verify and row.sent_at is not None and now - row.sent_at >= STUCK_AFTER
    return row.estado.can_repeat or stuck
