"""Monthly statements: months, lines, what a file proved to be; values and rules, no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from acuse.ar.crs.model import ZONE, EstadoDescarga, start_of
from acuse.ar.resumenes.errors import MonthInvalid
from acuse.kernel.captioned import Captioned

KIND: Final = "crs_resumen"
_FORM: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_NAMES: Final = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
    *("septiembre", "octubre", "noviembre", "diciembre"),
)


@dataclass(frozen=True, order=True)
class Month:
    """A month on the wall of Buenos Aires."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `AAAA-MM`. Raises MonthInvalid."""
        found = _FORM.fullmatch(text.strip())
        if found is None:
            raise MonthInvalid(mes=text[:20], fields={"mes": MonthInvalid.message.format(mes=text[:20])})
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def at(cls, moment: datetime) -> Month:
        """Answer the month of an instant."""
        day = moment.astimezone(ZONE).date()
        return cls(day.year, day.month)

    @property
    def before(self) -> Month:
        """Answer the month before."""
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    @property
    def start(self) -> datetime:
        """Answer its first instant."""
        return start_of(date(self.year, self.month, 1))

    @property
    def end(self) -> datetime:
        """Answer the first instant after it."""
        after = date(self.year + self.month // 12, self.month % 12 + 1, 1)
        return start_of(after)

    @property
    def caption(self) -> str:
        """Answer it as people read it."""
        return f"{_NAMES[self.month - 1]} de {self.year}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


class Kind(Captioned):
    """Why a download stands in a statement."""

    DESCARGA = "descarga", "Descarga del mes"
    TARDIA = "tardia", "Descarga de un mes ya cerrado"
    CORRECCION = "correccion", "Cambio de estado posterior"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: a download as it stood when the statement was closed."""

    kind: Kind
    id_descarga: UUID
    fecha: datetime
    controlador_id: str
    id_certificado: UUID
    certificado_nombre: str
    checksum: str
    size_bytes: int
    estado: EstadoDescarga
    estado_anterior: EstadoDescarga | None


@dataclass(frozen=True, kw_only=True)
class Resumen:
    """A closed statement. `document` is its signed line."""

    id: UUID
    id_usuario: int
    nombre: str
    cuit: str
    mes: Month
    descargas: int
    tardias: int
    correcciones: int
    pendientes: int
    facturadas: int
    csv_sha256: str
    pdf_sha256: str
    document: str
    closed_at: datetime

    @property
    def folder(self) -> str:
        """Answer where its files lie."""
        return f"{folder_of(self.mes)}/{self.id}"

    @property
    def name(self) -> str:
        """Answer how its files are called, without an ending."""
        return f"resumen-{self.mes}-{self.cuit}"


def folder_of(month: Month) -> str:
    """Answer where the files of a month's statements lie."""
    return f"crs/resumenes/{month}"


class Authentic(StrEnum):
    """What a file proved to be."""

    GENUINE = "autentico"
    ALTERED = "alterado"
    UNKNOWN = "desconocido"


@dataclass(frozen=True)
class Verdict:
    """What a file proved to be, in words, and which statement it is."""

    result: Authentic
    text: str
    told: dict[str, Any] | None = None


def counts(lines: list[Line]) -> dict[str, int]:
    """Answer the figures of a statement: lines by kind, and its downloads by billing state."""
    own = [line for line in lines if line.kind is not Kind.CORRECCION]
    return {
        "descargas": sum(line.kind is Kind.DESCARGA for line in lines),
        "tardias": sum(line.kind is Kind.TARDIA for line in lines),
        "correcciones": len(lines) - len(own),
        "pendientes": sum(line.estado is EstadoDescarga.PENDIENTE for line in own),
        "facturadas": sum(line.estado is EstadoDescarga.FACTURADO for line in own),
    }
