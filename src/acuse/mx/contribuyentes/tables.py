"""The rows of taxpayers, of the users' access to them, and of their e.firmas."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from acuse.accounts.tables import UserRow
from acuse.kernel.database import Base

ACTIVE = text("active")


class ContribuyenteRow(Base):
    """A taxpayer we serve, known from the moment its first e.firma is loaded."""

    __tablename__ = "contribuyentes"
    __table_args__ = (UniqueConstraint("rfc", name="uq_contribuyentes_rfc"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    rfc: Mapped[str]
    name: Mapped[str]
    daily_download: Mapped[bool] = mapped_column(server_default=text("false"))
    daily_retenciones: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]
    exported_at: Mapped[datetime | None]


class RemovalRow(Base):
    """An RFC whose taxpayer was removed and whose files are still being deleted."""

    __tablename__ = "contribuyente_removals"

    rfc: Mapped[str] = mapped_column(primary_key=True)
    removed_at: Mapped[datetime]


class AccesoRow(Base):
    """What one user may do for one taxpayer."""

    __tablename__ = "accesos"
    __table_args__ = (
        CheckConstraint("level in ('lectura', 'operacion', 'dueño')", name="level"),
        Index("ix_accesos_user_id", "user_id"),
    )

    contribuyente_id: Mapped[int] = mapped_column(ForeignKey(ContribuyenteRow.id, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(UserRow.id, ondelete="CASCADE"), primary_key=True)
    level: Mapped[str]
    granted_at: Mapped[datetime]


class EfirmaRow(Base):
    """An e.firma. At most one of a taxpayer is active; the others are history and have no key any more."""

    __tablename__ = "efirmas"
    __table_args__ = (
        UniqueConstraint("contribuyente_id", "fingerprint", name="uq_efirmas_contribuyente_id_fingerprint"),
        CheckConstraint("active = (sealed_key is not null)", name="key_while_active"),
        Index("uq_efirmas_active", "contribuyente_id", unique=True, postgresql_where=ACTIVE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey(ContribuyenteRow.id, ondelete="CASCADE"))
    fingerprint: Mapped[str]
    number: Mapped[str]
    holder_name: Mapped[str]
    representative_rfc: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_key: Mapped[bytes | None] = mapped_column(LargeBinary, info={"sealed": True})
    active: Mapped[bool]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey(UserRow.id, ondelete="SET NULL"))
    retired_at: Mapped[datetime | None]
