"""Periods as the SAT counts them: naive seconds of Mexico City, both ends included.

Source: SAT, "WS Solicitud" v1.5 (May 2025): start strictly before end, no end in the future, five closed
years and the running one; the bound that is enforced is six years before today at 00:00:00.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from acuse.mx.descarga.errors import DateUnreadable, PeriodInFuture, PeriodInverted, PeriodTooOld
from acuse.mx.outside.sat_descarga.codes import HISTORY_YEARS

MEXICO_CITY: Final = ZoneInfo("America/Mexico_City")
_DAY_LENGTH: Final = len("2025-01-31")
_LAST_SECOND: Final = time(23, 59, 59)


def mexico_time(instant: datetime) -> datetime:
    """Answer the wall clock of Mexico City at this aware instant, naive, in whole seconds."""
    return instant.astimezone(MEXICO_CITY).replace(tzinfo=None, microsecond=0)


def instant_of(wall: datetime) -> datetime:
    """Answer the aware instant at which Mexico City's clock shows this."""
    return wall.replace(tzinfo=MEXICO_CITY)


def read_date(text: str, *, end: bool = False) -> datetime:
    """Read AAAA-MM-DD, with or without time; a bare date is its first second, or its last with `end`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise DateUnreadable(text=text[:40]) from error
    if moment.tzinfo is not None or moment.microsecond:
        raise DateUnreadable(text=text[:40])
    if end and len(text.strip()) == _DAY_LENGTH:
        return datetime.combine(moment.date(), _LAST_SECOND)
    return moment


@dataclass(frozen=True, order=True)
class Periodo:
    """From one second to another, both included."""

    inicio: datetime
    fin: datetime

    def check(self, now: datetime) -> None:
        """Raise what the SAT would refuse at this wall clock of Mexico City, before anything is spent."""
        if self.inicio >= self.fin:
            raise PeriodInverted(fields={"fecha_inicio": "Debe ser anterior a la fecha final."})
        if self.fin > now:
            raise PeriodInFuture(
                fecha_fin=self.fin.isoformat(sep=" "), fields={"fecha_fin": "Todavía no llega en la Ciudad de México."}
            )
        oldest = oldest_start(now)
        if self.inicio < oldest:
            raise PeriodTooOld(
                oldest=oldest.date().isoformat(),
                fields={"fecha_inicio": f"El SAT entrega desde {oldest.date().isoformat()}."},
            )

    def until(self, moment: datetime) -> Periodo:
        """Answer the part of it up to this moment."""
        return Periodo(self.inicio, min(self.fin, moment))


def oldest_start(now: datetime) -> datetime:
    """Answer the first second the SAT still hands out at this wall clock of Mexico City."""
    today = datetime.combine(now.date(), time())
    try:
        return today.replace(year=today.year - HISTORY_YEARS)
    except ValueError:  # 29 February
        return today.replace(year=today.year - HISTORY_YEARS, day=28)


def months(year: int, first: int, count: int) -> Periodo:
    """Answer `count` whole months of a year from the month `first`."""
    start = datetime(year, first, 1)  # noqa: DTZ001 - wall clock of Mexico City
    after = datetime(year + (first + count - 1) // 12, (first + count - 1) % 12 + 1, 1)  # noqa: DTZ001
    return Periodo(start, after - timedelta(seconds=1))
