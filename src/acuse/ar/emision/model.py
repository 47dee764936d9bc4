"""Issuances: what is asked of ARCA, how it stands, and what was done; values and rules, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from acuse.kernel.captioned import Captioned

STORY_MAX: Final = 60


class Tramite(Captioned):
    """What is asked of ARCA."""

    ALTA = "alta", "Alta"
    RENOVACION = "renovacion", "Renovación"
    BAJA = "baja", "Baja"


class EstadoEmision(Captioned):
    """How an issuance stands."""

    EN_ESPERA = "en_espera", "En espera"
    """Not called, or called in vain: surely nothing was done."""
    LLAMANDO = "llamando", "Llamando a ARCA"
    """The call is under way, or its process died: then nobody knows."""
    POR_COMPROBAR = "por_comprobar", "Por comprobar"
    """The call was sent and its answer lost."""
    CONCLUIDA = "concluida", "Concluida"
    RECHAZADA = "rechazada", "Sin éxito"
    """Refused, given up, cancelled, or lost for good: nothing was charged."""

    @property
    def is_final(self) -> bool:
        """Answer whether nothing more will happen."""
        return self in {EstadoEmision.CONCLUIDA, EstadoEmision.RECHAZADA}

    @property
    def pill(self) -> Literal["done", "failed", "attention", "working"]:
        """Answer the state colour of the pages."""
        if self.is_final:
            return "done" if self is EstadoEmision.CONCLUIDA else "failed"
        return "attention" if self is EstadoEmision.POR_COMPROBAR else "working"


@dataclass(frozen=True, kw_only=True)
class Emision:
    """One issuance as it is shown. `motivo` says why it waits or was refused."""

    id: UUID
    id_usuario: int
    usuario_nombre: str
    controlador_id: str
    tramite: Tramite
    estado: EstadoEmision
    intentos: int
    motivo: str | None
    motivo_codigo: str | None
    historia: list[dict[str, Any]]
    id_certificado: UUID | None
    id_descarga: UUID | None
    next_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Pause:
    """ARCA is not called until then, and why."""

    until: datetime
    reason: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Credential:
    """The company's certificate for ARCA's web services, without its key."""

    cuit: str
    alias: str
    serial: str
    not_before: datetime
    not_after: datetime
    uploaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class ArcaStanding:
    """How issuing stands in this installation."""

    is_on: bool
    ambiente: str
    credential: Credential | None
    pause: Pause | None
    problem: str | None
    """A configuration fault ARCA told last, until a call succeeds."""


def told(at: datetime, message: str, code: str | None = None) -> dict[str, str]:
    """Answer one line of an issuance's story."""
    line = {"at": at.isoformat(), "message": message}
    return line if code is None else line | {"code": code}
