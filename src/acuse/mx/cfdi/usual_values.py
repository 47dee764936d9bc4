"""How usual values look, for patterns that check many at once: subsets of what `values` accepts, written alike."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from acuse.mx.cfdi import values

ABSENT: Final = "\1"
"""Stands for an attribute that is not there; no XML can hold it. It passes as a text and as a code."""
UUID: Final = r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
AMOUNT: Final = r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?"
TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
RFC: Final = r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}"
TEXT: Final = r"(?:[^\s\\](?:[^\t\n\r\\]{0,298}[^\s\\])?)"
CODE: Final = r"(?:[^\t\n\r\\]{1,13})"
OPTIONAL: Final = f"(?:{AMOUNT}|{ABSENT})"


def sum_of(one: str, other: str) -> str:
    """Add two amounts; raises BadCfdi."""
    return str(values.amount(one, "Importe") + values.amount(other, "Importe"))


def on_the_calendar(*moments: str) -> bool:
    """Tell whether there are such days and hours."""
    try:
        for each in moments:
            datetime.fromisoformat(each)
    except ValueError:
        return False
    return True
