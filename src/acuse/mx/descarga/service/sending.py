"""Sends solicitudes: the intent first, then the call, then what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from acuse.kernel.audit import SYSTEM, Actor, AuditAction
from acuse.kernel.database import Transaction
from acuse.kernel.errors import AppError, Unavailable, Unreadable
from acuse.kernel.logs import get_logger
from acuse.mx.contribuyentes import Contribuyente
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.descarga.errors import LifetimeSpent, SolicitudDuplicada
from acuse.mx.descarga.events import SolicitudDue, SolicitudReady
from acuse.mx.descarga.model.consulta import Parametros, familia_of
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import Outcome, Wait, after_request
from acuse.mx.descarga.model.periodo import instant_of, mexico_time
from acuse.mx.descarga.model.plan import Slot, plan_year
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.means import LOOK_AGAIN, Desk
from acuse.mx.descarga.service.sessions import Session
from acuse.mx.descarga.store import Claim, parametros_of
from acuse.mx.descarga.tables import PlanRow, SolicitudRow
from acuse.mx.outside.sat_descarga import wire
from acuse.mx.outside.sat_descarga.codes import CodEstatus, Familia, Sentido

CALL_LEASE = timedelta(seconds=150)
"""Longer than any call may take: who holds a claim past it has died, wherever it ran."""
SPENT = (
    "El SAT ya recibió dos solicitudes de CFDI con estas mismas fechas y RFC, las únicas de por vida: no se envió "
    "nada. "
    "Pídela de nuevo y el periodo empezará un segundo antes."
)
_AT_ONCE: Final = 200
_log = get_logger(__name__)


@dataclass(frozen=True)
class YearPlan:
    """The fourteen of a year; `created` counts those made just now."""

    plan: PlanRow
    solicitudes: Sequence[SolicitudRow]
    created: int


class SendingService(Desk):
    """Asks the SAT for documents: one solicitud, or the fourteen of a year."""

    async def send(self, caller: Caller, rfc: str, parametros: Parametros) -> SolicitudRow:
        """Send one solicitud and answer it with what the SAT said.

        Whatever the SAT would refuse by its dates is refused before anything is spent. Raises
        SolicitudDuplicada when one with every parameter equal exists, LifetimeSpent when the SAT was asked for
        these dates and parties as often as it allows.
        """
        contribuyente = await self._operated(caller, rfc)
        parametros.check(mexico_time(self._clock.now()))
        return await self._send(contribuyente, parametros, actor_of(caller))

    async def send_folio(self, caller: Caller, rfc: str, uuid: str, *, familia: Familia = Familia.CFDI) -> SolicitudRow:
        """Send for the XML of one CFDI by its folio fiscal. Raises FolioUnreadable, SolicitudDuplicada.

        Family, side and date are those the archive knows; for a stranger the side of received ones and this moment.
        """
        contribuyente = await self._operated(caller, rfc)
        now = mexico_time(self._clock.now())
        asked = Parametros.one(uuid, sentido=Sentido.RECIBIDOS, fecha=now, familia=familia)
        async with self._database.transaction() as tx:
            known = await self._census.place(tx, contribuyente.id, UUID(asked.folio))
            if known:
                sentido, fecha = Sentido(known.direction.value), known.fecha.replace(microsecond=0)
                asked = Parametros.one(uuid, sentido=sentido, fecha=fecha, familia=familia_of(known))
            twin = await self._solicitudes.of_folio(tx, contribuyente.id, asked.familia, asked.folio or "")
        if twin is not None:
            raise SolicitudDuplicada(id=str(twin.id), estado=twin.estado.value)
        return await self._send(contribuyente, asked, actor_of(caller))

    async def _send(self, contribuyente: Contribuyente, parametros: Parametros, actor: Actor) -> SolicitudRow:
        async with self._database.transaction() as tx:
            row = await self._reserve(tx, contribuyente, parametros, actor, wait_for_call=True)
            if row is None:
                twin = await self._solicitudes.equal_to(tx, contribuyente.id, parametros)
                raise SolicitudDuplicada(id=str(twin.id) if twin else "", estado=twin.estado.value if twin else "")
            await self._lifetime.check(tx, contribuyente.id, row.rfc, parametros)
            await self._audited(tx, row, actor)
        await self.deliver(row.id, actor=actor)
        async with self._database.transaction() as tx:
            return await self._solicitudes.get(tx, row.id) or row

    async def send_year(
        self, caller: Caller, rfc: str, year: int, sentido: Sentido, *, familia: Familia = Familia.CFDI
    ) -> YearPlan:
        """Write down the fourteen of a year and have those whose period is over sent at once.

        Asked twice, by whomever, there are still fourteen; what was asked while its period ran is asked whole once
        that is over. Raises YearOutOfRange, EfirmaMissing and EfirmaExpired.
        """
        contribuyente = await self._operated(caller, rfc)
        slots = plan_year(year, sentido, mexico_time(self._clock.now()), familia=familia)
        actor = actor_of(caller)
        created = 0
        async with self._database.transaction() as tx:
            now = self._clock.now()
            plan = await self._plans.ensure(
                tx,
                contribuyente_id=contribuyente.id,
                familia=familia,
                year=year,
                sentido=sentido,
                now=now,
                who=actor.name,
            )
            for slot in slots:
                created += await self._fill(tx, plan, slot, contribuyente, actor)
            rows = await self._solicitudes.of_plan(tx, plan.id)
            if created:
                await self._audit.record(
                    tx,
                    AuditAction.CREATE_REQUEST,
                    actor=actor,
                    target_type="plan",
                    target_id=str(plan.id),
                    after={"rfc": rfc, "year": year, "tipo_comprobante": sentido.value, "creadas": created},
                )
        return YearPlan(plan, rows, created)

    async def deliver(self, solicitud_id: UUID, *, actor: Actor = SYSTEM) -> None:
        """Send a written intent to the SAT, unless somebody is doing so; record what came of it.

        An intent whose call was cut off is asked again: the repetition is counted, and a 5005 says that
        the first one had arrived.
        """
        with self._claiming(CALL_LEASE) as claim:
            row = await self._take(solicitud_id, claim, actor)
            if row is not None:
                await self._ask(row, actor)

    async def _ask(self, row: SolicitudRow, actor: Actor) -> None:
        """Ask the SAT. The call is counted right before it leaves: what dies earlier has spent nothing."""
        counted = False

        async def ask(session: Session) -> wire.SolicitaReply:
            nonlocal counted
            if not counted:
                await self._count(row.id, actor)
                counted = True
            return await self._client.solicita(row.familia, consulta_of(row), session.efirma, session.token)

        try:
            reply = await self._sessions.call(
                row.contribuyente_id,
                row.familia,
                ask,
                actor=actor,
                reason="solicitud de descarga",
                within=CALL_LEASE,
            )
        except LifetimeSpent:
            await self._refuse(row.id, actor)
        except AppError as error:
            await self._failed(row.id, error, counted=counted, who=actor.name)
        else:
            await self._answered(row.id, reply, who=actor.name)

    async def release_due(self) -> int:
        """Have programadas whose period is over, and intents left lying, sent; answer how many."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            rows = await self._solicitudes.due_to_send(tx, now, limit=_AT_ONCE)
            for row in rows:
                if row.estado is Estado.PROGRAMADA:
                    row.estado = Estado.POR_ENVIAR
                await self._ready(tx, row.id)
        return len(rows)

    async def _reserve(
        self,
        tx: Transaction,
        contribuyente: Contribuyente,
        parametros: Parametros,
        actor: Actor,
        *,
        plan: tuple[UUID, str] | None = None,
        due: datetime | None = None,
        wait_for_call: bool = False,
    ) -> SolicitudRow | None:
        """Write the intent and the first line of its story; None when its like exists.

        With `wait_for_call` the caller sends it itself right away, and the schedule steps in only later.
        """
        now = self._clock.now()
        row = await self._solicitudes.reserve(
            tx,
            contribuyente_id=contribuyente.id,
            rfc=str(contribuyente.rfc),
            parametros=parametros,
            estado=Estado.PROGRAMADA if due else Estado.POR_ENVIAR,
            next_check_at=due or (now + LOOK_AGAIN if wait_for_call else now),
            now=now,
            who=actor.name,
            plan=plan,
        )
        if row is not None:
            suceso = Suceso.PROGRAMADA if due else Suceso.CREADA
            await self._story.tell(tx, row, suceso, who=actor.name, mensaje=row.estado.explanation)
        return row

    async def _fill(
        self, tx: Transaction, plan: PlanRow, slot: Slot, contribuyente: Contribuyente, actor: Actor
    ) -> int:
        """Put a solicitud into a place of the plan: the one that is there, its like, or a new one. Answer 1 if new."""
        held = await self._solicitudes.in_slot(tx, plan.id, slot.name)
        if held is not None:
            if not slot.is_over or held.fecha_fin >= slot.parametros.periodo.fin:
                return 0
            held.plan_id = held.plan_slot = None
            await tx.flush()
        due = instant_of(slot.due) if slot.due else None
        row = await self._reserve(tx, contribuyente, slot.parametros, actor, plan=(plan.id, slot.name), due=due)
        if row is not None:
            if due is None:
                await self._ready(tx, row.id)
            return 1
        twin = await self._solicitudes.equal_to(tx, contribuyente.id, slot.parametros)
        if twin is not None and twin.plan_id is None:
            twin.plan_id, twin.plan_slot = plan.id, slot.name
            await tx.flush()
        return 0

    async def _take(self, solicitud_id: UUID, claim: Claim, actor: Actor) -> SolicitudRow | None:
        """Claim the intent; None when somebody has it, or it is divided instead of asked."""
        async with self._database.transaction() as tx:
            row = await self._solicitudes.claim(tx, solicitud_id, claim, estados=(Estado.POR_ENVIAR,))
            if row is None:
                return None
            if await self._divider.exceeds(tx, row):
                outcome = await self._divider.divide(tx, row, Outcome(Estado.POR_ENVIAR), who=actor.name)
                if outcome.estado is Estado.DIVIDIDA:
                    await self._story.move(tx, row, outcome, who=actor.name)
                    return None
            row.next_check_at = claim.now + LOOK_AGAIN
            return row

    async def _count(self, solicitud_id: UUID, actor: Actor) -> None:
        """Count the call and write it into the story; raises LifetimeSpent when none is left to be asked."""
        async with self._database.transaction() as tx:
            row = await self._locked(tx, solicitud_id)
            assert row is not None
            if not await self._lifetime.spend(tx, row):
                raise LifetimeSpent(suggestion="un segundo antes")
            again = row.sends > 0
            row.sends += 1
            row.sent_at = self._clock.now()
            why = "se alcanzó el límite del día" if row.id_solicitud else "del envío anterior no quedó respuesta"
            suceso, mensaje = (
                (Suceso.REENVIO, f"Se pide de nuevo: {why} (envío {row.sends}).") if again else (Suceso.ENVIO, "")
            )
            await self._story.tell(tx, row, suceso, who=actor.name, mensaje=mensaje)

    async def _refuse(self, solicitud_id: UUID, actor: Actor) -> None:
        """End an intent the SAT would not take: it has counted its like as often as it ever will."""
        async with self._database.transaction() as tx:
            row = await self._locked(tx, solicitud_id)
            assert row is not None
            await self._story.tell(tx, row, Suceso.PROBLEMA, who=actor.name, mensaje=SPENT)
            await self._story.move(tx, row, Outcome(Estado.RECHAZADA, problem=SPENT), who=actor.name)

    async def _answered(self, solicitud_id: UUID, reply: wire.SolicitaReply, *, who: str) -> None:
        outcome = after_request(reply.estatus.number, reply.estatus.mensaje, reply.id_solicitud)
        async with self._database.transaction() as tx:
            row = await self._locked(tx, solicitud_id)
            if row is None or not row.estado.can_send:
                return
            row.cod_estatus, row.mensaje = reply.estatus.number, reply.estatus.mensaje
            row.id_solicitud = reply.id_solicitud or row.id_solicitud
            if reply.estatus.known is CodEstatus.AGOTADAS_DE_POR_VIDA:
                await self._lifetime.exhaust(tx, row)
            elif not reply.id_solicitud:
                await self._lifetime.give_back(tx, row)
            suceso = {Estado.EN_PROCESO: Suceso.ACEPTADA, Estado.POR_ENVIAR: Suceso.ESPERA}.get(
                outcome.estado, Suceso.PROBLEMA if outcome.problem else Suceso.ACEPTADA
            )
            told = reply.estatus.mensaje if suceso is Suceso.ACEPTADA else outcome.problem or reply.estatus.mensaje
            await self._story.tell(tx, row, suceso, who=who, codigo=reply.estatus.number, mensaje=told)
            if outcome.estado is Estado.POR_ENVIAR:
                row.attempts += 1
            await self._after(tx, row, outcome, who)

    async def _failed(self, solicitud_id: UUID, error: AppError, *, counted: bool, who: str) -> None:
        """Keep the intent for another try; the call counts unless it provably never arrived."""
        _log.warning("sat_send_failed", solicitud=str(solicitud_id), code=error.code, counted=counted)
        unsure = isinstance(error, Unavailable | Unreadable) and error.details.get("sent", True)
        wait = Wait.BACKOFF if error.retryable or isinstance(error, Unreadable) else Wait.LONG
        async with self._database.transaction() as tx:
            row = await self._locked(tx, solicitud_id)
            if row is None or not row.estado.can_send:
                return
            if counted and not unsure:
                row.sends -= 1
                await self._lifetime.give_back(tx, row)
            row.attempts += 1
            await self._story.tell(
                tx, row, Suceso.PROBLEMA, who=who, codigo=error.details.get("sat_code"), mensaje=error.text
            )
            await self._after(tx, row, Outcome(Estado.POR_ENVIAR, wait, error.text), who)

    async def _after(self, tx: Transaction, row: SolicitudRow, outcome: Outcome, who: str) -> None:
        if outcome.estado is Estado.EXCEDIDA:
            outcome = await self._divider.divide(tx, row, outcome, who=who)
        next_try = await self._story.move(tx, row, outcome, who=who)
        if next_try is None:
            return
        if row.estado is Estado.POR_ENVIAR:
            await self._ready(tx, row.id, at=next_try)
        else:
            await self._events.publish(tx, SolicitudDue(str(row.id)), at=next_try, once=str(row.id))

    async def _locked(self, tx: Transaction, solicitud_id: UUID) -> SolicitudRow | None:
        return await self._solicitudes.get(tx, solicitud_id, lock=True)

    async def _ready(self, tx: Transaction, solicitud_id: UUID, *, at: datetime | None = None) -> None:
        await self._events.publish(tx, SolicitudReady(str(solicitud_id)), at=at, once=str(solicitud_id))

    async def _audited(self, tx: Transaction, row: SolicitudRow, actor: Actor) -> None:
        await self._audit.record(
            tx,
            AuditAction.CREATE_REQUEST,
            actor=actor,
            target_type="solicitud",
            target_id=str(row.id),
            after={
                "rfc": row.rfc,
                "tipo_solicitud": row.tipo.value,
                "tipo_comprobante": row.sentido.value,
                "fecha_inicio": row.fecha_inicio.isoformat(),
                "fecha_fin": row.fecha_fin.isoformat(),
            },
        )


def consulta_of(row: SolicitudRow) -> wire.Consulta:
    """Answer what the SAT is asked for this solicitud."""
    asked = parametros_of(row)
    return wire.Consulta(
        sentido=asked.sentido,
        rfc=row.rfc,
        tipo=asked.tipo,
        fecha_inicial=asked.periodo.inicio,
        fecha_final=asked.periodo.fin,
        efecto=asked.efecto,
        estado=asked.estado_comprobante,
        complemento=asked.complemento,
        counterparts=asked.counterparts,
        rfc_a_cuenta_terceros=asked.rfc_a_cuenta_terceros,
        folio=asked.folio,
    )
