"""The rows of the CRS: devices, their certificates, what was downloaded, quotas and alerts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from acuse.ar.crs.model import AlertKind, EstadoControlador, EstadoDescarga
from acuse.kernel.database import Base

EVERYBODY: Final = 0
"""In place of a user's number: all of them together."""


class ControladorRow(Base):
    """A device."""

    __tablename__ = "crs_controladores"

    controlador_id: Mapped[str] = mapped_column(primary_key=True)
    fabricante: Mapped[str]
    marca: Mapped[str]
    modelo: Mapped[str]
    numero_serie: Mapped[str]
    estado: Mapped[EstadoControlador]
    created_at: Mapped[datetime]


class CertificadoRow(Base):
    """A device's certificate. The file lies in the storage under `archivo_referencia`; state is never stored."""

    __tablename__ = "crs_certificados"
    __table_args__ = (
        Index("uq_crs_certificados_fingerprint", "fingerprint", unique=True),
        Index("ix_crs_certificados_controlador", "controlador_id", "not_before", "id_certificado"),
        Index("ix_crs_certificados_not_after", "not_after"),
    )

    id_certificado: Mapped[UUID] = mapped_column(primary_key=True)
    nombre: Mapped[str]
    controlador_id: Mapped[str] = mapped_column(ForeignKey("crs_controladores.controlador_id"))
    archivo_referencia: Mapped[str]
    file_name: Mapped[str]
    search_key: Mapped[str]
    serial: Mapped[str]
    issuer: Mapped[str]
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    fingerprint: Mapped[str]
    public_key_sha256: Mapped[str]
    key_bits: Mapped[int]
    size_bytes: Mapped[int]
    checksum: Mapped[str]
    extra: Mapped[dict[str, Any]] = mapped_column("metadata")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DescargaRow(Base):
    """One download: counted once at its start, delivered any number of times."""

    __tablename__ = "crs_descargas"
    __table_args__ = (
        Index("ix_crs_descargas_fecha", text("fecha DESC"), text("id_descarga DESC")),
        Index("ix_crs_descargas_usuario", "id_usuario", text("fecha DESC"), text("id_descarga DESC")),
        Index("ix_crs_descargas_estado", "estado", text("fecha DESC"), text("id_descarga DESC")),
        Index("ix_crs_descargas_controlador", "controlador_id", text("fecha DESC"), text("id_descarga DESC")),
    )

    id_descarga: Mapped[UUID] = mapped_column(primary_key=True)
    id_usuario: Mapped[int] = mapped_column(ForeignKey("users.id"))
    id_certificado: Mapped[UUID] = mapped_column(ForeignKey("crs_certificados.id_certificado"))
    controlador_id: Mapped[str]
    certificado_nombre: Mapped[str]
    fecha: Mapped[datetime]
    estado: Mapped[EstadoDescarga]
    logs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    checksum: Mapped[str]
    size_bytes: Mapped[int]
    ip_origen: Mapped[str | None]
    deliveries: Mapped[int]
    precio: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    moneda: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DiaRow(Base):
    """How many downloads a user, or EVERYBODY, started on a day that is over, in Buenos Aires."""

    __tablename__ = "crs_dias"
    __table_args__ = (Index("ix_crs_dias_dia", "dia"),)

    id_usuario: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dia: Mapped[date] = mapped_column(primary_key=True)
    descargas: Mapped[int]


class QuotaRow(Base):
    """A user's limit and counters, moved in the transaction of what they count.

    `reserved` places are taken by issuances under way: they leave no room, but are no downloads yet.
    `cycle` rises whenever the use falls below a threshold, so that the next crossing is another one.
    """

    __tablename__ = "crs_quotas"
    __table_args__ = (
        CheckConstraint("pending >= 0 AND total >= pending AND limite >= 0 AND reserved >= 0", name="sane"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    limite: Mapped[int]
    pending: Mapped[int]
    reserved: Mapped[int] = mapped_column(server_default="0")
    total: Mapped[int]
    cycle: Mapped[int]
    blocked_cycle: Mapped[int | None]
    blocked_attempts: Mapped[int]
    blocked_mail_at: Mapped[datetime | None]


class AlertRow(Base):
    """One alert to the administrators; its key makes a second one for the same crossing impossible."""

    __tablename__ = "crs_alertas"
    __table_args__ = (Index("uq_crs_alertas_key", "key", unique=True), Index("ix_crs_alertas_created_at", "created_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[AlertKind]
    cycle: Mapped[int]
    pending: Mapped[int]
    limite: Mapped[int]
    attempts: Mapped[int]
    created_at: Mapped[datetime]


class StartKeyRow(Base):
    """The first answer to a start with an Idempotency-Key, for a day."""

    __tablename__ = "crs_start_keys"
    __table_args__ = (Index("ix_crs_start_keys_created_at", "created_at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime]


class RadarRow(Base):
    """A certificate already told of at this distance from its end."""

    __tablename__ = "crs_radar"

    id_certificado: Mapped[UUID] = mapped_column(
        ForeignKey("crs_certificados.id_certificado", ondelete="CASCADE"), primary_key=True
    )
    days: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    told_at: Mapped[datetime]
