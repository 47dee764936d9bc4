"""The rows of issuing: what was asked, the company's credential, its tickets, and the pause of calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from acuse.ar.emision.model import EstadoEmision, Tramite
from acuse.kernel.database import Base


class EmisionRow(Base):
    """One thing asked of ARCA. A device has one open issuance at most."""

    __tablename__ = "crs_emisiones"
    __table_args__ = (
        Index("uq_crs_emisiones_open", "controlador_id", unique=True, postgresql_where=text("finished_at IS NULL")),
        Index("ix_crs_emisiones_usuario", "id_usuario", text("created_at DESC")),
        Index("ix_crs_emisiones_created_at", text("created_at DESC")),
    )

    id_emision: Mapped[UUID] = mapped_column(primary_key=True)
    id_usuario: Mapped[int] = mapped_column(ForeignKey("users.id"))
    controlador_id: Mapped[str]
    tramite: Mapped[Tramite]
    estado: Mapped[EstadoEmision]
    request: Mapped[bytes | None] = mapped_column(LargeBinary)
    request_key: Mapped[str | None]
    intentos: Mapped[int]
    repeticiones: Mapped[int]
    motivo: Mapped[str | None]
    motivo_codigo: Mapped[str | None]
    historia: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    id_certificado: Mapped[UUID | None] = mapped_column(ForeignKey("crs_certificados.id_certificado"))
    id_descarga: Mapped[UUID | None] = mapped_column(ForeignKey("crs_descargas.id_descarga"))
    called_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class CredentialRow(Base):
    """The company's certificate and its sealed key: one for the installation."""

    __tablename__ = "crs_arca_credencial"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    cuit: Mapped[str]
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary, info={"sealed": True})
    uploaded_at: Mapped[datetime]


class TicketRow(Base):
    """The ticket of one company for one service, and who is asking for the next one."""

    __tablename__ = "crs_arca_tickets"

    name: Mapped[str] = mapped_column(primary_key=True)
    sealed_ticket: Mapped[bytes | None] = mapped_column(LargeBinary, info={"sealed": True})
    expires_at: Mapped[datetime | None]
    asking_until: Mapped[datetime | None]


class PauseRow(Base):
    """The circuit breaker of one service, shared by all processes."""

    __tablename__ = "crs_arca_pausa"

    service: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]
    since: Mapped[datetime | None]
    reason: Mapped[str | None]
    problem: Mapped[str | None]
