"""A version of the list, and a counterpart that stands in it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from acuse.mx.outside.sat_listas.codes import Situacion
from acuse.mx.outside.sat_listas.wire import Publication


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
    """A counterpart in the list. `since` is the date of the first kept version that tells this situation of it.

    `received` of the CFDIs were issued by it. `monto_mxn` is the total of those in force, in pesos by each document's
    own rate.
    """

    contribuyente: str
    rfc: str
    nombre: str
    situacion: str
    since: date
    published: Publication
    cfdis: int
    received: int
    monto_mxn: Decimal

    @property
    def issued(self) -> int:
        """Answer how many of the CFDIs were issued to it."""
        return self.cfdis - self.received

    @property
    def endangers(self) -> bool:
        """Answer whether its CFDIs have no effect any more for whoever received them."""
        return self.situacion == Situacion.DEFINITIVO and self.received > 0
