"""Writes the audit: one row per act, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from psycopg.types.json import Jsonb
from sqlalchemy import func, select

from acuse.kernel.audit.actions import AuditAction
from acuse.kernel.audit.actor import Actor
from acuse.kernel.audit.chain import as_plain, clean, link, only_changes
from acuse.kernel.audit.tables import AuditRow
from acuse.kernel.audit.verify import AuditReport, Past, verify_chain
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction, driver_connection
from acuse.kernel.keyring import KeyRing

# Every act of the house passes here while the others wait for the head: two statements, said to the driver itself.
_HEAD: Final = "SELECT seq, hash FROM auditoria_cabeza FOR UPDATE"
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
        if tx.new or tx.dirty or tx.deleted:
            await tx.flush()  # what waits for locks of its own does so before the head is held
        connection = await driver_connection(tx)
        async with connection.cursor() as cursor:
            head = await (await cursor.execute(_HEAD)).fetchone()
            assert head is not None
            seq, prev_hash = head[0] + 1, head[1]
            event |= {"seq": seq, "prev_hash": prev_hash, "hash": link(self._keys.current_key, prev_hash, seq, event)}
            for side in ("antes", "despues"):
                event[side] = None if event[side] is None else Jsonb(event[side])
            await cursor.execute(_APPEND, event)

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
