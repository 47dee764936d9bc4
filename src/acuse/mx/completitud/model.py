"""How complete a month is, by what was asked, told and stored. No I/O.

Source: SAT, "WS Solicitud" v1.5 (May 2025): metadata of all, XML of received ones only while they are in force; a CFDI
may be certified up to 72 hours after its date of issue (Regla 2.7.2.9 of the RMF), so that a month is whole only then.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Final, Literal

from acuse.mx.archivo import Direction, MonthHeld
from acuse.mx.completitud.errors import MonthUnreadable
from acuse.mx.descarga.model.periodo import Periodo, mexico_time, months
from acuse.mx.descarga.store import Asked
from acuse.mx.outside.sat_descarga.codes import Familia

SETTLED_AFTER: Final = timedelta(hours=72)
_SECOND: Final = timedelta(seconds=1)
_MOST_MONTHS: Final = 84
_MONTH: Final = re.compile(r"(20\d{2})-(\d{2})", re.ASCII).fullmatch
Tone = Literal["done", "working", "attention", "failed", "neutral"]


class EstadoMes(StrEnum):
    """How a month stands, the most urgent first."""

    EN_CAMINO = "en_camino"
    FALTAN = "faltan"
    SIN_PEDIR = "sin_pedir"
    EN_PARTE = "en_parte"
    POR_CONFIRMAR = "por_confirmar"
    EN_CURSO = "en_curso"
    SIN_CFDI = "sin_cfdi"
    COMPLETO = "completo"
    FUTURO = "futuro"

    @property
    def label(self) -> str:
        """Answer the word for people."""
        return _WORDS[self][0]

    @property
    def explanation(self) -> str:
        """Answer what it means, in a sentence."""
        return _WORDS[self][1]

    @property
    def tone(self) -> Tone:
        """Answer its colour."""
        return _WORDS[self][2]


_WORDS: Final[dict[EstadoMes, tuple[str, str, Tone]]] = {
    EstadoMes.EN_CAMINO: ("En camino", "Ya se pidió al SAT; llega solo.", "working"),
    EstadoMes.FALTAN: ("Faltan XML", "El SAT los tiene y aquí no están.", "attention"),
    EstadoMes.SIN_PEDIR: ("Sin pedir", "No se ha preguntado al SAT qué hay en este mes.", "attention"),
    EstadoMes.EN_PARTE: ("Pedido en parte", "La Metadata no cubre el mes entero.", "attention"),
    EstadoMes.POR_CONFIRMAR: (
        "Por confirmar",
        "La Metadata se pidió antes de que pasaran 72 horas del fin de mes: aún podían timbrarse CFDI.",
        "working",
    ),
    EstadoMes.EN_CURSO: ("En curso", "El mes no ha terminado; lo que hay hasta ahora está completo.", "working"),
    EstadoMes.SIN_CFDI: ("Sin CFDI", "El SAT dice que no hay ninguno.", "neutral"),
    EstadoMes.COMPLETO: ("Completo", "Todo lo que el SAT entrega de este mes está aquí.", "done"),
    EstadoMes.FUTURO: ("Aún no llega", "El mes no ha comenzado.", "neutral"),
}


@dataclass(frozen=True, kw_only=True)
class Mes:
    """One month of one side of a taxpayer, CFDIs or Retenciones.

    `known` = `with_xml` + `missing` + `gone`. `as_of` is since when the SAT has told nothing newer of some part of it.
    """

    rfc: str
    familia: Familia
    direction: Direction
    month: date
    estado: EstadoMes
    known: int = 0
    with_xml: int = 0
    missing: int = 0
    cancelled: int = 0
    gone: int = 0
    going: int = 0
    as_of: datetime | None = None

    def holding(self, held: MonthHeld) -> Mes:
        """Answer it with the counts of what is held."""
        return replace(
            self,
            known=held.known,
            with_xml=held.with_xml,
            missing=held.missing,
            cancelled=held.cancelled,
            gone=held.gone,
        )

    @property
    def periodo(self) -> Periodo:
        """Answer its first and last second."""
        return periodo_of(self.month)

    @property
    def is_complete(self) -> bool:
        """Answer whether nothing is left to ask for."""
        return self.estado in {EstadoMes.COMPLETO, EstadoMes.SIN_CFDI}

    @property
    def needs_metadata(self) -> bool:
        """Answer whether asking the SAT what there is would tell something new."""
        return self.estado in {EstadoMes.SIN_PEDIR, EstadoMes.EN_PARTE, EstadoMes.POR_CONFIRMAR}

    @property
    def short(self) -> str:
        """Answer what a small square shows: the number that matters, or nothing."""
        if self.estado is EstadoMes.FUTURO or not self.known:
            return ""
        return f"−{self.missing:,}" if self.missing else f"{self.known:,}"

    @property
    def told(self) -> str:
        """Answer it in words."""
        if self.missing:
            many = "falta 1 XML" if self.missing == 1 else f"faltan {self.missing:,} XML"
            return f"{self.estado.label}: {many} de {self.known:,}"
        return f"{self.estado.label}: {self.known:,} CFDI" if self.known else self.estado.label


def periodo_of(month: date) -> Periodo:
    """Answer the first and the last second of a calendar month."""
    return months(month.year, month.month, 1)


def read_month(text: str) -> date:
    """Read AAAA-MM. Raises MonthUnreadable."""
    found = _MONTH(text.strip())
    try:
        return date(int(found[1]), int(found[2]), 1) if found else _unreadable(text)
    except ValueError as error:
        raise MonthUnreadable(text=text[:20]) from error


def _unreadable(text: str) -> date:
    raise MonthUnreadable(text=text[:20], fields={"mes": "Como 2025-01."})


def months_between(first: date, last: date) -> list[date]:
    """Answer the months from one to another, both included. Raises MonthUnreadable."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 1 <= count <= _MOST_MONTHS:
        raise MonthUnreadable(text=f"{first:%Y-%m} a {last:%Y-%m}")
    return [date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1) for i in range(count)]


def freshness(periodo: Periodo, told: Sequence[Asked]) -> datetime | None:
    """Answer since when nothing newer is known of some moment of a period; None when a moment was never told.

    The newest answers are taken first, until together they cover it: the last one needed is as old as the whole.
    """
    open_ = [periodo]
    dated = [(one.at, one) for one in told if one.at is not None]
    for at, each in sorted(dated, key=itemgetter(0), reverse=True):
        left = [rest for gap in open_ for rest in _without(gap, each)]
        if not left:
            return at
        open_ = left
    return None


def _without(gap: Periodo, told: Asked) -> list[Periodo]:
    """Answer what of a gap an answer leaves open."""
    if told.fin < gap.inicio or told.inicio > gap.fin:
        return [gap]
    rest = []
    if gap.inicio < told.inicio:
        rest.append(Periodo(gap.inicio, told.inicio - _SECOND))
    if told.fin < gap.fin:
        rest.append(Periodo(told.fin + _SECOND, gap.fin))
    return rest


def estado_of(
    month: date,
    now: datetime,
    *,
    told: Sequence[Asked],
    going: int,
    known: int,
    missing: int,
) -> tuple[EstadoMes, datetime | None]:
    """Answer how a month stands at an instant, and as of when it is known."""
    whole, wall = periodo_of(month), mexico_time(now)
    if whole.inicio > wall:
        return EstadoMes.FUTURO, None
    touching = [one for one in told if one.inicio <= whole.fin and one.fin >= whole.inicio]
    running = whole.fin >= wall
    newest = max((one.at for one in touching if one.at), default=None)
    as_of = newest if running else freshness(whole, touching)
    if going:
        return EstadoMes.EN_CAMINO, as_of
    if missing:
        return EstadoMes.FALTAN, as_of
    if as_of is None:
        return (EstadoMes.EN_PARTE if touching or known else EstadoMes.SIN_PEDIR), newest
    if not running and mexico_time(as_of) < whole.fin + SETTLED_AFTER:
        return EstadoMes.POR_CONFIRMAR, as_of
    return _whole(running=running, known=known), as_of


def _whole(*, running: bool, known: int) -> EstadoMes:
    """Answer how a month stands of which everything that can be is here."""
    if running:
        return EstadoMes.EN_CURSO
    return EstadoMes.COMPLETO if known else EstadoMes.SIN_CFDI
