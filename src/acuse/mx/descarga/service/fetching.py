"""Downloads packages: counted before the SAT is asked, safe in the storage before anything says so."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID

from acuse.kernel.audit import SYSTEM, Actor, AuditAction
from acuse.kernel.database import Transaction
from acuse.kernel.errors import AppError, Outside, Unavailable, Unreadable
from acuse.kernel.events import Events
from acuse.kernel.logs import get_logger
from acuse.mx.contribuyentes import AccessLevel, ContribuyenteNotFound
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.descarga.errors import PaqueteBusy, PaqueteNotFound, PaqueteSpent
from acuse.mx.descarga.events import PaqueteFound, PaqueteStored
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.outcome import Outcome, Wait
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.means import LOOK_AGAIN, Desk
from acuse.mx.descarga.service.sessions import Session
from acuse.mx.descarga.store import Claim
from acuse.mx.descarga.tables import PaqueteRow, SolicitudRow
from acuse.mx.outside.sat_descarga import wire
from acuse.mx.outside.sat_descarga.codes import MAX_DOWNLOADS_PER_PAQUETE, CodEstatus, Step
from acuse.mx.outside.sat_descarga.errors import SatUnreadable

FETCH_LEASE = timedelta(seconds=720)
"""Longer than any download may take: who holds a claim past it has died, wherever it ran."""
_AT_ONCE: Final = 500
_log = get_logger(__name__)
_GONE = {CodEstatus.MAXIMO_DE_DESCARGAS, CodEstatus.NO_EXISTE_EL_PAQUETE, CodEstatus.SIN_INFORMACION}


class FetchingService(Desk):
    """Brings packages home. Of several workers one downloads; each package is asked for at most twice."""

    async def download(self, caller: Caller, paquete_id: UUID) -> PaqueteRow:
        """Download a package by hand unless it is here; answer it as it stands then.

        Raises PaqueteNotFound, PaqueteBusy, PaqueteSpent, and what the SAT or the e.firma raise.
        """
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            found = await self._paquetes.with_solicitud(tx, paquete_id)
        if found is None:
            raise PaqueteNotFound
        paquete, solicitud = found
        try:
            await self._contribuyentes.require_access(caller, solicitud.rfc, AccessLevel.OPERACION)
        except ContribuyenteNotFound as error:
            raise PaqueteNotFound from error
        if paquete.stored_at is None:
            if paquete.lost:
                raise PaqueteSpent
            if not await self.fetch(paquete_id, actor=actor):
                raise PaqueteBusy
        async with self._database.transaction() as tx:
            paquete = await self._paquetes.get(tx, paquete_id) or paquete
            await self._audit.record(
                tx,
                AuditAction.DOWNLOAD_PACKAGE,
                actor=actor,
                target_type="paquete",
                target_id=paquete.id_paquete,
                after={"rfc": solicitud.rfc, "descargas": paquete.downloads},
            )
        return paquete

    async def fetch(self, paquete_id: UUID, *, actor: Actor = SYSTEM) -> bool:
        """Bring a package into the storage unless it is there or somebody is doing so; answer whether we did.

        Bytes an earlier, interrupted try left in the storage are adopted without asking the SAT again. For
        a person the fault of the call is raised; in the background it is kept and tried again later.
        """
        with self._claiming(FETCH_LEASE) as claim:
            claimed = await self._take(paquete_id, claim)
            if claimed is None:
                return False
            paquete, solicitud = claimed
            if paquete.downloads and await self._files.exists(paquete.storage_key):
                await self._adopt(paquete, solicitud, actor)
            else:
                await self._ask(paquete, solicitud, actor)
        return True

    async def publish_due(self, *, contribuyente_id: int | None = None, early: bool = False) -> int:
        """Have the packages whose time has come downloaded; answer how many."""
        async with self._database.transaction() as tx:
            due = await self._paquetes.due_to_fetch(
                tx, self._clock.now(), limit=_AT_ONCE, contribuyente_id=contribuyente_id, early=early
            )
            for paquete_id in due:
                await self._events.publish(tx, PaqueteFound(str(paquete_id)), once=str(paquete_id))
        return len(due)

    async def _take(self, paquete_id: UUID, claim: Claim) -> tuple[PaqueteRow, SolicitudRow] | None:
        async with self._database.transaction() as tx:
            paquete = await self._paquetes.claim(tx, paquete_id, claim)
            if paquete is None:
                return None
            paquete.next_try_at = claim.now + LOOK_AGAIN
            solicitud = await self._solicitudes.get(tx, paquete.solicitud_id)
        assert solicitud is not None
        return paquete, solicitud

    async def _count(self, paquete: PaqueteRow, solicitud: SolicitudRow, actor: Actor) -> None:
        """Spend a download; raises PaqueteSpent when none is left."""
        async with self._database.transaction() as tx:
            count = await self._paquetes.count_download(tx, paquete.id)
            if count is None:
                raise PaqueteSpent
            await self._story.tell(
                tx,
                solicitud,
                Suceso.DESCARGA,
                who=actor.name,
                mensaje=f"{paquete.id_paquete}: descarga {count} de {MAX_DOWNLOADS_PER_PAQUETE}.",
            )

    async def _ask(self, paquete: PaqueteRow, solicitud: SolicitudRow, actor: Actor) -> None:
        """Ask the SAT. The download is counted right before it is asked for: what dies earlier has spent nothing."""
        counted = False

        async def ask(session: Session) -> wire.DescargaReply:
            nonlocal counted
            if not counted:
                await self._count(paquete, solicitud, actor)
                counted = True
            return await self._client.descarga(
                solicitud.familia, paquete.id_paquete, solicitud.rfc, session.efirma, session.token
            )

        try:
            reply = await self._sessions.call(
                solicitud.contribuyente_id,
                solicitud.familia,
                ask,
                actor=actor,
                reason="descarga de paquete",
                within=FETCH_LEASE,
            )
            if not reply.estatus.is_accepted:
                raise wire.refusal(reply.estatus)
            if not reply.content:
                raise SatUnreadable(problem="el paquete llegó vacío")
        except AppError as error:
            await self._failed(paquete.id, error, counted=counted, actor=actor)
            if actor != SYSTEM:
                raise
            return
        await self._keep(paquete, reply.content, actor)

    async def _keep(self, paquete: PaqueteRow, content: bytes, actor: Actor) -> None:
        """Put the bytes into the storage, synced, and only then say that they are there."""
        stored = await self._files.put(paquete.storage_key, content)
        await self._stored(paquete.id, stored.size_bytes, stored.sha256, Suceso.GUARDADO, actor)

    async def _adopt(self, paquete: PaqueteRow, solicitud: SolicitudRow, actor: Actor) -> None:
        """Take over the bytes of a try that died between storing and recording."""
        digest, size = hashlib.sha256(), 0
        async for piece in self._files.stream(paquete.storage_key):
            digest.update(piece)
            size += len(piece)
        _log.info("sat_package_adopted", paquete=paquete.id_paquete, rfc=solicitud.rfc)
        await self._stored(paquete.id, size, digest.hexdigest(), Suceso.RECUPERADO, actor)

    async def _stored(self, paquete_id: UUID, size_bytes: int, sha256: str, suceso: Suceso, actor: Actor) -> None:
        async with self._database.transaction() as tx:
            paquete = await self._paquetes.get(tx, paquete_id, lock=True)
            if paquete is None or paquete.stored_at is not None:
                return
            paquete.size_bytes, paquete.sha256 = size_bytes, sha256
            paquete.stored_at = self._clock.now()
            paquete.next_try_at = paquete.problem = None
            paquete.release()
            solicitud = await self._solicitudes.get(tx, paquete.solicitud_id)
            assert solicitud is not None
            mensaje = f"{paquete.id_paquete}: {size_bytes:,} bytes."
            await self._story.tell(tx, solicitud, suceso, who=actor.name, mensaje=mensaje)
            await tx.flush()
            await publish_stored(self._events, tx, paquete_id)

    async def _failed(self, paquete_id: UUID, error: AppError, *, counted: bool, actor: Actor) -> None:
        """Give the download back when the SAT provably handed nothing out; give up when it says there is nothing."""
        _log.warning("sat_fetch_failed", paquete=str(paquete_id), code=error.code, counted=counted)
        code = CodEstatus.find(int(error.details.get("sat_code") or 0))
        handed_out = code is None and _answer_was_lost(error)
        async with self._database.transaction() as tx:
            if code in _GONE or isinstance(error, PaqueteSpent):
                await self._lose(tx, paquete_id, error.text, actor, code=code)
                return
            paquete = await self._paquetes.get(tx, paquete_id, lock=True)
            if paquete is None or paquete.stored_at is not None:
                return
            if counted and not handed_out:
                paquete.downloads -= 1
            paquete.release()
            paquete.problem = error.text
            wait = _wait(error, code)
            paquete.next_try_at = self._story.next_try(wait, paquete.downloads, self._clock.now())
            solicitud = await self._solicitudes.get(tx, paquete.solicitud_id)
            assert solicitud is not None
            mensaje = f"{paquete.id_paquete}: {error.text}"
            number = code.number if code else None
            await self._story.tell(tx, solicitud, Suceso.PROBLEMA, who=actor.name, codigo=number, mensaje=mensaje)
            await self._events.publish(tx, PaqueteFound(str(paquete_id)), at=paquete.next_try_at, once=str(paquete_id))

    async def _lose(
        self, tx: Transaction, paquete_id: UUID, reason: str, actor: Actor, *, code: CodEstatus | None = None
    ) -> None:
        """Give a package up, and with it its solicitud: what is stored of it stays."""
        found = await self._paquetes.get(tx, paquete_id)
        if found is None:
            return
        solicitud = await self._solicitudes.get(tx, found.solicitud_id, lock=True)
        paquete = await self._paquetes.get(tx, paquete_id, lock=True)
        assert solicitud is not None
        assert paquete is not None
        paquete.lost = True
        paquete.problem = reason
        paquete.next_try_at = None
        paquete.release()
        mensaje = f"{paquete.id_paquete}: {reason}"
        number = code.number if code else None
        await self._story.tell(tx, solicitud, Suceso.PROBLEMA, who=actor.name, codigo=number, mensaje=mensaje)
        end = Estado.VENCIDA if code is CodEstatus.NO_EXISTE_EL_PAQUETE else Estado.ERROR
        await self._story.move(tx, solicitud, Outcome(end, problem=reason), who=actor.name)


def _answer_was_lost(error: AppError) -> bool:
    """Tell whether the SAT may have handed the package out: no answer came, or one that cannot be read.

    An answer that is an error by its HTTP status carried nothing; should the SAT count it all the same, it says
    so itself (5008).
    """
    silent = isinstance(error, Unavailable) and "http_status" not in error.details and error.details.get("sent", True)
    return silent or isinstance(error, Unreadable)


def _wait(error: AppError, code: CodEstatus | None) -> Wait:
    if code is not None and code.step is Step.NEXT_DAY:
        return Wait.TOMORROW
    final = isinstance(error, Outside) and not error.retryable and not isinstance(error, Unreadable)
    return Wait.LONG if final else Wait.BACKOFF


async def publish_stored(events: Events, tx: Transaction, paquete_id: UUID) -> None:
    """Have a stored package indexed: one at a time, and once however often this is said."""
    key = str(paquete_id)
    await events.publish(tx, PaqueteStored(key), once=key, lock=f"paquete:{key}")
