"""Reads the whole chain again and says where it first breaks, and how."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import select, text

from acuse.kernel.audit.chain import GENESIS, canonical, link
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
    ARCHIVE_ALTERED = "archive_altered", "El archivo que guarda este registro no es el que se firmó."
    ARCHIVE_FORGED = "archive_forged", "Un archivo de la bitácora no lleva una firma nuestra: revisa AUDIT_SIGNING_KEY."
    UNKNOWN_KEY = "unknown_key", "No se tiene la llave con la que se escribió este registro: revisa AUDIT_KEY."


@dataclass(frozen=True)
class AuditReport:
    """What a verification found. `head_hash` (hex) with `head_seq` is what a checkpoint would sign.

    Of all rows, `archived` are in files; of these `unread` could not be looked at, since their file is not here.
    """

    checked: int
    head_seq: int
    head_hash: str
    broken_seq: int | None = None
    fault: AuditFault | None = None
    checkpoints: int = 0
    archived: int = 0
    unread: int = 0

    @property
    def is_intact(self) -> bool:
        """Tell whether nothing is amiss."""
        return self.fault is None

    @property
    def text(self) -> str:
        """Answer the finding in Spanish."""
        if self.fault is not None:
            return f"La bitácora se rompe en el registro {self.broken_seq}. {self.fault.caption}"
        done = f"La bitácora está completa. Registros verificados: {self.checked}"
        if self.archived > self.unread:
            done += f", {self.archived - self.unread} de ellos en archivo"
        done += f". Puntos de control: {self.checkpoints}."
        if self.unread:
            done += f" De {self.unread} registros archivados sólo se verificó la firma: sus archivos no están aquí."
        return done


class Walk:
    """Follows the chain row by row: where it stands, and how many checkpoints agreed on the way."""

    def __init__(self, keys: KeyRing, marks: Mapping[int, str]) -> None:
        self.seq = 0
        self.hash = GENESIS
        self.met = self.archived = self.unread = 0
        self._keys = keys
        self._marks = marks

    def step(self, row: Mapping[str, Any]) -> AuditFault | None:
        """Take the next row, or answer how it does not follow."""
        fault = _fault_of(row, self.seq + 1, self.hash, self._keys)
        if fault is not None:
            return fault
        return self._arrive(row["seq"], row["hash"])

    def pass_over(self, seq: int, digest: bytes) -> AuditFault | None:
        """Go on behind rows that are not here, as a signed line vouches for them."""
        self.unread += seq - self.seq
        return self._arrive(seq, digest)

    def _arrive(self, seq: int, digest: bytes) -> AuditFault | None:
        mark = self._marks.get(seq)
        if mark is not None and mark != digest.hex():
            return AuditFault.REWRITTEN
        self.met += mark is not None
        self.seq, self.hash = seq, digest
        return None


class Past(Protocol):
    """What left the database, as a verification meets it."""

    async def walk(self, tx: Transaction, walk: Walk) -> AuditFault | None:
        """Follow the chain up to where the database goes on; answer how it breaks, if it does."""


async def verify_chain(
    tx: Transaction, keys: KeyRing, marks: Mapping[int, str], past: Past | None = None
) -> AuditReport:
    """Check every row up to the head, streamed, in one snapshot."""
    connection = await tx.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await tx.execute(text("SET LOCAL statement_timeout = 0"))
    head = (await tx.execute(select(AuditHead.seq, AuditHead.hash))).one()
    walk = Walk(keys, marks)

    def report(broken_seq: int | None = None, fault: AuditFault | None = None) -> AuditReport:
        read = walk.seq - walk.unread
        return AuditReport(
            read, head.seq, head.hash.hex(), broken_seq, fault, walk.met, archived=walk.archived, unread=walk.unread
        )

    fault = None if past is None else await past.walk(tx, walk)
    if fault is not None:
        return report(walk.seq + 1, fault)
    rows = select(*AuditRow.__table__.columns).order_by(AuditRow.seq).execution_options(yield_per=_CHUNK)
    async with connection.stream(rows) as stream:
        async for row in stream.mappings():
            fault = AuditFault.ADDED if row["seq"] > head.seq else walk.step(dict(row))
            if fault is not None:
                return report(walk.seq + 1, fault)
    if walk.seq < head.seq:
        return report(walk.seq + 1, AuditFault.CUT)
    if walk.hash != head.hash:
        return report(head.seq, AuditFault.HEAD_ALTERED)
    if any(mark > walk.seq for mark in marks):
        return report(walk.seq + 1, AuditFault.BEHIND_CHECKPOINT)
    return report()


def _fault_of(row: Mapping[str, Any], expected_seq: int, last_hash: bytes, keys: KeyRing) -> AuditFault | None:
    if row["seq"] != expected_seq:
        return AuditFault.MISSING
    key = keys.keys.get(row["key_id"])
    if key is None:
        return AuditFault.UNKNOWN_KEY
    words = canonical({name: value for name, value in row.items() if name not in _UNCOVERED})
    if hmac.compare_digest(link(key, row["prev_hash"], expected_seq, words), row["hash"]):
        return None if row["prev_hash"] == last_hash else AuditFault.REORDERED
    return AuditFault.REORDERED if _fits_elsewhere(key, row, expected_seq, words) else AuditFault.ALTERED


def _fits_elsewhere(key: bytes, row: Mapping[str, Any], seq: int, words: bytes) -> bool:
    """Tell whether the row is genuine at another place nearby."""
    places = range(max(1, seq - _NEARBY), seq + _NEARBY)
    return any(hmac.compare_digest(link(key, row["prev_hash"], place, words), row["hash"]) for place in places)
