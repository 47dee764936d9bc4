"""A version of the list, and a counterpart that stands in it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Version:
    """A published list, kept whole; `as_of` is the date written inside it."""

    id: int
    as_of: date
    sha256: str
    size_bytes: int
    rows: int
    suppressed: int
    origin: str
    imported_at: datetime


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A counterpart in the list. `since` is the date of the first kept version that tells this situation of it."""

    contribuyente: str
    rfc: str
    nombre: str
    situacion: str
    since: date
    cfdis: int
    monto_mxn: Decimal
    """Total of its CFDIs in force, in pesos by each document's own rate."""
