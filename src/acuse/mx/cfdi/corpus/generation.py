"""Which version of CFDI an issuer writes at a moment: each changes over on a day of its own, as in life.

Sources: DOF, Resolución Miscelánea Fiscal: 3.3 optional from 1 July 2017 and only from 1 December 2017; 4.0 optional
from 1 January 2022 and only from 1 April 2023.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zlib import crc32

_CHANGES: Final = ((date(2022, 1, 1), date(2023, 4, 1), "4.0"), (date(2017, 7, 1), date(2017, 12, 1), "3.3"))
_FREIGHT_SINCE: Final = date(2024, 7, 17)
_PAYMENTS_SINCE: Final = (2017, 12)


def version_at(issuer_rfc: str, moment: datetime) -> str:
    """Answer 4.0, 3.3 or 3.2."""
    for allowed, alone, version in _CHANGES:
        changes_on = allowed + timedelta(days=crc32(issuer_rfc.encode()) % (alone - allowed).days)
        if moment.date() >= changes_on:
            return version
    return "3.2"


def has_freight(moment: datetime) -> bool:
    """Tell whether Carta Porte 3.1 was in force."""
    return moment.date() >= _FREIGHT_SINCE


def has_payments(year: int, month: int) -> bool:
    """Tell whether everybody wrote 3.3 or later, which brought payments and today's payroll."""
    return (year, month) >= _PAYMENTS_SINCE
