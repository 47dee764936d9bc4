"""Rows for tests that need something to be there and do not care what it says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from acuse.kernel.database import Base, Transaction

_NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)


async def plant(tx: Transaction, table: str, **values: Any) -> Any:
    """Insert a row with these values and something harmless in every other column that needs one; answer its `id`."""
    found = Base.metadata.tables[table]
    filled = {
        column.name: _something(column)
        for column in found.columns
        if not column.nullable and column.server_default is None and column.identity is None
    }
    row = await tx.execute(sa.insert(found).values(filled | values).returning(found))
    return row.mappings().one().get("id")


def _something(column: sa.Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, sa.Enum):
        return kind.enums[0] if kind.enum_class is None else next(iter(kind.enum_class))
    if isinstance(kind, sa.TIMESTAMP | sa.DateTime):
        return _NOW if kind.timezone else _NOW.replace(tzinfo=None)
    if isinstance(kind, TSVECTOR):
        return ""
    if isinstance(kind, sa.JSON):
        return {}
    plain: dict[type, Any] = {UUID: uuid4(), date: _NOW.date(), str: "", bytes: b"", list: [], dict: {}}
    made = kind.python_type
    return plain.get(made, made() if made in {int, float, bool} else 0)
