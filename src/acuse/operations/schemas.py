"""JSON of the audit. Names of /audit are a public contract."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from acuse.kernel.audit import AuditAction, AuditEntry, AuditFilter, AuditReport
from acuse.kernel.errors import InvalidInput
from acuse.webkit.lists import Pagination, day_range

BUENOS_AIRES: Final = ZoneInfo("America/Argentina/Buenos_Aires")


class AuditQuery(BaseModel):
    """The filters of the audit, as they are typed."""

    accion: str = Field("", max_length=60, description="Filtrar por tipo de acción.")
    actor_id: str = Field("", max_length=20, description="Filtrar por usuario que realizó la acción.")
    objetivo_tipo: str = Field("", max_length=100, description="Filtrar por tipo de objeto afectado.")
    objetivo_id: str = Field("", max_length=200, description="Filtrar por identificador del objeto afectado.")
    desde: str = Field("", max_length=20, description="Fecha desde (AAAA-MM-DD, hora de Buenos Aires).")
    hasta: str = Field("", max_length=20, description="Fecha hasta, con ese día entero.")

    def filter(self) -> AuditFilter:
        """Answer what is asked for; raises InvalidInput naming each field that cannot be."""
        problems = {}
        action = next((each for each in AuditAction if each.value == self.accion), None)
        if self.accion and action is None:
            problems["accion"] = "No es una acción de la bitácora."
        actor = int(self.actor_id) if self.actor_id.isdecimal() and self.actor_id.isascii() else None
        if self.actor_id and (actor is None or actor >= 2**63):
            problems["actor_id"] = "Debe ser el número de un usuario."
        if problems:
            raise InvalidInput(fields=problems)
        since, until = day_range(self.desde, self.hasta, BUENOS_AIRES, names=("desde", "hasta"))
        return AuditFilter(
            action=action,
            actor_id=actor,
            target_type=_clean(self.objetivo_tipo),
            target_id=_clean(self.objetivo_id),
            since=since,
            until=until,
        )


def _clean(text: str) -> str | None:
    return text.replace("\x00", "\ufffd") or None


class AuditOut(BaseModel):
    """One act. `texto` says it in Spanish; `seq` is its place in the chain and `hash` its link."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id_auditoria": "5d0c3a3e-8f2b-4f0a-9d7e-2d6a6d9a1b11",
                    "actor_id": 1,
                    "actor_nombre": "Admin",
                    "accion": "CREATE_USER",
                    "objetivo_tipo": "users",
                    "objetivo_id": "123",
                    "timestamp": "2025-01-01T00:00:00Z",
                    "ip": "192.168.1.1",
                    "antes": None,
                    "despues": {"nombre": "Juan", "rol": 2},
                    "seq": 17,
                    "texto": "Creó un usuario",
                    "hash": "9f2c…",
                }
            ]
        }
    )

    id_auditoria: UUID
    actor_id: int | None
    actor_nombre: str
    accion: str
    objetivo_tipo: str
    objetivo_id: str
    timestamp: datetime
    ip: str | None
    antes: dict[str, Any] | None
    despues: dict[str, Any] | None
    seq: int
    texto: str
    hash: str

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Answer the act's JSON."""
        return cls(
            id_auditoria=entry.id,
            actor_id=entry.actor_id,
            actor_nombre=entry.actor_name,
            accion=entry.action,
            objetivo_tipo=entry.target_type,
            objetivo_id=entry.target_id,
            timestamp=entry.at,
            ip=entry.ip,
            antes=entry.before,
            despues=entry.after,
            seq=entry.seq,
            texto=entry.caption,
            hash=entry.hash,
        )


class AuditsOut(BaseModel):
    """One page of acts, newest first. `cursor` reads on at the same cost however deep; null at the end."""

    auditorias: list[AuditOut]
    pagination: Pagination
    cursor: str | None = None


class VerifyIn(BaseModel):
    """Checkpoints a person kept outside, each the line of JSON of a mail."""

    puntos: list[str] = Field(default_factory=list, max_length=1000)


class VerifiedOut(BaseModel):
    """What a verification found. Of `archivados`, the rows that left for files, `sin_leer` had no file here."""

    integra: bool
    registros: int
    puntos: int
    archivados: int
    sin_leer: int
    ultimo: int
    hash: str
    roto_en: int | None
    falla: str | None
    message: str

    @classmethod
    def of(cls, report: AuditReport) -> Self:
        """Answer the report's JSON."""
        return cls(
            integra=report.is_intact,
            registros=report.checked,
            puntos=report.checkpoints,
            archivados=report.archived,
            sin_leer=report.unread,
            ultimo=report.head_seq,
            hash=report.head_hash,
            roto_en=report.broken_seq,
            falla=None if report.fault is None else report.fault.value,
            message=report.text,
        )
