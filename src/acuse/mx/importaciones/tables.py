"""The rows of uploaded archives."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base
from acuse.mx.contribuyentes.tables import ContribuyenteRow


class ImportacionRow(Base):
    """One uploaded archive. `packages` names what it stored, each written before it is stored."""

    __tablename__ = "importaciones"
    __table_args__ = (
        CheckConstraint("estado in ('en_curso', 'terminada', 'fallida')", name="estado"),
        Index("ix_importaciones_created_at", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey(ContribuyenteRow.id, ondelete="CASCADE"))
    user_id: Mapped[int | None]
    created_by: Mapped[str]
    file_name: Mapped[str]
    file_key: Mapped[str]
    size_bytes: Mapped[int]
    trial: Mapped[bool]
    estado: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    packages: Mapped[list[Any]] = mapped_column(JSONB)
    problem: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
