"""The rows of plans, solicitudes, their history, paquetes, the lifetime ledger, daily runs and the SAT's tokens."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import TIMESTAMP, Date, Float, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
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
    completed_at: Mapped[datetime | None]


class DailyRunRow(Base):
    """The daily download of a taxpayer on one day of Mexico City. There is one, however often it is asked for."""

    __tablename__ = "daily_runs"
    __table_args__ = (UniqueConstraint("contribuyente_id", "day", name="uq_daily_runs_contribuyente_id_day"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]


class Claimable:
    """What a row tells of a call about it that is under way: whose it is, and until when it lasts at the latest."""

    busy_until: Mapped[datetime | None]
    busy_by: Mapped[str | None]

    def release(self) -> None:
        """Let others call."""
        self.busy_until = self.busy_by = None


class SolicitudRow(Claimable, Base):
    """A solicitud, from the intent to its end. Absent filters are empty text, so that the unique key sees them.

    One of a `folio` asks for that CFDI alone. `attempt` counts equal ones asked again on purpose; `repeats_id` is the
    one it stands in for, `parent_id` the one whose period it is a part of.
    """

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
            "folio",
            "attempt",
            name=SAME_PARAMETERS,
        ),
        UniqueConstraint("plan_id", "plan_slot", name=SAME_SLOT),
        UniqueConstraint("repeats_id", name="uq_solicitudes_repeats_id"),
        Index("ix_solicitudes_parent_id", "parent_id", postgresql_where=text("parent_id is not null")),
        Index("ix_solicitudes_daily_run_id", "daily_run_id", postgresql_where=text("daily_run_id is not null")),
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
    folio: Mapped[str] = mapped_column(server_default=text("''"))
    attempt: Mapped[int] = mapped_column(server_default=text("1"))

    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("solicitudes.id", ondelete="SET NULL"))
    repeats_id: Mapped[UUID | None] = mapped_column(ForeignKey("solicitudes.id", ondelete="SET NULL"))
    daily_run_id: Mapped[UUID | None] = mapped_column(ForeignKey("daily_runs.id", ondelete="SET NULL"))
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


class PaqueteRow(Claimable, Base):
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


class LifetimeRow(Base):
    """How often the SAT was asked for XML under one key of its own; two is all there is, ever.

    `sat_key` is what the SAT compares: both dates, RfcEmisor and RfcReceptor. Metadata and folios do not count.
    """

    __tablename__ = "sat_lifetime"

    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"), primary_key=True)
    familia: Mapped[Familia] = mapped_column(primary_key=True)
    sat_key: Mapped[str] = mapped_column(primary_key=True)
    spent: Mapped[int]
    last_at: Mapped[datetime]


class SatClockRow(Base):
    """By how much our clock ran ahead of the SAT's when it was last seen, of each family."""

    __tablename__ = "sat_clock"

    familia: Mapped[Familia] = mapped_column(primary_key=True)
    skew_s: Mapped[float] = mapped_column(Float)
    measured_at: Mapped[datetime]


class SyncCallRow(Base):
    """The first answer to a call with an Idempotency-Key, to be given again."""

    __tablename__ = "sat_sync_calls"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    rfc: Mapped[str]
    answer: Mapped[int]
    created_at: Mapped[datetime]
