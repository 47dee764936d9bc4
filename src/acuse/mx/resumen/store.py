"""The sums of a year of one taxpayer, out of the archive's totals by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from acuse.kernel.database import Transaction
from acuse.mx.archivo import Direction, MonthsStore
from acuse.mx.resumen.model import Total

_YEAR: Final = text("""
    select * from cfdi_months where contribuyente_id = :c and month between :first and :last and efecto <> 'R'
""")
_PAYMENTS: Final = text("""
    select paid, direction, sum(payments) as payments, sum(amount) as amount
      from cfdi_month_payments
     where contribuyente_id = :c and paid between :first and :last
     group by 1, 2
""")
_YEARS: Final = text("""
    select extract(year from month) from cfdi_months where contribuyente_id = :c and efecto <> 'R'
     union select extract(year from paid) from cfdi_month_payments where contribuyente_id = :c
""")
_TAXES: Final = ("subtotal", "iva_trasladado", "iva_retenido", "isr_retenido", "ieps")

Months = Mapping[tuple[int, Direction], Total]


class ResumenStore:
    """Runs in the caller's transaction."""

    def __init__(self, months: MonthsStore) -> None:
        self._months = months

    async def year(self, tx: Transaction, contribuyente_id: int, year: int) -> Months:
        """Answer the sums of a taxpayer's year by month and side; those without anything left out."""
        await self._months.bring_up_to_date(tx, [contribuyente_id])
        values = {"c": contribuyente_id, "first": date(year, 1, 1), "last": date(year, 12, 1)}
        parts: defaultdict[tuple[int, Direction], list[Total]] = defaultdict(list)
        for row in await tx.execute(_YEAR, values):
            parts[row.month.month, Direction(row.direction)].append(_part(row))
        for row in await tx.execute(_PAYMENTS, values):
            parts[row.paid.month, Direction(row.direction)].append(Total(payments=int(row.payments), pagos=row.amount))
        return {key: Total.of(found) for key, found in parts.items()}

    async def years(self, tx: Transaction, contribuyente_id: int) -> set[int]:
        """Answer the years there are documents or payments of."""
        await self._months.bring_up_to_date(tx, [contribuyente_id])
        return {int(year) for year in (await tx.execute(_YEARS, {"c": contribuyente_id})).scalars()}

    async def newest_year(self, tx: Transaction, contribuyente_id: int) -> int | None:
        """Answer the year of the newest document."""
        found = text("select max(fecha) from cfdi where contribuyente_id = :c")
        newest = (await tx.execute(found, {"c": contribuyente_id})).scalar_one()
        return None if newest is None else int(newest.year)


def _part(row: Any) -> Total:
    """Answer what documents of one kind, method and state add to their month."""
    many = int(row.documents)
    if row.cancelled:
        return Total(cancelled=many, cancelled_mxn=Decimal(0) if row.without_rate else row.total)
    if row.without_rate:
        return Total(count=many, without_rate=many)
    found = Total(count=many, without_xml=0 if row.with_xml else many)
    sign = {"I": 1, "E": -1}.get(row.efecto)
    if sign is None:
        return replace(found, nomina=row.total) if row.efecto == "N" else found
    taxes: dict[str, Any] = {name: sign * getattr(row, name) for name in _TAXES}
    kind = "ingresos" if sign > 0 else "egresos"
    method = {"PUE": "pue", "PPD": "ppd"}.get(row.method) if sign > 0 else None
    return replace(found, **taxes, **{kind: row.total}, **({method: row.total} if method else {}))
