"""Places of a quota: taken at once by a start, or reserved, then confirmed or released, by an issuance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from acuse.ar.crs.model import Quota, level_of, stamp
from acuse.ar.crs.service.alerts import Alerts
from acuse.ar.crs.store import quotas
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Transaction

_TRIES = 5
Target = tuple[str, str, str]
"""What somebody wanted to download: type and id as the audit names them, and the device."""


@dataclass(frozen=True)
class Blocked:
    """No place was free: so many are taken, reserved ones included, of so many."""

    pending: int
    limite: int


class Places:
    """Every method works in the caller's transaction, where what the place is for is written too."""

    def __init__(self, *, alerts: Alerts, audit: Audit, clock: Clock) -> None:
        self._alerts = alerts
        self._audit = audit
        self._clock = clock

    async def reserve(self, tx: Transaction, actor: Actor, user_id: int, target: Target) -> Blocked | None:
        """Take a place for an issuance under way; a Blocked attempt is audited and told, as with a start."""
        for _ in range(_TRIES):
            if await quotas.reserve(tx, user_id):
                return None
            blocked = await self.why_not(tx, actor, user_id, target)
            if blocked is not None:
                return blocked
        raise RuntimeError("no place was reserved, and nothing said why")

    async def release(self, tx: Transaction, user_id: int) -> None:
        """Give a reserved place back: nothing was issued, nothing is charged."""
        await quotas.release(tx, user_id)

    async def confirm(self, tx: Transaction, actor: Actor, user_id: int, certificate_id: UUID) -> UUID:
        """Turn a reserved place into the download of this certificate, as a start would have; answer its id."""
        now, download_id = self._clock.now(), uuid4()
        values = {"id": download_id, "user_id": user_id, "certificate": certificate_id, "now": now}
        taken = await quotas.confirm(tx, **values, stamp=stamp(now), ip=actor.ip)
        assert taken is not None, "no place was reserved"
        await self.count(tx, actor, user_id, certificate_id, download_id, taken)
        return download_id

    async def count(
        self,
        tx: Transaction,
        actor: Actor,
        user_id: int,
        certificate_id: UUID,
        download_id: UUID,
        taken: Mapping[str, Any],
    ) -> None:
        """Raise the alert a new download is worth, if any, and audit it."""
        quota = Quota(
            user_id=user_id,
            limite=taken["limite"],
            pending=taken["pending"],
            total=taken["total"],
            cycle=taken["cycle"],
        )
        await self._alerts.moved(tx, level_of(quota.pending - 1, quota.limite), quota)
        await self._audit.record(
            tx,
            AuditAction.START_DOWNLOAD,
            actor=actor,
            target_type="descargas",
            target_id=str(download_id),
            after={
                "id_certificado": str(certificate_id),
                "controlador_id": taken["controlador_id"],
                "pendientes": quota.pending,
                "limite": quota.limite,
            },
        )

    async def why_not(self, tx: Transaction, actor: Actor, user_id: int, target: Target) -> Blocked | None:
        """Find out why no place was taken; None says: try again, there was no quota yet or room was just made."""
        row = await quotas.get(tx, user_id, lock=True)
        if row is None:
            await quotas.ensure(tx, user_id)
            return None
        if row.pending + row.reserved < row.limite:
            return None
        blocked = Blocked(row.pending + row.reserved, row.limite)
        await self._alerts.blocked(tx, row)
        target_type, target_id, controlador_id = target
        await self._audit.record(
            tx,
            AuditAction.DOWNLOAD_BLOCKED,
            actor=actor,
            target_type=target_type,
            target_id=target_id,
            after={
                "controlador_id": controlador_id,
                "pendientes": blocked.pending,
                "limite": blocked.limite,
                "intento": row.blocked_attempts,
            },
        )
        return blocked
