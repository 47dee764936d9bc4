"""The rows of the audit: the chain itself and its head. Column names are the public contract's."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base


class AuditRow(Base):
    """One act. Never changed: triggers refuse UPDATE and TRUNCATE, and DELETE until a line vouches for its file."""

    __tablename__ = "auditoria"
    __table_args__ = (
        UniqueConstraint("seq", name="uq_auditoria_seq"),
        Index("ix_auditoria_actor_id_seq", "actor_id", "seq"),
        Index("ix_auditoria_accion_seq", "accion", "seq"),
        Index("ix_auditoria_objetivo", "objetivo_tipo", "objetivo_id", "seq"),
        Index("ix_auditoria_timestamp", "timestamp"),
    )

    id_auditoria: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_nombre: Mapped[str] = mapped_column(Text)
    accion: Mapped[str] = mapped_column(Text)
    objetivo_tipo: Mapped[str] = mapped_column(Text)
    objetivo_id: Mapped[str] = mapped_column(Text)
    timestamp: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    ip: Mapped[str | None] = mapped_column(Text)
    antes: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    despues: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[str] = mapped_column(Text)


class CheckpointRow(Base):
    """A signed word on how far the chain went. Never changed nor removed; copies leave the machine."""

    __tablename__ = "auditoria_puntos"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    document: Mapped[str] = mapped_column(Text)


class ArchiveRow(Base):
    """A signed line on rows that left for a file, up to `seq`. Never changed nor removed."""

    __tablename__ = "auditoria_archivos"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    document: Mapped[str] = mapped_column(Text)


class AuditHead(Base):
    """The end of the chain, in its only row: its lock puts writers in line."""

    __tablename__ = "auditoria_cabeza"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
