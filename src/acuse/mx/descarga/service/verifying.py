"""Asks the SAT how solicitudes go, and writes down the packages they have."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from acuse.kernel.audit import SYSTEM, Actor, AuditAction
from acuse.kernel.database import Transaction
from acuse.kernel.errors import AppError
from acuse.kernel.logs import get_logger
from acuse.mx.contribuyentes import AccessLevel, ContribuyenteNotFound
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.descarga.errors import SolicitudBusy, SolicitudNotFound, SolicitudNotVerifiable
from acuse.mx.descarga.events import PaqueteFound, SolicitudDue, SolicitudReady
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import Outcome, Wait, after_verification
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.means import LOOK_AGAIN, Desk
from acuse.mx.descarga.service.sending import CALL_LEASE
from acuse.mx.descarga.service.sessions import Session
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga import wire
from acuse.mx.outside.sat_descarga.codes import PAQUETE_LIFE_H, CodEstatus, EstadoSolicitud, TipoSolicitud

_WITHOUT_WORDS: Final = {CodEstatus.ACEPTADA, CodEstatus.TERMINADA_SIN_DOCUMENTAR}
"""Reasons that say nothing of their own: what is told is the state."""
_AT_ONCE: Final = 500
_log = get_logger(__name__)
_ASKING = (Estado.EN_PROCESO, Estado.LISTA)


class VerifyingService(Desk):
    """Follows solicitudes until they end."""

    async def verify(self, caller: Caller, solicitud_id: UUID) -> SolicitudRow:
        """Ask the SAT now, by hand, and answer the solicitud as it stands then.

        Raises SolicitudNotFound, SolicitudNotVerifiable, SolicitudBusy, and what the SAT or the e.firma raise.
        """
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            row = await self._solicitudes.get(tx, solicitud_id)
        if row is None:
            raise SolicitudNotFound
        try:
            await self._contribuyentes.require_access(caller, row.rfc, AccessLevel.OPERACION)
        except ContribuyenteNotFound as error:
            raise SolicitudNotFound from error
        if not row.estado.can_verify:
            raise SolicitudNotVerifiable(estado=row.estado.caption)
        if not await self.check(solicitud_id, actor=actor):
            raise SolicitudBusy
        async with self._database.transaction() as tx:
            row = await self._solicitudes.get(tx, solicitud_id) or row
            await self._audit.record(
                tx,
                AuditAction.VERIFY_REQUEST,
                actor=actor,
                target_type="solicitud",
                target_id=str(row.id),
                after={"rfc": row.rfc, "estado": row.estado.value},
            )
        return row

    async def check(self, solicitud_id: UUID, *, actor: Actor = SYSTEM) -> bool:
        """Ask the SAT unless somebody is doing so, and record the answer; answer whether it was asked.

        For a person the fault of the call is raised; in the background it is kept beside the solicitud
        and asked again later.
        """
        with self._claiming(CALL_LEASE) as claim:
            async with self._database.transaction() as tx:
                row = await self._solicitudes.claim(tx, solicitud_id, claim, estados=_ASKING)
                if row is None:
                    return False
                row.next_check_at = claim.now + LOOK_AGAIN
            await self._ask(row, actor)
        return True

    async def _ask(self, row: SolicitudRow, actor: Actor) -> None:
        assert row.id_solicitud is not None
        id_solicitud = row.id_solicitud

        async def ask(session: Session) -> wire.VerificaReply:
            return await self._client.verifica(row.familia, id_solicitud, row.rfc, session.efirma, session.token)

        try:
            reply = await self._sessions.call(
                row.contribuyente_id,
                row.familia,
                ask,
                actor=actor,
                reason="verificación de solicitud",
                within=CALL_LEASE,
            )
        except AppError as error:
            await self._failed(row.id, error, who=actor.name)
            if actor != SYSTEM:
                raise
        else:
            await self._answered(row.id, reply, who=actor.name)

    async def publish_due(self, *, contribuyente_id: int | None = None, early: bool = False) -> int:
        """Have the solicitudes whose time has come verified; answer how many."""
        async with self._database.transaction() as tx:
            due = await self._solicitudes.due_to_verify(
                tx, self._clock.now(), limit=_AT_ONCE, contribuyente_id=contribuyente_id, early=early
            )
            for solicitud_id in due:
                await self._events.publish(tx, SolicitudDue(str(solicitud_id)), once=str(solicitud_id))
        return len(due)

    async def _answered(self, solicitud_id: UUID, reply: wire.VerificaReply, *, who: str) -> None:
        async with self._database.transaction() as tx:
            row = await self._solicitudes.get(tx, solicitud_id, lock=True)
            if row is None or not row.estado.can_verify:
                return
            now = self._clock.now()
            row.attempts += 1
            outcome = after_verification(
                row.estado,
                number=reply.estatus.number,
                mensaje=reply.estatus.mensaje,
                estado=reply.estado,
                codigo=reply.codigo_estado,
                packages=len(reply.ids_paquetes),
                asked=row.attempts,
            )
            changed = reply.estado != row.estado_solicitud or reply.estatus.number != row.cod_estatus
            row.verified_at = now
            row.cod_estatus, row.mensaje = reply.estatus.number, reply.estatus.mensaje
            row.estado_solicitud, row.codigo_estado_solicitud = reply.estado, reply.codigo_estado
            row.numero_cfdis = reply.numero_cfdis or row.numero_cfdis
            if changed or outcome.problem or who != SYSTEM.name:
                codigo = reply.codigo_estado or reply.estatus.number
                await self._story.tell(tx, row, Suceso.VERIFICADA, who=who, codigo=codigo, mensaje=_words(reply))
            await self._found(tx, row, reply.ids_paquetes, who)
            await self._again(tx, row, outcome, who)

    async def _failed(self, solicitud_id: UUID, error: AppError, *, who: str) -> None:
        _log.warning("sat_verify_failed", solicitud=str(solicitud_id), code=error.code)
        wait = Wait.BACKOFF if error.retryable else Wait.LONG
        async with self._database.transaction() as tx:
            row = await self._solicitudes.get(tx, solicitud_id, lock=True)
            if row is None or not row.estado.can_verify:
                return
            row.attempts += 1
            if row.problem != error.text:
                await self._story.tell(
                    tx, row, Suceso.PROBLEMA, who=who, codigo=error.details.get("sat_code"), mensaje=error.text
                )
            await self._again(tx, row, Outcome(row.estado, wait, error.text), who)

    async def _found(self, tx: Transaction, row: SolicitudRow, ids: Iterable[str], who: str) -> None:
        """Write packages down as soon as they are known, each once, and have them downloaded at once."""
        now = self._clock.now()
        keys = {id_paquete: package_key(row, id_paquete) for id_paquete in ids}
        expires_at = now + timedelta(hours=PAQUETE_LIFE_H)
        new = await self._paquetes.found(tx, row.id, keys, now=now, expires_at=expires_at)
        for paquete in new:
            await self._events.publish(tx, PaqueteFound(str(paquete.id)), once=str(paquete.id))
        if new:
            words = "1 paquete" if len(new) == 1 else f"{len(new)} paquetes"
            cfdis = f", {row.numero_cfdis:,} comprobantes" if row.numero_cfdis else ""
            await self._story.tell(tx, row, Suceso.PAQUETES, who=who, mensaje=f"{words}{cfdis}.")

    async def _again(self, tx: Transaction, row: SolicitudRow, outcome: Outcome, who: str) -> None:
        if outcome.estado is Estado.EXCEDIDA:
            outcome = await self._divider.divide(tx, row, outcome, who=who)
        next_try = await self._story.move(tx, row, outcome, who=who)
        if next_try is not None:
            event = SolicitudReady if row.estado is Estado.POR_ENVIAR else SolicitudDue
            await self._events.publish(tx, event(str(row.id)), at=next_try, once=str(row.id))


def package_key(row: SolicitudRow, id_paquete: str) -> str:
    """Answer where a package of this solicitud is stored: by taxpayer, year of the period and kind."""
    kind = "cfdi" if row.tipo is TipoSolicitud.CFDI else "metadata"
    safe = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in id_paquete)
    return f"clientes/{row.rfc}/{row.fecha_inicio.year}/paquetes/{kind}/{safe}.zip"


def _words(reply: wire.VerificaReply) -> str:
    """Answer what the SAT said, in its words alone: of the reason, of the refused call, or of the state."""
    reason = CodEstatus.find(reply.codigo_estado or CodEstatus.ACEPTADA.number)
    if reply.estatus.known is not CodEstatus.ACEPTADA:
        return reply.estatus.mensaje or (reply.estatus.known.official if reply.estatus.known else "")
    if reason not in _WITHOUT_WORDS:
        return reason.official if reason else reply.estatus.mensaje
    state = EstadoSolicitud.find(reply.estado)
    return state.official if state else reply.estatus.mensaje
