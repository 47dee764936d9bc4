"""What people do: ask for a certificate, look how it goes, take it back; end a device."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from acuse.accounts.model import Role
from acuse.accounts.rights import Identity, Right
from acuse.ar.certificates.request import read_request
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.errors import DownloadBlocked
from acuse.ar.crs.model import ZONE, EstadoCertificado, EstadoControlador
from acuse.ar.crs.service import CatalogueService, Places
from acuse.ar.crs.service.places import Blocked
from acuse.ar.emision import store
from acuse.ar.emision.errors import (
    Cancelled,
    CertificateInForce,
    ControladorDischarged,
    CredentialMissing,
    IssuanceNotFound,
    IssuanceOff,
    IssuanceStarted,
    IssuanceUnderWay,
)
from acuse.ar.emision.model import ArcaStanding, Emision, EstadoEmision, Tramite, told
from acuse.ar.emision.service.credential import CredentialService
from acuse.ar.emision.service.due import due
from acuse.ar.emision.service.pausing import SERVICE
from acuse.ar.emision.tables import EmisionRow
from acuse.kernel.audit import Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import NotAllowed
from acuse.kernel.events import Events


class IssuingService:
    """Writes down what is asked, with the place of the quota it will need; jobs carry it out."""

    def __init__(
        self,
        *,
        database: Database,
        events: Events,
        audit: Audit,
        clock: Clock,
        catalogue: CatalogueService,
        places: Places,
        credentials: CredentialService,
        is_on: bool,
        ambiente: str,
    ) -> None:
        self._database = database
        self._events = events
        self._audit = audit
        self._clock = clock
        self._catalogue = catalogue
        self._places = places
        self._credentials = credentials
        self.is_on = is_on
        self._ambiente = ambiente

    async def standing(self) -> ArcaStanding:
        """Answer how issuing stands: on or off, whose credential, paused until when and why."""
        credential = await self._credentials.get()
        async with self._database.transaction() as tx:
            row = await store.pause(tx, SERVICE)
        return ArcaStanding(
            is_on=self.is_on,
            ambiente=self._ambiente,
            credential=credential,
            pause=store.as_pause(row, self._clock.now()),
            problem=row.problem if row else None,
        )

    async def ask(self, caller: Identity, controlador: ControladorId, *, request: bytes | None = None) -> Emision:
        """Ask for a certificate: with the device's PKCS#10 its alta, without its renewal. A place is reserved at once.

        Asked again by the same person while under way it answers the first. Raises IssuanceOff, CredentialMissing,
        NotADeviceRequest, CertificateInForce, ControladorDischarged, IssuanceUnderWay, DownloadBlocked.
        """
        await self._check_ready()
        read = None if request is None else read_request(request)
        row = self._row(caller, controlador, Tramite.RENOVACION if read is None else Tramite.ALTA)
        if read is not None:
            row.request, row.request_key = read.der, read.public_key_sha256
        async with self._database.transaction() as tx:
            await self._check_device(tx, controlador)
            outcome = await self._open(tx, caller, row, metered=True)
        if isinstance(outcome, Blocked):
            raise DownloadBlocked(pendingCount=outcome.pending, limit=outcome.limite)
        return outcome

    async def discharge(self, caller: Identity, controlador: ControladorId) -> Emision:
        """Ask for the end of a device, for ever. Nothing is charged. Raises NotAllowed, and as `ask`."""
        if not caller.may(Right.CRS_MANAGE):
            raise NotAllowed(right=Right.CRS_MANAGE)
        await self._check_ready()
        async with self._database.transaction() as tx:
            if await store.estado_of(tx, str(controlador)) is EstadoControlador.BAJA:
                raise ControladorDischarged(controlador=str(controlador))
            outcome = await self._open(tx, caller, self._row(caller, controlador, Tramite.BAJA), metered=False)
        assert isinstance(outcome, Emision)
        return outcome

    async def get(self, caller: Identity, emision_id: UUID) -> Emision:
        """Answer one issuance to who asked or an administrator. Raises IssuanceNotFound."""
        async with self._database.transaction() as tx:
            found = await store.get(tx, emision_id, owner=_owner(caller))
        if found is None:
            raise IssuanceNotFound
        return found

    async def page(self, caller: Identity, *, page: int, limit: int) -> tuple[Sequence[Emision], int]:
        """Answer issuances newest first, one's own or all for an administrator, and how many there are."""
        async with self._database.transaction() as tx:
            total = await store.count(tx, owner=_owner(caller))
            return await store.page(tx, owner=_owner(caller), offset=(page - 1) * limit, limit=limit), total

    async def cancel(self, caller: Identity, emision_id: UUID) -> Emision:
        """Take back what ARCA was not asked yet; its place is free again. Raises IssuanceNotFound, IssuanceStarted."""
        await self.get(caller, emision_id)
        async with self._database.transaction() as tx:
            row = await store.lock(tx, emision_id)
            assert row is not None
            if row.estado is not EstadoEmision.EN_ESPERA:
                raise IssuanceStarted
            now = self._clock.now()
            row.estado, row.finished_at, row.updated_at, row.next_at = EstadoEmision.RECHAZADA, now, now, None
            row.motivo, row.motivo_codigo = Cancelled.message, Cancelled.code
            row.historia = [*row.historia, told(now, Cancelled.message, Cancelled.code)]
            await tx.flush()
            if row.tramite is not Tramite.BAJA:
                await self._places.release(tx, row.id_usuario)
            await self._audit.record(
                tx,
                AuditAction.CANCEL_ISSUANCE,
                actor=caller.actor,
                target_type="emisiones",
                target_id=str(emision_id),
                after={"controlador_id": row.controlador_id},
            )
        return await self.get(caller, emision_id)

    async def _check_ready(self) -> None:
        if not self.is_on:
            raise IssuanceOff
        if await self._credentials.get() is None:
            raise CredentialMissing

    async def _check_device(self, tx: Transaction, controlador: ControladorId) -> None:
        name = str(controlador)
        if await store.estado_of(tx, name) is EstadoControlador.BAJA:
            raise ControladorDischarged(controlador=name)
        newest = await self._catalogue.newest(tx, controlador)
        if newest is not None and newest.estado(self._clock.now()) is EstadoCertificado.VIGENTE:
            raise CertificateInForce(
                controlador=name,
                until=newest.not_after.astimezone(ZONE).strftime("%d/%m/%Y"),
                id_certificado=str(newest.id),
            )

    async def _open(self, tx: Transaction, caller: Identity, row: EmisionRow, *, metered: bool) -> Emision | Blocked:
        """Write the issuance with its place, its first job and its audit; or answer the caller's own under way."""
        if not await store.add(tx, row):
            earlier = await store.open_for(tx, row.controlador_id)
            if earlier is None or earlier.id_usuario != caller.user_id or earlier.tramite is not row.tramite:
                raise IssuanceUnderWay(controlador=row.controlador_id)
            return earlier
        if metered:
            target = ("controladores", row.controlador_id, row.controlador_id)
            blocked = await self._places.reserve(tx, caller.actor, caller.user_id, target)
            if blocked is not None:
                await store.remove(tx, row.id_emision)
                return blocked
        await due(self._events, tx, row.id_emision, row.controlador_id)
        found = await store.get(tx, row.id_emision)
        assert found is not None
        await self._audit.record(
            tx,
            AuditAction.REQUEST_ISSUANCE,
            actor=caller.actor,
            target_type="emisiones",
            target_id=str(row.id_emision),
            after={"controlador_id": row.controlador_id, "tramite": row.tramite.value},
        )
        return found

    def _row(self, caller: Identity, controlador: ControladorId, tramite: Tramite) -> EmisionRow:
        now = self._clock.now()
        return EmisionRow(
            id_emision=uuid4(),
            id_usuario=caller.user_id,
            controlador_id=str(controlador),
            tramite=tramite,
            estado=EstadoEmision.EN_ESPERA,
            request=None,
            request_key=None,
            intentos=0,
            repeticiones=0,
            historia=[told(now, f"Se pidió: {tramite.caption.lower()}")],
            created_at=now,
            updated_at=now,
        )


def _owner(caller: Identity) -> int | None:
    return None if caller.role is Role.ADMINISTRADOR else caller.user_id
