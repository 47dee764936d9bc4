"""Downloads: started once against the quota, delivered as often as needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID, uuid4

from acuse.accounts.model import Role
from acuse.accounts.rights import Identity
from acuse.ar.crs.errors import (
    CertificadoNotFound,
    CertificadoNotOffered,
    DescargaNotFound,
    DownloadBlocked,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    StoredFileAltered,
)
from acuse.ar.crs.model import ZONE, Descarga, DescargaFilter, LoggedDescarga, Started, Step, log_entry, stamp
from acuse.ar.crs.service.alerts import Alerts
from acuse.ar.crs.service.places import Blocked, Places
from acuse.ar.crs.store import catalogue, days, downloads, quotas, start_keys
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.files import Files
from acuse.kernel.paging import Cursor, Page, page_of

_KEY_MAX = 200
_TRIES = 5


@dataclass(frozen=True)
class Delivery:
    """The bytes of a download and the name to save them under."""

    file_name: str
    content: bytes
    checksum: str
    media_type: str = "application/x-pem-file"

    @property
    def headers(self) -> dict[str, str]:
        """Answer how the bytes are handed out: as an attachment, whole, and kept by no cache."""
        name = self.file_name
        return {
            "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}",
            "Accept-Ranges": "none",
            "Cache-Control": "no-store",
            "X-Checksum": self.checksum,
        }


class DownloadService:
    """What resellers do. Check, insert, counter, alert and audit stand in one transaction."""

    def __init__(
        self,
        *,
        database: Database,
        files: Files,
        alerts: Alerts,
        places: Places,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._files = files
        self._alerts = alerts
        self._places = places
        self._audit = audit
        self._clock = clock

    async def start(self, caller: Identity, certificate_id: UUID, *, key: str | None = None) -> Started:
        """Take one place of the caller's quota and write the download.

        With a key the same start gives the same answer for a day. Raises DownloadBlocked (audited, and told to the
        administrators), CertificadoNotFound, CertificadoNotOffered, IdempotencyKeyReused.
        """
        if key is not None and (not 1 <= len(key) <= _KEY_MAX or not key.isprintable()):
            raise IdempotencyKeyInvalid(fields={"Idempotency-Key": IdempotencyKeyInvalid.message})
        actor = caller.actor
        async with self._database.transaction() as tx:
            outcome = await self._once(tx, actor, caller.user_id, certificate_id, key)
        if isinstance(outcome, Blocked):
            raise DownloadBlocked(pendingCount=outcome.pending, limit=outcome.limite)
        return outcome

    async def _once(
        self, tx: Transaction, actor: Actor, user_id: int, certificate_id: UUID, key: str | None
    ) -> Started | Blocked:
        if key is None:
            return await self._start(tx, actor, user_id, certificate_id)
        body_hash = hashlib.sha256(certificate_id.bytes).digest()
        earlier = await start_keys.claim(tx, user_id, key, body_hash, self._clock.now())
        if earlier is not None:
            if earlier.body_hash != body_hash or earlier.answer is None:
                raise IdempotencyKeyReused(fields={"Idempotency-Key": IdempotencyKeyReused.message})
            told = earlier.answer
            return Started(id=UUID(told["id"]), pending=told["pending"], limite=told["limite"])
        outcome = await self._start(tx, actor, user_id, certificate_id, key=key)
        if isinstance(outcome, Blocked):
            await start_keys.release(tx, user_id, key)
        return outcome

    async def _start(
        self, tx: Transaction, actor: Actor, user_id: int, certificate_id: UUID, *, key: str | None = None
    ) -> Started | Blocked:
        now = self._clock.now()
        download_id = uuid4()
        for _ in range(_TRIES):
            taken = await quotas.start(
                tx,
                id=download_id,
                user_id=user_id,
                certificate=certificate_id,
                now=now,
                stamp=stamp(now),
                ip=actor.ip,
            )
            if taken is not None:
                break
            blocked = await self._why_not(tx, actor, user_id, certificate_id)
            if blocked is not None:
                return blocked
        else:
            raise RuntimeError("a start took no place, and nothing said why")
        started = Started(id=download_id, pending=taken["pending"], limite=taken["limite"])
        if key is not None:
            answer = {"id": str(started.id), "pending": started.pending, "limite": started.limite}
            await start_keys.keep(tx, user_id, key, answer)
        await self._places.count(tx, actor, user_id, certificate_id, download_id, taken)
        return started

    async def _why_not(self, tx: Transaction, actor: Actor, user_id: int, certificate_id: UUID) -> Blocked | None:
        """Find out why a start took no place; None says: try again."""
        found = await catalogue.get(tx, certificate_id, None)
        if found is None:
            raise CertificadoNotFound
        if reason := found.why_not_offered(self._clock.now()):
            raise CertificadoNotOffered(reason=reason, controlador=found.controlador_id)
        target = ("certificados", str(certificate_id), found.controlador_id)
        return await self._places.why_not(tx, actor, user_id, target)

    async def status(self, caller: Identity, download_id: UUID) -> LoggedDescarga:
        """Answer a download with its log to its owner or an administrator. Raises DescargaNotFound."""
        async with self._database.transaction() as tx:
            return await self._own(tx, caller, download_id)

    async def deliver(self, caller: Identity, download_id: UUID) -> Delivery:
        """Answer the bytes of a download, free and as often as asked; each time is logged and audited.

        Raises DescargaNotFound, StoredFileAltered.
        """
        async with self._database.transaction() as tx:
            download = await self._own(tx, caller, download_id)
            certificate = await catalogue.get(tx, download.id_certificado, None)
        assert certificate is not None
        content = await self._files.get(certificate.archivo_referencia)
        intact = f"sha256:{hashlib.sha256(content).hexdigest()}" == download.checksum
        now = self._clock.now()
        said = (Step.DELIVERED, "Archivo entregado") if intact else (Step.ERROR, StoredFileAltered.message)
        async with self._database.transaction() as tx:
            number = await downloads.add_log(tx, download_id, log_entry(now, *said), delivered=intact)
            if intact:
                await self._audit.record(
                    tx,
                    AuditAction.DOWNLOAD_CERTIFICATE if number == 1 else AuditAction.RE_DOWNLOAD_CERTIFICATE,
                    actor=caller.actor,
                    target_type="descargas",
                    target_id=str(download_id),
                    after={"controlador_id": download.controlador_id, "entrega": number},
                )
        if not intact:
            raise StoredFileAltered
        return Delivery(certificate.file_name, content, download.checksum)

    async def page(self, wanted: DescargaFilter, *, page: int, limit: int) -> tuple[Sequence[Descarga], int]:
        """Answer a page by its number, newest first, and how many downloads there are in all."""
        async with self._database.transaction() as tx:
            total = await downloads.count(tx, wanted)
            found = await downloads.page(tx, wanted, offset=(page - 1) * limit, limit=limit)
        return found, total

    async def total(self, wanted: DescargaFilter) -> int:
        """Answer how many downloads there are in all."""
        async with self._database.transaction() as tx:
            return await downloads.count(tx, wanted)

    async def count_days(self) -> None:
        """Count the days that are over, so that the total of a month is not counted on every page."""
        today = self._clock.now().astimezone(ZONE).date()
        async with self._database.transaction() as tx:
            await days.count_until(tx, today)

    async def after(self, wanted: DescargaFilter, *, cursor: str | None, limit: int) -> Page[Descarga]:
        """Answer the downloads behind a cursor, newest first: as quick on the last page as on the first."""
        last = Cursor.decode(cursor, datetime.fromisoformat, UUID) if cursor else None
        async with self._database.transaction() as tx:
            rows = await downloads.after(tx, wanted, last=last, limit=limit + 1)
        return page_of(rows, limit, lambda row: (row.fecha.isoformat(), str(row.id)))

    async def _own(self, tx: Transaction, caller: Identity, download_id: UUID) -> LoggedDescarga:
        owner = None if caller.role is Role.ADMINISTRADOR else caller.user_id
        found = await downloads.get(tx, download_id, owner=owner)
        if found is None:
            raise DescargaNotFound
        return found


def next_cursor(rows: Sequence[Descarga]) -> str | None:
    """Answer the cursor behind the last of these rows."""
    return Cursor((rows[-1].fecha.isoformat(), str(rows[-1].id))).encode() if rows else None
