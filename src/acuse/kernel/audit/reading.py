"""Reads the audit for people: pages by filter, one act, and the query of its CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, cast, func, select

from acuse.kernel import csv_cells as csv
from acuse.kernel.audit.actions import AuditAction
from acuse.kernel.audit.archive import archived_up_to
from acuse.kernel.audit.tables import AuditHead, AuditRow
from acuse.kernel.database import Transaction
from acuse.kernel.errors import NotFound


class AuditEntryNotFound(NotFound):
    """There is no act with this id in the audit."""

    code = "AUDIT_ENTRY_NOT_FOUND"
    message = "No existe ese registro en la bitácora. Búscalo en la lista."


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which acts a list holds. `until` is not part of it any more."""

    action: AuditAction | None = None
    actor_id: int | None = None
    target_type: str | None = None
    target_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether every act is wanted."""
        return all(getattr(self, field.name) is None for field in fields(self))

    def as_dict(self) -> dict[str, Any]:
        """Answer what was asked for, as the audit keeps it."""
        return {
            "accion": self.action,
            "actor_id": self.actor_id,
            "objetivo_tipo": self.target_type,
            "objetivo_id": self.target_id,
            "desde": self.since,
            "hasta": self.until,
        }


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One act as it was written."""

    id: UUID
    seq: int
    actor_id: int | None
    actor_name: str
    action: str
    target_type: str
    target_id: str
    at: datetime
    ip: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str

    @property
    def caption(self) -> str:
        """Answer what was done, in Spanish; the bare name for an action of another version."""
        known = {action.value: action.caption for action in AuditAction}
        return known.get(self.action, self.action)

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Answer each field with its value before and after, None where it was not there."""
        before, after = self.before or {}, self.after or {}
        return [(name, before.get(name), after.get(name)) for name in {**before, **after}]


async def page(
    tx: Transaction, wanted: AuditFilter, *, number: int, size: int, below: int | None = None
) -> tuple[Sequence[AuditEntry], int]:
    """Answer one page, newest first, and how many acts the whole list holds.

    `below` (a seq) reads on from the last row of a page, at the same cost however deep. Without a filter the
    numbering itself says where a page begins; with one, its index does, and whole rows are read for the page only.
    """
    conditions = _conditions(wanted)
    gone = await archived_up_to(tx)
    total = await _total(tx, wanted, gone)
    query = select(AuditRow).where(*conditions).order_by(AuditRow.seq.desc()).limit(size)
    if below is not None:
        query = query.where(AuditRow.seq < below)
    elif wanted.is_empty:
        query = query.where(AuditRow.seq <= gone + total - (number - 1) * size)
    else:
        places = select(AuditRow.seq).where(*conditions).order_by(AuditRow.seq.desc())
        places = places.offset((number - 1) * size).limit(size)
        query = select(AuditRow).where(AuditRow.seq.in_(places)).order_by(AuditRow.seq.desc())
    return [_entry(row) for row in await tx.scalars(query)], total


async def get(tx: Transaction, entry_id: UUID) -> AuditEntry:
    """Answer one act; raises AuditEntryNotFound."""
    row = await tx.get(AuditRow, entry_id)
    if row is None:
        raise AuditEntryNotFound
    return _entry(row)


async def target_types(tx: Transaction) -> Sequence[str]:
    """Answer every kind of thing that was acted on so far, by jumping from one to the next along their index."""
    found: list[str] = []
    while True:
        query = select(func.min(AuditRow.objetivo_tipo))
        if found:
            query = query.where(AuditRow.objetivo_tipo > found[-1])
        following = (await tx.execute(query)).scalar_one()
        if following is None:
            return found
        found.append(following)


def report(wanted: AuditFilter) -> Select[Any]:
    """Answer the query of the CSV, oldest first."""
    cells: list[ColumnElement[Any]] = [
        AuditRow.seq.label("seq"),
        csv.instant(AuditRow.timestamp).label("timestamp"),
        AuditRow.actor_id.label("actor_id"),
        csv.free_text(AuditRow.actor_nombre).label("actor_nombre"),
        AuditRow.accion.label("accion"),
        csv.free_text(AuditRow.objetivo_tipo).label("objetivo_tipo"),
        csv.free_text(AuditRow.objetivo_id).label("objetivo_id"),
        csv.free_text(AuditRow.ip).label("ip"),
        csv.free_text(cast(AuditRow.antes, Text)).label("antes"),
        csv.free_text(cast(AuditRow.despues, Text)).label("despues"),
        func.encode(AuditRow.hash, "hex").label("hash"),
    ]
    return select(*cells).where(*_conditions(wanted)).order_by(AuditRow.seq)


async def _total(tx: Transaction, wanted: AuditFilter, gone: int) -> int:
    if wanted.is_empty:  # the numbering has no gaps
        return (await tx.execute(select(AuditHead.seq))).scalar_one() - gone
    query = select(func.count()).select_from(AuditRow).where(*_conditions(wanted))
    return (await tx.execute(query)).scalar_one()


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    pairs = (
        (AuditRow.accion, None if wanted.action is None else wanted.action.value),
        (AuditRow.actor_id, wanted.actor_id),
        (AuditRow.objetivo_tipo, wanted.target_type),
        (AuditRow.objetivo_id, wanted.target_id),
    )
    conditions: list[ColumnElement[bool]] = [column == value for column, value in pairs if value is not None]
    if wanted.since is not None:
        conditions.append(AuditRow.timestamp >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditRow.timestamp < wanted.until)
    return conditions


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        id=row.id_auditoria,
        seq=row.seq,
        actor_id=row.actor_id,
        actor_name=row.actor_nombre,
        action=row.accion,
        target_type=row.objetivo_tipo,
        target_id=row.objetivo_id,
        at=row.timestamp,
        ip=row.ip,
        before=row.antes,
        after=row.despues,
        hash=row.hash.hex(),
    )
