"""Writes the audit: one row per act, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, update

from acuse.kernel.audit.actions import AuditAction
from acuse.kernel.audit.actor import Actor
from acuse.kernel.audit.chain import as_plain, clean, link, only_changes
from acuse.kernel.audit.tables import AuditHead, AuditRow
from acuse.kernel.audit.verify import AuditReport, verify_chain
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.keyring import KeyRing


class Audit:
    """The chain of acts. If a row cannot be written the change does not happen."""

    def __init__(self, database: Database, clock: Clock, keys: KeyRing) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys

    async def record(
        self,
        tx: Transaction,
        action: AuditAction,
        *,
        actor: Actor,
        target_type: str,
        target_id: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one act in the caller's transaction; given both sides, only the fields that changed are kept.

        Takes the lock of the chain's head until commit: call it last. Fields whose name tells of a secret
        are dotted out; floats are refused with TypeError.
        """
        before, after = only_changes(before, after)
        event: dict[str, Any] = {
            "id_auditoria": uuid4(),
            "actor_id": actor.id,
            "actor_nombre": clean(actor.name),
            "accion": action.value,
            "objetivo_tipo": clean(target_type),
            "objetivo_id": clean(target_id),
            "timestamp": self._clock.now(),
            "ip": None if actor.ip is None else clean(actor.ip),
            "antes": None if before is None else as_plain(before),
            "despues": None if after is None else as_plain(after),
            "key_id": self._keys.current,
        }
        head = (await tx.execute(select(AuditHead.seq, AuditHead.hash).with_for_update())).one()
        seq = head.seq + 1
        digest = link(self._keys.current_key, head.hash, seq, event)
        await tx.execute(insert(AuditRow).values(seq=seq, prev_hash=head.hash, hash=digest, **event))
        await tx.execute(update(AuditHead).values(seq=seq, hash=digest))

    async def last_verified(self, tx: Transaction) -> datetime | None:
        """Answer when somebody last verified the chain; None when nobody ever did."""
        done = AuditRow.accion == AuditAction.AUDIT_VERIFIED.value
        return await tx.scalar(select(func.max(AuditRow.timestamp)).where(done))

    async def verify(self, marks: Mapping[int, str] | None = None) -> AuditReport:
        """Walk the whole chain in one snapshot and answer whether it holds, else where it first breaks and how.

        `marks` are hashes (hex) by seq that signed checkpoints vouch for.
        """
        async with self._database.transaction() as tx:
            return await verify_chain(tx, self._keys, marks or {})
