"""The rows of monthly statements. The database refuses to change or remove any of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from acuse.ar.crs.model import EstadoDescarga
from acuse.ar.resumenes.model import Kind
from acuse.kernel.database import Base


class ResumenRow(Base):
    """One reseller's month. `previous` is the hash of the statement before, so that no two can follow the same one."""

    __tablename__ = "crs_resumenes"
    __table_args__ = (
        Index("uq_crs_resumenes_month", "id_usuario", "mes", unique=True),
        Index("uq_crs_resumenes_previous", "id_usuario", "previous", unique=True),
        Index("ix_crs_resumenes_csv", "csv_sha256"),
        Index("ix_crs_resumenes_pdf", "pdf_sha256"),
    )

    id_resumen: Mapped[UUID] = mapped_column(primary_key=True)
    id_usuario: Mapped[int] = mapped_column(ForeignKey("users.id"))
    nombre: Mapped[str]
    cuit: Mapped[str]
    mes: Mapped[str]
    descargas: Mapped[int]
    tardias: Mapped[int]
    correcciones: Mapped[int]
    pendientes: Mapped[int]
    facturadas: Mapped[int]
    csv_sha256: Mapped[str]
    pdf_sha256: Mapped[str]
    previous: Mapped[str]
    document: Mapped[str]
    closed_at: Mapped[datetime]


class LineaRow(Base):
    """A download as a statement told it."""

    __tablename__ = "crs_resumen_lineas"
    __table_args__ = (Index("ix_crs_resumen_lineas_descarga", "id_descarga", "closed_at"),)

    id_resumen: Mapped[UUID] = mapped_column(ForeignKey("crs_resumenes.id_resumen"), primary_key=True)
    id_descarga: Mapped[UUID] = mapped_column(ForeignKey("crs_descargas.id_descarga"), primary_key=True)
    kind: Mapped[Kind]
    estado: Mapped[EstadoDescarga]
    closed_at: Mapped[datetime]


class CierreRow(Base):
    """A month that was closed for everybody."""

    __tablename__ = "crs_cierres"

    mes: Mapped[str] = mapped_column(primary_key=True)
    resumenes: Mapped[int]
    closed_at: Mapped[datetime]
