"""The rows of what the SAT answered about CFDIs, and of batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, TIMESTAMP, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base
from acuse.mx.contribuyentes.tables import ContribuyenteRow


class LoteRow(Base):
    """A batch of questions over a filter; `place` and `cursor` say where the next stretch begins."""

    __tablename__ = "consulta_lotes"
    __table_args__ = (
        CheckConstraint("state in ('en_curso', 'terminado')", name="state"),
        Index("uq_consulta_lotes_running", "fingerprint", unique=True, postgresql_where=text("state = 'en_curso'")),
        Index("ix_consulta_lotes_created_at", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    created_by: Mapped[str]
    user_id: Mapped[int | None]
    rfcs: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    total: Mapped[int]
    place: Mapped[int] = mapped_column(server_default=text("0"))
    cursor: Mapped[str | None]
    problem: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ConsultaRow(Base):
    """One answer about one CFDI, in the SAT's own words. In a batch there is at most one for each CFDI."""

    __tablename__ = "cfdi_consultas"
    __table_args__ = (
        UniqueConstraint("lote_id", "contribuyente_id", "uuid", name="uq_cfdi_consultas_lote_id"),
        Index("ix_cfdi_consultas_uuid", "contribuyente_id", "uuid", "asked_at"),
        Index(
            "ix_cfdi_consultas_cancellation",
            "contribuyente_id",
            "asked_at",
            postgresql_where=text("cancellation_found"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey(ContribuyenteRow.id, ondelete="CASCADE"))
    uuid: Mapped[UUID]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    codigo_estatus: Mapped[str]
    estado: Mapped[str]
    es_cancelable: Mapped[str]
    estatus_cancelacion: Mapped[str]
    validacion_efos: Mapped[str]
    fecha_timbrado: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=False))
    cancellation_found: Mapped[bool]
    lote_id: Mapped[UUID | None] = mapped_column(ForeignKey(LoteRow.id, ondelete="CASCADE"))
