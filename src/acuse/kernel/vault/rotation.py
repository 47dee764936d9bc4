"""Changes the master key while everything runs: data keys are wrapped anew in small batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Column, MetaData, Table, and_, func, select, tuple_, update

from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.database import Base, Database
from acuse.kernel.events import Event, Events
from acuse.kernel.vault.envelope import Vault, envelope_header
from acuse.kernel.vault.errors import VaultError

_BATCH: Final = 200


@dataclass(frozen=True)
class VaultRotated(Event):
    """Envelopes were wrapped anew: whoever keeps copies of them elsewhere has to bring those in step."""

    key_id: str


@dataclass(frozen=True)
class SealedColumn:
    """A column that holds envelopes: LargeBinary with `info={"sealed": True}`. The row is its primary key as text."""

    table: Table
    column: Column[Any]

    @property
    def name(self) -> str:
        """Answer `table.column`."""
        return f"{self.table.name}.{self.column.name}"

    def row(self, key: Sequence[Any]) -> str:
        """Answer the row's name for the vault: its primary key as text, parts joined by `|`."""
        return "|".join(str(part) for part in key)


@dataclass
class RotationReport:
    """What a rotation did: envelopes wrapped anew, and the places of those that cannot be opened."""

    key_id: str
    rewrapped: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Answer how many envelopes were wrapped anew."""
        return sum(self.rewrapped.values())


def sealed_columns(metadata: MetaData = Base.metadata) -> list[SealedColumn]:
    """Answer every sealed column of the tables imported so far."""
    return [
        SealedColumn(table, column)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.info.get("sealed")
    ]


class VaultRotation:
    """Walks all sealed columns and brings their envelopes under the current master key.

    Each batch is its own transaction and skips what is already done: it may be stopped and started again
    at any time. Rows in use are waited for. Only when it ends with nothing broken may the old key go.
    """

    def __init__(self, *, database: Database, vault: Vault, audit: Audit, events: Events) -> None:
        self._database = database
        self._events = events
        self._vault = vault
        self._audit = audit

    async def rotate(self, *, actor: Actor, metadata: MetaData = Base.metadata) -> RotationReport:
        """Wrap everything under the current key, audit it, publish VaultRotated and answer what was done."""
        report = RotationReport(self._vault.current_key_id)
        for sealed in sealed_columns(metadata):
            report.rewrapped[sealed.name] = 0
            after: Sequence[Any] | None = None
            while (after := await self._batch(sealed, after, report)) is not None:
                pass
        async with self._database.transaction() as tx:
            await self._events.publish(tx, VaultRotated(report.key_id), once="copies")
            await self._audit.record(
                tx,
                AuditAction.ROTATE_VAULT_KEY,
                actor=actor,
                target_type="boveda",
                target_id=report.key_id,
                after={"reenvueltos": report.total, "ilegibles": report.broken},
            )
        return report

    async def _batch(
        self, sealed: SealedColumn, after: Sequence[Any] | None, report: RotationReport
    ) -> Sequence[Any] | None:
        """Wrap one batch anew; answer the last primary key seen, or None at the end."""
        keys = list(sealed.table.primary_key.columns)
        header = envelope_header(self._vault.current_key_id)
        not_current = func.substring(sealed.column, 1, len(header)) != header
        statement = select(*keys, sealed.column.label("envelope")).where(sealed.column.is_not(None), not_current)
        if after is not None:
            statement = statement.where(tuple_(*keys) > tuple_(*after))
        async with self._database.transaction() as tx:
            rows = (await tx.execute(statement.order_by(*keys).limit(_BATCH).with_for_update())).all()
            for row in rows:
                key = tuple(row)[:-1]
                try:
                    envelope = self._vault.rewrap(
                        row.envelope, table=sealed.table.name, column=sealed.column.name, row=sealed.row(key)
                    )
                except VaultError:
                    report.broken.append(f"{sealed.name}[{sealed.row(key)}]")
                    continue
                same_row = and_(*(column == value for column, value in zip(keys, key, strict=True)))
                await tx.execute(update(sealed.table).where(same_row).values({sealed.column.name: envelope}))
                report.rewrapped[sealed.name] += 1
        return tuple(rows[-1])[:-1] if rows else None
