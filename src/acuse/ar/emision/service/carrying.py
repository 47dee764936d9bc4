"""Carries an issuance out: intent, commit, call, record. What was lost on the way is asked about before it is repeated.

No transaction is open during a call. An issuance found in the middle of a call was left by a process that died, or
lost its answer: alta and baja prove themselves when asked again; a renewal cannot be asked about, so the catalogue is
looked at first and then it is repeated as often as the settings allow, each time said in its story.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from acuse.ar.certificates.errors import DeviceCertificateRefused
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.errors import CertificateKnown
from acuse.ar.crs.model import EstadoControlador
from acuse.ar.crs.service import CatalogueService, Places
from acuse.ar.crs.service.catalogue import OTHER_KEY, Checked
from acuse.ar.emision import store
from acuse.ar.emision.errors import CredentialMissing, GaveUp, OtherKey, OutcomeUnknown, TicketBusy
from acuse.ar.emision.model import STORY_MAX, EstadoEmision, Tramite, told
from acuse.ar.emision.service.credential import CredentialService
from acuse.ar.emision.service.due import due
from acuse.ar.emision.service.pausing import Breaker
from acuse.ar.emision.service.tickets import Tickets
from acuse.ar.emision.settings import EmisionSettings
from acuse.ar.emision.tables import EmisionRow
from acuse.ar.outside.arca.client import ArcaClient, ArcaSettings
from acuse.ar.outside.arca.errors import (
    ArcaCredentialRefused,
    ArcaCuitNotAuthorized,
    ArcaDischarged,
    ArcaEnrolled,
    ArcaTicketHeld,
    ArcaTicketRefused,
    is_outcome_known,
)
from acuse.ar.outside.arca.wire import Issued, Ticket
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import AppError, Outside, Refused, Unavailable
from acuse.kernel.events import Events
from acuse.kernel.files import Files

_AGAIN: Final = timedelta(minutes=1)
_FORGOTTEN: Final = timedelta(minutes=10)
_CONFIGURATION: Final = (ArcaCredentialRefused, ArcaCuitNotAuthorized, ArcaTicketRefused, CredentialMissing)
_TICKET_WAITS: Final = (ArcaTicketHeld, TicketBusy)
"""Waits for a ticket: ARCA attends all the same."""


@dataclass(frozen=True)
class _Call:
    """What is to be called, as written down before the call."""

    id: UUID
    controlador: ControladorId
    tramite: Tramite
    request: bytes | None
    request_key: str | None
    number: int


class Carrier:
    """The background work of issuing. Every step commits with the job of the next one."""

    def __init__(
        self,
        *,
        database: Database,
        events: Events,
        audit: Audit,
        clock: Clock,
        files: Files,
        client: ArcaClient,
        credentials: CredentialService,
        tickets: Tickets,
        breaker: Breaker,
        catalogue: CatalogueService,
        places: Places,
        settings: EmisionSettings,
        arca: ArcaSettings,
    ) -> None:
        self._database = database
        self._events = events
        self._audit = audit
        self._clock = clock
        self._files = files
        self._client = client
        self._credentials = credentials
        self._tickets = tickets
        self._breaker = breaker
        self._catalogue = catalogue
        self._places = places
        self._settings = settings
        self._lease = timedelta(seconds=arca.arca_timeout_s + 30)

    async def sweep(self) -> int:
        """Call for every open issuance that was forgotten; answer how many. Nothing waits for ever."""
        async with self._database.transaction() as tx:
            found = await store.forgotten(tx, self._clock.now(), _FORGOTTEN)
            for emision_id, controlador_id in found:
                await due(self._events, tx, emision_id, controlador_id)
        return len(found)

    async def carry_out(self, emision_id: UUID) -> None:
        """Do what is due for an issuance; done again it changes nothing. Publishes its own next job."""
        for is_last in (False, True):
            if not await self._may_call(emision_id):
                return
            try:
                ticket, cuit = await self._tickets.get(), await self._credentials.cuit()
            except (Outside, CredentialMissing) as error:
                await self._not_done(emision_id, error)
                return
            call = await self._begin(emision_id)
            if call is None:
                return
            try:
                issued = await self._call(call, cuit, ticket)
            except ArcaTicketRefused as error:
                await self._tickets.discard(ticket)
                await self._not_done(emision_id, error, again=not is_last)
                continue
            except Outside as error:
                await self._failed(call, error)
                return
            await self._record(call, issued)
            return

    async def _may_call(self, emision_id: UUID) -> bool:
        """Look whether to call now; else write down why not and until when."""
        async with self._database.transaction() as tx:
            row = await store.lock(tx, emision_id)
            if row is None or row.estado.is_final:
                return False
            now = self._clock.now()
            if row.estado is EstadoEmision.LLAMANDO and row.called_at is not None:
                if now < row.called_at + self._lease:
                    await self._later(tx, row, row.called_at + self._lease)
                    return False
                row.estado = EstadoEmision.POR_COMPROBAR
                self._tell(row, "El proceso que llamaba a ARCA se interrumpió: no se sabe si lo hizo")
            if row.estado is EstadoEmision.POR_COMPROBAR and not await self._may_repeat(tx, row):
                return False
            if now - row.created_at > timedelta(hours=self._settings.arca_give_up_hours):
                await self._refuse(tx, row, GaveUp(hours=self._settings.arca_give_up_hours))
                return False
            pause = await self._breaker.wait_until(tx)
            if pause is not None:
                self._why(row, pause.reason, "ARCA_PAUSED")
                await self._later(tx, row, pause.until)
                return False
            return True

    async def _may_repeat(self, tx: Transaction, row: EmisionRow) -> bool:
        """Resolve an unknown outcome as far as it can be without a call."""
        if row.tramite is not Tramite.RENOVACION:
            return True
        newest = await self._catalogue.newest(tx, ControladorId.parse(row.controlador_id))
        if newest is not None and newest.created_at >= row.created_at:
            self._tell(row, "El certificado nuevo ya está en el catálogo: no se repite la llamada")
            await self._conclude(tx, row, newest.id)
            return False
        if row.repeticiones < self._settings.arca_renewal_repeats:
            return True
        await self._refuse(tx, row, OutcomeUnknown(controlador=row.controlador_id))
        return False

    async def _begin(self, emision_id: UUID) -> _Call | None:
        """Write the intent: from here on, until the outcome is written, nobody knows."""
        async with self._database.transaction() as tx:
            row = await store.lock(tx, emision_id)
            if row is None or row.estado.is_final or row.estado is EstadoEmision.LLAMANDO:
                return None  # decided, or another was faster
            if row.estado is EstadoEmision.POR_COMPROBAR:
                row.repeticiones += 1
                asks = "se pregunta repitiendo el pedido" if row.tramite is not Tramite.RENOVACION else "se repite"
                self._tell(row, f"No se sabe si ARCA lo hizo: {asks}")
            row.estado, row.called_at = EstadoEmision.LLAMANDO, self._clock.now()
            row.intentos += 1
            row.motivo = row.motivo_codigo = row.next_at = None
            self._tell(row, f"Llamada a ARCA ({row.tramite.caption.lower()})")
            await tx.flush()
            return _Call(
                row.id_emision,
                ControladorId.parse(row.controlador_id),
                row.tramite,
                row.request,
                row.request_key,
                row.intentos,
            )

    async def _call(self, call: _Call, cuit: str, ticket: Ticket) -> Issued | None:
        """Call ARCA. An alta that was done before becomes a renewal, which certifies the key of that alta."""
        if call.tramite is Tramite.BAJA:
            try:
                await self._client.baja(call.controlador, cuit=cuit, ticket=ticket)
            except ArcaDischarged:
                return None
            return None
        if call.request is not None:
            try:
                return await self._client.alta(call.controlador, call.request, cuit=cuit, ticket=ticket)
            except ArcaEnrolled:
                await self._note(call.id, "ARCA ya tenía el alta: se renueva su certificado")
        return await self._client.renovar(call.controlador, cuit=cuit, ticket=ticket)

    async def _record(self, call: _Call, issued: Issued | None) -> None:
        """Write the outcome: certificate, download, counters, alert and audit in one transaction."""
        checked, fault = (None, None) if issued is None else await self._check(call, issued)
        async with self._database.transaction() as tx:
            row = await store.lock(tx, call.id)
            assert row is not None
            if row.estado.is_final:
                return
            await self._breaker.reset(tx)
            if fault is not None:
                await self._refuse(tx, row, fault)
                return
            if checked is None:
                await store.set_estado(tx, row.controlador_id, EstadoControlador.BAJA)
                await self._conclude(tx, row, None)
                return
            try:
                found, warnings = await self._catalogue.write(
                    tx,
                    checked,
                    actor=await self._actor(tx, row),
                    nombre="",
                    certificate_id=uuid4(),
                    created_at=self._clock.now(),
                )
            except CertificateKnown as error:
                await self._refuse(tx, row, error)
                return
            if OTHER_KEY in warnings:
                self._tell(row, OTHER_KEY, "CHANGED_KEY")
            await self._conclude(tx, row, found.id)

    async def _check(self, call: _Call, issued: Issued) -> tuple[Checked | None, AppError | None]:
        """Check what ARCA issued as an upload is checked; what cannot be taken is kept for study."""
        fault: AppError
        try:
            checked = await self._catalogue.check(issued.bundle, at=self._clock.now(), expected=call.controlador)
        except DeviceCertificateRefused as error:
            fault = error
        else:
            if call.request_key in {None, checked.bundle.public_key_sha256}:
                await self._catalogue.keep(checked)
                return checked, None
            fault = OtherKey(controlador=str(call.controlador))
        await self._files.put(f"crs/emisiones/{call.id}-{call.number}.pem", issued.bundle)
        return None, fault

    async def _failed(self, call: _Call, error: Outside) -> None:
        """Write down why a call brought nothing."""
        if isinstance(error, Refused):
            async with self._database.transaction() as tx:
                row = await store.lock(tx, call.id)
                assert row is not None
                if isinstance(error, ArcaDischarged):
                    await store.set_estado(tx, row.controlador_id, EstadoControlador.BAJA)
                await self._refuse(tx, row, error)
                await self._after_refusal(tx, error)
            return
        if is_outcome_known(error):
            await self._not_done(call.id, error)
            return
        async with self._database.transaction() as tx:
            row = await store.lock(tx, call.id)
            assert row is not None
            row.estado = EstadoEmision.POR_COMPROBAR
            await self._wait(tx, row, error)

    async def _not_done(self, emision_id: UUID, error: AppError, *, again: bool = False) -> None:
        """Nothing was done at ARCA: wait, refuse, or with `again` leave it ready for another call at once."""
        async with self._database.transaction() as tx:
            row = await store.lock(tx, emision_id)
            if row is None or row.estado.is_final:
                return
            if row.estado is EstadoEmision.LLAMANDO:
                row.estado = EstadoEmision.EN_ESPERA
            if again:
                self._tell(row, "ARCA no aceptó el ticket: se pide otro", error.code)
            elif isinstance(error, Unavailable):
                await self._wait(tx, row, error)
            else:
                await self._refuse(tx, row, error)
                await self._after_refusal(tx, error)

    async def _wait(self, tx: Transaction, row: EmisionRow, error: AppError) -> None:
        """Say why and when again: after the pause if ARCA cannot attend, after its own wait if it named one."""
        self._why(row, error.text, error.code)
        self._tell(row, error.text, error.code)
        now = self._clock.now()
        at = now + (_AGAIN if error.retry_after_s is None else timedelta(seconds=error.retry_after_s))
        if isinstance(error, Unavailable) and not isinstance(error, _TICKET_WAITS):
            at = await self._breaker.trip(tx, error.text)
        await self._later(tx, row, at)

    async def _after_refusal(self, tx: Transaction, error: AppError) -> None:
        """A refusal proves that ARCA attends; one of our configuration is kept for the administrators."""
        if isinstance(error, _CONFIGURATION):
            await self._breaker.note_problem(tx, error.text)
        else:
            await self._breaker.reset(tx)

    async def _later(self, tx: Transaction, row: EmisionRow, at: datetime) -> None:
        row.next_at, row.updated_at = at, self._clock.now()
        await tx.flush()
        await due(self._events, tx, row.id_emision, row.controlador_id, at=at)

    async def _conclude(self, tx: Transaction, row: EmisionRow, certificate_id: UUID | None) -> None:
        """The end that was wished for: the reserved place becomes a download."""
        actor = await self._actor(tx, row)
        row.estado, row.id_certificado = EstadoEmision.CONCLUIDA, certificate_id
        row.motivo = row.motivo_codigo = None
        self._tell(row, "ARCA dio de baja el equipo" if certificate_id is None else "Certificado en el catálogo")
        if certificate_id is not None:
            row.id_descarga = await self._places.confirm(tx, actor, row.id_usuario, certificate_id)
            await store.set_estado(tx, row.controlador_id, EstadoControlador.ACTIVO)
        await self._finish(tx, row, actor)

    async def _refuse(self, tx: Transaction, row: EmisionRow, error: AppError) -> None:
        """The end without a certificate: the reserved place is free again, nothing is charged."""
        row.estado = EstadoEmision.RECHAZADA
        self._why(row, error.text, error.code)
        self._tell(row, error.text, error.code)
        if row.tramite is not Tramite.BAJA:
            await self._places.release(tx, row.id_usuario)
        await self._finish(tx, row, await self._actor(tx, row))

    async def _finish(self, tx: Transaction, row: EmisionRow, actor: Actor) -> None:
        row.finished_at = row.updated_at = self._clock.now()
        row.next_at = None
        await tx.flush()
        await self._audit.record(
            tx,
            AuditAction.FINISH_ISSUANCE,
            actor=actor,
            target_type="emisiones",
            target_id=str(row.id_emision),
            after={
                "controlador_id": row.controlador_id,
                "tramite": row.tramite.value,
                "estado": row.estado.value,
                "motivo": row.motivo_codigo,
                "id_descarga": row.id_descarga,
            },
        )

    async def _note(self, emision_id: UUID, message: str) -> None:
        async with self._database.transaction() as tx:
            row = await store.lock(tx, emision_id)
            if row is not None:
                self._tell(row, message)

    async def _actor(self, tx: Transaction, row: EmisionRow) -> Actor:
        return Actor(row.id_usuario, await store.user_name(tx, row.id_usuario))

    def _why(self, row: EmisionRow, text: str, code: str) -> None:
        row.motivo, row.motivo_codigo = text, code

    def _tell(self, row: EmisionRow, message: str, code: str | None = None) -> None:
        row.updated_at = self._clock.now()
        row.historia = [*row.historia, told(row.updated_at, message, code)][-STORY_MAX:]
