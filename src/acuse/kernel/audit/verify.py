"""Reads the whole chain again and says where it first breaks, and how."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import RowMapping, select, text

from acuse.kernel.audit.chain import GENESIS, link
from acuse.kernel.audit.tables import AuditHead, AuditRow
from acuse.kernel.captioned import Captioned
from acuse.kernel.database import Transaction
from acuse.kernel.keyring import KeyRing

_CHUNK: Final = 1000
_NEARBY: Final = 10_000
_UNCOVERED: Final = frozenset({"seq", "prev_hash", "hash"})


class AuditFault(Captioned):
    """How a chain breaks."""

    ALTERED = "altered", "El contenido de este registro no es el que se escribió."
    MISSING = "missing", "Falta este registro: hay un hueco en la numeración."
    REORDERED = "reordered", "Este registro es auténtico, pero no está en su lugar."
    CUT = "cut", "Faltan los últimos registros: la bitácora termina antes que su cabeza."
    ADDED = "added", "Hay registros después del final de la bitácora."
    HEAD_ALTERED = "head_altered", "La cabeza de la bitácora no coincide con el último registro."
    BEHIND_CHECKPOINT = "behind_checkpoint", "Faltan registros que un punto de control firmado sí vio."
    REWRITTEN = "rewritten", "La bitácora se reescribió: un punto de control firmado vio aquí otro registro."
    CHECKPOINT_FORGED = "checkpoint_forged", "Un punto de control no lleva una firma nuestra: revisa AUDIT_SIGNING_KEY."
    CHECKPOINT_MISSING = "checkpoint_missing", "Falta un punto de control que sí está en la copia de fuera."
    UNKNOWN_KEY = "unknown_key", "No se tiene la llave con la que se escribió este registro: revisa AUDIT_KEY."


@dataclass(frozen=True)
class AuditReport:
    """What a verification found. `head_hash` (hex) with `head_seq` is what a checkpoint would sign."""

    checked: int
    head_seq: int
    head_hash: str
    broken_seq: int | None = None
    fault: AuditFault | None = None
    checkpoints: int = 0

    @property
    def is_intact(self) -> bool:
        """Tell whether nothing is amiss."""
        return self.fault is None

    @property
    def text(self) -> str:
        """Answer the finding in one Spanish sentence."""
        if self.fault is None:
            done = f"{self.checked} registros y {self.checkpoints} puntos de control verificados"
            return f"La bitácora está completa: {done}."
        return f"La bitácora se rompe en el registro {self.broken_seq}. {self.fault.caption}"


async def verify_chain(tx: Transaction, keys: KeyRing, marks: Mapping[int, str]) -> AuditReport:
    """Check every row up to the head, streamed, in one snapshot."""
    connection = await tx.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await tx.execute(text("SET LOCAL statement_timeout = 0"))
    head = (await tx.execute(select(AuditHead.seq, AuditHead.hash))).one()
    last_hash, seq = GENESIS, 0

    def report(broken_seq: int | None = None, fault: AuditFault | None = None) -> AuditReport:
        return AuditReport(seq, head.seq, head.hash.hex(), broken_seq, fault, len(marks))

    rows = select(*AuditRow.__table__.columns).order_by(AuditRow.seq).execution_options(yield_per=_CHUNK)
    async with connection.stream(rows) as stream:
        async for row in stream.mappings():
            fault = _fault_of(row, seq + 1, last_hash, keys)
            if fault is None and row["seq"] > head.seq:
                fault = AuditFault.ADDED
            if fault is None and marks.get(seq + 1, row["hash"].hex()) != row["hash"].hex():
                fault = AuditFault.REWRITTEN
            if fault is not None:
                return report(seq + 1, fault)
            last_hash, seq = row["hash"], row["seq"]
    if seq < head.seq:
        return report(seq + 1, AuditFault.CUT)
    if last_hash != head.hash:
        return report(head.seq, AuditFault.HEAD_ALTERED)
    if any(mark > seq for mark in marks):
        return report(seq + 1, AuditFault.BEHIND_CHECKPOINT)
    return report()


def _fault_of(row: RowMapping, expected_seq: int, last_hash: bytes, keys: KeyRing) -> AuditFault | None:
    if row["seq"] != expected_seq:
        return AuditFault.MISSING
    key = keys.keys.get(row["key_id"])
    if key is None:
        return AuditFault.UNKNOWN_KEY
    event = {name: value for name, value in row.items() if name not in _UNCOVERED}
    if hmac.compare_digest(link(key, row["prev_hash"], expected_seq, event), row["hash"]):
        return None if row["prev_hash"] == last_hash else AuditFault.REORDERED
    return AuditFault.REORDERED if _fits_elsewhere(key, row, expected_seq, event) else AuditFault.ALTERED


def _fits_elsewhere(key: bytes, row: RowMapping, seq: int, event: dict[str, Any]) -> bool:
    """Tell whether the row is genuine at another place nearby."""
    places = range(max(1, seq - _NEARBY), seq + _NEARBY)
    return any(hmac.compare_digest(link(key, row["prev_hash"], place, event), row["hash"]) for place in places)
