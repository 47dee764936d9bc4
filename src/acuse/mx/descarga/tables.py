"""The rows of plans, solicitudes, their history, paquetes and the SAT's tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import TIMESTAMP, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud

WALL = TIMESTAMP(timezone=False)
"""Wall clock of Mexico City, as the SAT counts: naive on purpose."""

SAME_PARAMETERS = "uq_solicitudes_parametros"
SAME_SLOT = "uq_solicitudes_plan_id_plan_slot"


class PlanRow(Base):
    """The plan of a taxpayer's year in one direction. There is one, whoever asks."""

    __tablename__ = "planes"
    __table_args__ = (UniqueConstraint("contribuyente_id", "familia", "year", "sentido", name="uq_planes_year"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"))
    familia: Mapped[Familia]
    year: Mapped[int]
    sentido: Mapped[Sentido]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class SolicitudRow(Base):
    """A solicitud, from the intent to its end. Absent filters are empty text, so that the unique key sees them."""

    __tablename__ = "solicitudes"
    __table_args__ = (
        UniqueConstraint(
            "contribuyente_id",
            "familia",
            "tipo",
            "sentido",
            "fecha_inicio",
            "fecha_fin",
            "efecto",
            "estado_comprobante",
            "complemento",
            "counterparts",
            "rfc_a_cuenta_terceros",
            name=SAME_PARAMETERS,
        ),
        UniqueConstraint("plan_id", "plan_slot", name=SAME_SLOT),
        Index("ix_solicitudes_created_at", "created_at", "fecha_inicio", "id"),
        Index("ix_solicitudes_contribuyente_id", "contribuyente_id", "created_at", "fecha_inicio", "id"),
        Index("ix_solicitudes_next_check_at", "next_check_at", postgresql_where=text("next_check_at is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"))
    rfc: Mapped[str]
    familia: Mapped[Familia]
    tipo: Mapped[TipoSolicitud]
    sentido: Mapped[Sentido]
    fecha_inicio: Mapped[datetime] = mapped_column(WALL)
    fecha_fin: Mapped[datetime] = mapped_column(WALL)
    efecto: Mapped[str]
    estado_comprobante: Mapped[str]
    complemento: Mapped[str]
    counterparts: Mapped[str]
    rfc_a_cuenta_terceros: Mapped[str]

    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("planes.id", ondelete="SET NULL"))
    plan_slot: Mapped[str | None]

    estado: Mapped[Estado]
    id_solicitud: Mapped[str | None]
    cod_estatus: Mapped[int | None]
    estado_solicitud: Mapped[int | None]
    codigo_estado_solicitud: Mapped[int | None]
    mensaje: Mapped[str]
    problem: Mapped[str | None]
    numero_cfdis: Mapped[int | None]

    sends: Mapped[int] = mapped_column(server_default=text("0"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_check_at: Mapped[datetime | None]
    busy_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    sent_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class HistoryRow(Base):
    """One line in the story of a solicitud."""

    __tablename__ = "solicitud_history"
    __table_args__ = (Index("ix_solicitud_history_solicitud_id_id", "solicitud_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    solicitud_id: Mapped[UUID] = mapped_column(ForeignKey("solicitudes.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    suceso: Mapped[Suceso]
    codigo: Mapped[int | None]
    mensaje: Mapped[str]
    who: Mapped[str]


class PaqueteRow(Base):
    """A package of the SAT. `downloads` is counted before the SAT is asked and never passes two."""

    __tablename__ = "paquetes"
    __table_args__ = (
        UniqueConstraint("solicitud_id", "id_paquete", name="uq_paquetes_solicitud_id_id_paquete"),
        Index("ix_paquetes_found_at_id", "found_at", "id"),
        Index("ix_paquetes_next_try_at", "next_try_at", postgresql_where=text("next_try_at is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    id_paquete: Mapped[str]
    solicitud_id: Mapped[UUID] = mapped_column(ForeignKey("solicitudes.id", ondelete="CASCADE"))
    storage_key: Mapped[str]
    size_bytes: Mapped[int | None]
    sha256: Mapped[str | None]
    downloads: Mapped[int] = mapped_column(server_default=text("0"))
    problem: Mapped[str | None]
    lost: Mapped[bool] = mapped_column(server_default=text("false"))
    found_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    next_try_at: Mapped[datetime | None]
    busy_until: Mapped[datetime | None]
    stored_at: Mapped[datetime | None]
    indexed_at: Mapped[datetime | None]
    cfdis: Mapped[int | None]


class TokenRow(Base):
    """The SAT's token of a taxpayer and family, sealed, kept to be used again until it is to be renewed."""

    __tablename__ = "sat_tokens"
    __table_args__ = (UniqueConstraint("contribuyente_id", "familia", name="uq_sat_tokens_contribuyente_id_familia"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"))
    familia: Mapped[Familia]
    sealed_token: Mapped[bytes] = mapped_column(LargeBinary, info={"sealed": True})
    efirma_number: Mapped[str]
    obtained_at: Mapped[datetime]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    renew_at: Mapped[datetime]
