"""Reads the CSV: windows-1252, quoted fields that may hold line breaks, a date in its first line. Pure and streamed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final, NamedTuple

from acuse.mx.outside.sat_listas.codes import COLUMNS, ENCODING, Situacion
from acuse.mx.outside.sat_listas.errors import ListaUnreadable

_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
_IN_WORDS: Final = re.compile(r"(\d{1,2})\s+de\s+([a-záéíóú]+)\s+(?:de|del)\s+(\d{4})", re.IGNORECASE).search
_IN_FIGURES: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})").search
_SUPPRESSED: Final = re.compile(r"X+").fullmatch
_PREAMBLE: Final = 10
_TEXTS_OF_A_STAGE: Final = 4
_STAGES: Final = {situacion.value: at * _TEXTS_OF_A_STAGE for at, situacion in enumerate(Situacion)}
"""Where the texts of each stage begin."""


@dataclass(frozen=True)
class Row:
    """A taxpayer of the list. `notices` are the sixteen texts of numbers and dates, as written."""

    rfc: str
    nombre: str
    situacion: str
    notices: tuple[str, ...]

    @property
    def is_suppressed(self) -> bool:
        """Answer whether the RFC was taken out by law: such a row is nobody's."""
        return _SUPPRESSED(self.rfc) is not None


class Publication(NamedTuple):
    """When a situation was published on the SAT's page and in the Diario Oficial, as far as its texts can be read."""

    sat: date | None
    dof: date | None


def publication(situacion: str, notices: Sequence[str]) -> Publication:
    """Answer when the present situation of a taxpayer was published: of each stage there are four texts.

    They are number and date of the notice on the SAT's page, when that appeared, and the same of the Diario Oficial.
    """
    first = _STAGES.get(situacion)
    if first is None or len(notices) < first + _TEXTS_OF_A_STAGE:
        return Publication(None, None)
    _, on_the_page, _, in_the_dof = notices[first : first + _TEXTS_OF_A_STAGE]
    return Publication(_date(on_the_page), _date(in_the_dof))


@dataclass(frozen=True)
class Lista:
    """An opened list: the date inside it, and its rows, read as they are asked for."""

    as_of: date
    rows: Iterator[Row]


def open_list(file: BinaryIO) -> Lista:
    """Read the head of a list. Raises ListaUnreadable here, and from the rows for one of wrong width."""
    lines = csv.reader(io.TextIOWrapper(file, encoding=ENCODING, errors="replace", newline=""))
    as_of: date | None = None
    try:
        for _, line in zip(range(_PREAMBLE), lines, strict=False):
            if len(line) >= COLUMNS and line[1].strip().upper() == "RFC":
                if as_of is None:
                    raise ListaUnreadable(problem="no dice su fecha")
                return Lista(as_of, _rows(lines))
            as_of = as_of or _date(" ".join(line))
    except csv.Error as error:
        raise ListaUnreadable(problem="no es un CSV") from error
    raise ListaUnreadable(problem="faltan los encabezados")


def _rows(lines: Iterator[list[str]]) -> Iterator[Row]:
    try:
        for line in lines:
            if not any(cell.strip() for cell in line):
                continue
            if len(line) < COLUMNS:
                raise ListaUnreadable(problem=f"un renglón lleva {len(line)} columnas en vez de {COLUMNS}")
            cells = [cell.replace("\0", "").strip() for cell in line[:COLUMNS]]
            yield Row(cells[1].upper(), " ".join(cells[2].split()), " ".join(cells[3].split()), tuple(cells[4:]))
    except csv.Error as error:
        raise ListaUnreadable(problem="no es un CSV") from error


def _date(text: str) -> date | None:
    try:
        if words := _IN_WORDS(text):
            return date(int(words[3]), _MONTHS.index(words[2].lower()) + 1, int(words[1]))
        if figures := _IN_FIGURES(text):
            return date(int(figures[3]), int(figures[2]), int(figures[1]))
    except ValueError:
        return None
    return None
