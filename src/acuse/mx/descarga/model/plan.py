"""The plan of a year: two solicitudes of Metadata, one a semester, and twelve of CFDI, one a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from acuse.mx.descarga.errors import YearOutOfRange
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.periodo import Periodo, months
from acuse.mx.outside.sat_descarga.codes import HISTORY_YEARS, Familia, Sentido, TipoSolicitud

MARGIN: Final = timedelta(hours=1)
"""The running period is asked up to this long ago, and a closed one this long after its end: the northern
border writes hours that Mexico City has not reached."""


_DECLARED_UNTIL: Final = 3


@dataclass(frozen=True)
class Slot:
    """One of the fourteen: its place in the year, what it asks, when (None is at once), and whether that is over."""

    name: str
    parametros: Parametros
    due: datetime | None
    is_over: bool


def year_shown(now: datetime) -> int:
    """Answer the year to look at first at this wall clock: until March the one just closed, which is being declared."""
    return now.year - 1 if now.month <= _DECLARED_UNTIL else now.year


def years_of(now: datetime) -> range:
    """Answer the years the SAT hands out whole at this wall clock of Mexico City, the running one first."""
    return range(now.year, now.year - HISTORY_YEARS, -1)


def check_year(year: int, now: datetime) -> None:
    """Raise YearOutOfRange for a year the SAT does not hand out whole at this wall clock of Mexico City."""
    years = years_of(now)
    if year not in years:
        first, last = years[-1], years[0]
        raise YearOutOfRange(first=first, last=last, fields={"year": f"De {first} a {last}."})


def plan_year(year: int, sentido: Sentido, now: datetime, *, familia: Familia = Familia.CFDI) -> tuple[Slot, ...]:
    """Answer the fourteen of a year at this wall clock of Mexico City.

    A closed period is asked whole; the running one up to an hour ago; one that has not begun, or has only
    just, waits until it has closed. `due` is a wall clock too. Raises YearOutOfRange.
    """
    check_year(year, now)
    return tuple(_slot(name, tipo, sentido, whole, now, familia) for name, tipo, whole in _periods(year))


def _periods(year: int) -> Iterator[tuple[str, TipoSolicitud, Periodo]]:
    for half in (1, 2):
        yield f"M{half}", TipoSolicitud.METADATA, months(year, 6 * half - 5, 6)
    for month in range(1, 13):
        yield f"C{month:02d}", TipoSolicitud.CFDI, months(year, month, 1)


def _slot(name: str, tipo: TipoSolicitud, sentido: Sentido, whole: Periodo, now: datetime, familia: Familia) -> Slot:
    reached = whole.until(now - MARGIN)
    waits = reached.inicio >= reached.fin
    asked = whole if waits else reached
    parametros = Parametros.ask(familia=familia, tipo=tipo, sentido=sentido, periodo=asked)
    return Slot(name, parametros, whole.fin + MARGIN if waits else None, is_over=reached == whole)
