"""Writes the audit: one row per act, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import func, select

from acuse.kernel.audit.actions import AuditAction
from acuse.kernel.audit.actor import Actor
from acuse.kernel.audit.chain import as_plain, link, only_changes, written
from acuse.kernel.audit.head import take_head
from acuse.kernel.audit.tables import AuditRow
from acuse.kernel.audit.verify import AuditReport, Past, verify_chain
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction, leave_for_last
from acuse.kernel.keyring import KeyRing

# Every act of the house passes here while the others wait for the head: said to the driver itself.
_APPEND: Final = """
    WITH added AS (
        INSERT INTO auditoria (id_auditoria, seq, actor_id, actor_nombre, accion, objetivo_tipo, objetivo_id, timestamp,
                               ip, antes, despues, prev_hash, hash, key_id)
        VALUES (%(id_auditoria)s, %(seq)s, %(actor_id)s, %(actor_nombre)s, %(accion)s, %(objetivo_tipo)s,
                %(objetivo_id)s, %(timestamp)s, %(ip)s, %(antes)s, %(despues)s, %(prev_hash)s, %(hash)s, %(key_id)s)
    )
    UPDATE auditoria_cabeza SET seq = %(seq)s, hash = %(hash)s
"""


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

        It is written last in the transaction, wherever this is called: only then the head of the chain is locked.
        Fields whose name tells of a secret are dotted out; floats are refused with TypeError.
        """
        before, after = only_changes(before, after)
        act = as_plain(
            {
                "id_auditoria": uuid4(),
                "actor_id": actor.id,
                "actor_nombre": actor.name,
                "accion": action,
                "objetivo_tipo": target_type,
                "objetivo_id": target_id,
                "timestamp": self._clock.now(),
                "ip": actor.ip,
                "antes": before,
                "despues": after,
                "key_id": self._keys.current,
            }
        )
        sides = {side: None if act[side] is None else written(act[side]) for side in ("antes", "despues")}
        leave_for_last(tx, self._append, (written(act).encode(), act | sides))

    async def _append(
        self, tx: Transaction, acts: Sequence[tuple[bytes, dict[str, Any]]]
    ) -> Sequence[tuple[str, dict[str, Any]]]:
        """Take the head of the chain and answer what goes on from it."""
        seq, last = await take_head(tx)
        rows = []
        for words, fields in acts:
            seq, prev_hash = seq + 1, last
            last = link(self._keys.current_key, prev_hash, seq, words)
            rows.append((_APPEND, fields | {"seq": seq, "prev_hash": prev_hash, "hash": last}))
        return rows

    async def last_verified(self, tx: Transaction) -> datetime | None:
        """Answer when somebody last verified the chain; None when nobody ever did."""
        done = AuditRow.accion == AuditAction.AUDIT_VERIFIED.value
        return await tx.scalar(select(func.max(AuditRow.timestamp)).where(done))

    async def verify(self, marks: Mapping[int, str] | None = None, *, past: Past | None = None) -> AuditReport:
        """Walk the whole chain in one snapshot and answer whether it holds, else where it first breaks and how.

        `marks` are hashes (hex) by seq that signed checkpoints vouch for; `past` walks what left the database.
        """
        async with self._database.transaction() as tx:
            return await verify_chain(tx, self._keys, marks or {}, past)
