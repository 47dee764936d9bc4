"""Periods as the SAT counts them: naive seconds of Mexico City, both ends included.

Source: SAT, "WS Solicitud" v1.5 (May 2025): start strictly before end, no end in the future, five closed
years and the running one; the bound that is enforced is six years before today at 00:00:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from acuse.mx.descarga.errors import DateUnreadable, PeriodInFuture, PeriodInverted, PeriodTooOld
from acuse.mx.outside.sat_descarga.codes import HISTORY_YEARS

MEXICO_CITY: Final = ZoneInfo("America/Mexico_City")
_DAY_LENGTH: Final = len("2025-01-31")
_LAST_SECOND: Final = time(23, 59, 59)
_SECOND: Final = timedelta(seconds=1)
SHORTEST_S: Final = 2
"""The start must lie before the end, and both are included."""


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

    @property
    def seconds(self) -> int:
        """Answer how many seconds it covers."""
        return int((self.fin - self.inicio).total_seconds()) + 1

    def until(self, moment: datetime) -> Periodo:
        """Answer the part of it up to this moment."""
        return Periodo(self.inicio, min(self.fin, moment))

    def widened(self, seconds: int, *, oldest: datetime) -> Periodo:
        """Answer it with so many seconds more before it, or after it where the SAT keeps nothing before.

        One second more makes another solicitud for the SAT; nothing of what was asked is left out.
        """
        more = timedelta(seconds=seconds)
        if self.inicio - more >= oldest:
            return Periodo(self.inicio - more, self.fin)
        return Periodo(self.inicio, self.fin + more)

    def months(self) -> tuple[Periodo, ...]:
        """Answer its calendar months, the first and the last as far as it goes."""
        starts = [self.inicio]
        while (after := _next_month(starts[-1])) <= self.fin:
            starts.append(after)
        return self.cut_before(starts[1:])

    def halves(self) -> tuple[Periodo, ...]:
        """Answer its two halves, [start, mid] and [mid + 1 s, end]; itself when it is too short to be halved."""
        if self.seconds <= SHORTEST_S:
            return (self,)
        return self.cut_before([self.inicio + timedelta(seconds=(self.seconds - 1) // 2 + 1)])

    def cut_before(self, moments: Sequence[datetime]) -> tuple[Periodo, ...]:
        """Answer the parts that begin at its start and at each of these moments inside it, in order.

        Parts touch without a gap. One of a single second, which the SAT would refuse, overlaps its neighbour.
        """
        starts = [self.inicio, *moments]
        ends = [moment - _SECOND for moment in moments] + [self.fin]
        parts = [self._asked(Periodo(start, end)) for start, end in zip(starts, ends, strict=True)]
        return tuple(dict.fromkeys(parts))

    def _asked(self, part: Periodo) -> Periodo:
        if part.seconds >= SHORTEST_S:
            return part
        if part.inicio > self.inicio:
            return Periodo(part.inicio - _SECOND, part.fin)
        return Periodo(part.inicio, part.fin + _SECOND)


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


def _next_month(moment: datetime) -> datetime:
    return datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1)  # noqa: DTZ001 - wall clock
