"""Which months may still see a cancellation, and on which nights a taxpayer's are looked at again. No I/O.

A CFDI may be cancelled until the month in which the annual return of its year of issue is due: March for companies,
April for persons, who may both be its issuer. What is asked on the last day may take 72 hours to be accepted.
Source: Código Fiscal de la Federación, article 29-A, fourth paragraph, as amended on 7 November 2025 (DOF), in force
since 1 January 2026; until then Resolución Miscelánea Fiscal 2025, rule 2.7.1.46.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from acuse.mx.descarga.model.periodo import Periodo, months

_LAST_MONTH: Final = 5
"""April ends it; in May what was asked then is settled and seen."""
_HALVES: Final = (1, 7)


def cancellable_periods(day: date, *, newest: int) -> Sequence[Periodo]:
    """Answer, by half-years, the periods whose CFDIs may still be cancelled, without the newest days.

    Those are the running year and, until May, the one before. Half-years are what a year's plan asks too.
    """
    until = datetime.combine(day - timedelta(days=newest), time(23, 59, 59))
    years = (day.year - 1, day.year) if day.month <= _LAST_MONTH else (day.year,)
    halves = (months(year, first, 6).until(until) for year in years for first in _HALVES)
    return [half for half in halves if half.inicio < half.fin]


def whose_night(ids: Collection[int], day: date, *, every_days: int, at_most: int) -> Sequence[int]:
    """Answer whose turn is today, never more than `at_most`: each has one in `every_days`, and nights share evenly.

    More than so many nights can hold take turns in as many nights as they need.
    """
    nights = max(every_days, -(-len(ids) // at_most))
    return [each for place, each in enumerate(sorted(ids)) if (day.toordinal() + place) % nights == 0]
