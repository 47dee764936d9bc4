"""The rows of exports, and of the parts their files are put together from.

They point at no taxpayer: who exports everything and then removes it still has the file for its time.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base


class ExportacionRow(Base):
    """One export. `progress` is what the making goes on from; it changes in the transaction of its parts."""

    __tablename__ = "exportaciones"
    __table_args__ = (
        CheckConstraint("estado in ('en_curso', 'lista', 'fallida', 'cancelada')", name="estado"),
        Index("uq_exportaciones_running", "fingerprint", unique=True, postgresql_where=text("estado = 'en_curso'")),
        Index("ix_exportaciones_created_at", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    formato: Mapped[str]
    created_by: Mapped[str]
    user_id: Mapped[int | None]
    taxpayers: Mapped[list[Any]] = mapped_column(JSONB)
    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB)
    estado: Mapped[str]
    total: Mapped[int]
    progress: Mapped[dict[str, Any]] = mapped_column(JSONB)
    size_bytes: Mapped[int] = mapped_column(server_default=text("0"))
    problem: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    moved_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]


class PartRow(Base):
    """A stored piece of the file of an export."""

    __tablename__ = "exportacion_partes"
    __table_args__ = (Index("ix_exportacion_partes_order", "exportacion_id", "rank", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    exportacion_id: Mapped[UUID] = mapped_column(ForeignKey(ExportacionRow.id, ondelete="CASCADE"))
    rank: Mapped[int] = mapped_column(Integer)
    key: Mapped[str]
    size_bytes: Mapped[int]
