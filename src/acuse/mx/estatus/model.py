"""An answer of the SAT about a CFDI, what it means, and a batch of questions. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from acuse.mx.outside.sat_consulta.codes import HOURS_UNTIL_FOUND, CodigoEstatus, Estado, EstatusCancelacion
from acuse.mx.outside.sat_consulta.wire import Answer

MEXICO_CITY: Final = ZoneInfo("America/Mexico_City")
_NOT_YET: Final = timedelta(hours=HOURS_UNTIL_FOUND)


@dataclass(frozen=True, kw_only=True)
class Consulta:
    """One answer, as it was given at an instant. `fecha_timbrado` is the wall clock of Mexico City."""

    id: int
    contribuyente_id: int
    uuid: UUID
    asked_at: datetime
    asked_by: str
    answer: Answer
    fecha_timbrado: datetime
    cancellation_found: bool
    lote_id: UUID | None = None

    @property
    def is_too_early(self) -> bool:
        """Answer whether "No Encontrado" may only mean that the stamp is younger than 72 hours."""
        stamped = self.fecha_timbrado.replace(tzinfo=MEXICO_CITY).astimezone(UTC)
        return self.answer.code is CodigoEstatus.NO_ENCONTRADO and self.asked_at - stamped < _NOT_YET

    @property
    def is_cancelled(self) -> bool:
        """Answer whether the SAT says it is cancelled."""
        return self.answer.known_estado is Estado.CANCELADO

    @property
    def is_in_force(self) -> bool:
        """Answer whether the SAT says it is in force."""
        return self.answer.known_estado is Estado.VIGENTE

    @property
    def meaning(self) -> str:
        """Answer in one sentence what a person should make of it."""
        if self.answer.code is CodigoEstatus.EXPRESION_INVALIDA:
            return (
                "El SAT dio por inválidos los datos del CFDI, también al repetir la consulta. Ocurre durante sus "
                "fallas: consulta de nuevo más tarde antes de darlo por malo."
            )
        if self.answer.code is CodigoEstatus.NO_ENCONTRADO:
            if self.is_too_early:
                return (
                    "El SAT todavía no lo encuentra. Se timbró hace menos de 72 horas, que es lo que puede tardar en "
                    "aparecer: consulta de nuevo después."
                )
            return "El SAT no encuentra este CFDI, y ya pasaron más de 72 horas desde su timbrado. Pide una aclaración."
        return _MEANINGS.get((self.answer.known_estado, self.answer.known_cancelacion)) or _PLAIN.get(
            self.answer.known_estado, "El SAT respondió algo que no está documentado; se guardó como lo dijo."
        )


_MEANINGS: Final[Mapping[tuple[Estado | None, EstatusCancelacion | None], str]] = {
    (Estado.VIGENTE, EstatusCancelacion.EN_PROCESO): (
        "Vigente, con una cancelación en proceso: el receptor tiene hasta 72 horas para aceptarla o rechazarla."
    ),
    (Estado.VIGENTE, EstatusCancelacion.SOLICITUD_RECHAZADA): "Vigente: el receptor rechazó su cancelación.",
    (Estado.CANCELADO, EstatusCancelacion.PLAZO_VENCIDO): (
        "Cancelado: el receptor no respondió en 72 horas y se tuvo por aceptado."
    ),
    (Estado.CANCELADO, EstatusCancelacion.CANCELADO_CON_ACEPTACION): "Cancelado con la aceptación del receptor.",
    (Estado.CANCELADO, EstatusCancelacion.CANCELADO_SIN_ACEPTACION): "Cancelado; no requería aceptación.",
}
_PLAIN: Final[Mapping[Estado | None, str]] = {
    Estado.VIGENTE: "Vigente en el SAT.",
    Estado.CANCELADO: "Cancelado en el SAT.",
    Estado.NO_ENCONTRADO: "El SAT no lo encuentra.",
}


class LoteState(StrEnum):
    """Where a batch stands."""

    RUNNING = "en_curso"
    DONE = "terminado"

    @property
    def label(self) -> str:
        """Answer the word for people."""
        return "En curso" if self is LoteState.RUNNING else "Terminado"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An answer of a batch that somebody should look at, and whose CFDI it is about."""

    rfc: str
    consulta: Consulta

    @property
    def folio_fiscal(self) -> str:
        """Answer the UUID as it is written on documents."""
        return str(self.consulta.uuid).upper()


@dataclass(frozen=True, kw_only=True)
class Lote:
    """Many CFDIs to ask about: the filter as it was sent, the taxpayers, and how far it is."""

    id: UUID
    created_by: str
    user_id: int | None
    rfcs: Sequence[str]
    wanted: Mapping[str, Any]
    state: LoteState
    total: int
    done: int
    cancelled: int
    not_found: int
    found_cancelled: int
    problem: str | None
    created_at: datetime
    finished_at: datetime | None
