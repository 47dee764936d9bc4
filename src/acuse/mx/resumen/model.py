"""A month of one side of a taxpayer in pesos. No I/O.

Amounts are in pesos by each document's own rate (TipoCambio, Anexo 20). Cancelled documents are left out and stand
apart. Taxes and PUE or PPD are told by the XML alone: a document of which only metadata is here counts with its total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from acuse.kernel.money import round_half_up
from acuse.mx.archivo import Direction


@dataclass(frozen=True, kw_only=True)
class Total:
    """Sums. `ingresos` and `egresos` are totals with taxes; taxes are those of ingresos less those of egresos.

    `pagos` is the money of payment documents, by the day of the payment. `without_xml` documents tell no taxes and
    `without_rate` ones no rate: the latter are left out of every sum.
    """

    count: int = 0
    cancelled: int = 0
    without_xml: int = 0
    without_rate: int = 0
    payments: int = 0
    ingresos: Decimal = Decimal(0)
    egresos: Decimal = Decimal(0)
    subtotal: Decimal = Decimal(0)
    iva_trasladado: Decimal = Decimal(0)
    iva_retenido: Decimal = Decimal(0)
    isr_retenido: Decimal = Decimal(0)
    ieps: Decimal = Decimal(0)
    pue: Decimal = Decimal(0)
    ppd: Decimal = Decimal(0)
    nomina: Decimal = Decimal(0)
    pagos: Decimal = Decimal(0)
    cancelled_mxn: Decimal = Decimal(0)

    @property
    def neto(self) -> Decimal:
        """Answer ingresos less egresos."""
        return self.ingresos - self.egresos

    @classmethod
    def of(cls, parts: Iterable[Total]) -> Self:
        """Add some up."""
        found = list(parts)
        return cls(**{each.name: sum(getattr(part, each.name) for part in found) for each in fields(cls)})

    def rounded(self) -> Total:
        """Answer it in cents, rounded once, at the end."""
        amounts: dict[str, Any] = {
            each.name: round_half_up(value, 2)
            for each in fields(self)
            if isinstance(value := getattr(self, each.name), Decimal)
        }
        return replace(self, **amounts)


@dataclass(frozen=True)
class Side:
    """Twelve months of one side, and their sum."""

    direction: Direction
    months: Sequence[Total]

    @property
    def total(self) -> Total:
        """Answer the year."""
        return Total.of(self.months)


@dataclass(frozen=True)
class Resumen:
    """A year of a taxpayer."""

    rfc: str
    name: str
    year: int
    sides: Sequence[Side]

    def months(self) -> Sequence[tuple[date, Direction, Total]]:
        """Answer month by month, issued before received."""
        return [
            (date(self.year, month, 1), side.direction, side.months[month - 1])
            for month in range(1, 13)
            for side in self.sides
        ]
