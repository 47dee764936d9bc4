"""The rows of the versions of the list, of who stands in them, and of what was told to whom."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ARRAY, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base
from acuse.mx.contribuyentes.tables import ContribuyenteRow


class VersionRow(Base):
    """A published list, once by its content; the file itself lies in the storage."""

    __tablename__ = "lista_69b_versiones"
    __table_args__ = (UniqueConstraint("sha256", name="uq_lista_69b_versiones_sha256"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    as_of: Mapped[date]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    rows: Mapped[int]
    suppressed: Mapped[int]
    storage_key: Mapped[str]
    origin: Mapped[str]
    imported_at: Mapped[datetime]


class ListadoRow(Base):
    """A line of a version."""

    __tablename__ = "lista_69b"
    __table_args__ = (Index("ix_lista_69b_rfc", "rfc", "version_id"), Index("ix_lista_69b_version", "version_id"))

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(VersionRow.id, ondelete="CASCADE"))
    rfc: Mapped[str]
    nombre: Mapped[str]
    situacion: Mapped[str]
    notices: Mapped[list[str]] = mapped_column(ARRAY(Text()))


class AvisoRow(Base):
    """What a taxpayer was told of a counterpart: once for each situation."""

    __tablename__ = "lista_69b_avisos"

    contribuyente_id: Mapped[int] = mapped_column(ForeignKey(ContribuyenteRow.id, ondelete="CASCADE"), primary_key=True)
    rfc: Mapped[str] = mapped_column(primary_key=True)
    situacion: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey(VersionRow.id, ondelete="CASCADE"))
    found_at: Mapped[datetime]
