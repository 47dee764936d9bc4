"""The sums, made by the database in one pass over a year of one taxpayer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import text

from acuse.kernel.database import Transaction
from acuse.mx.archivo import Direction
from acuse.mx.resumen.model import Total

# A document in another currency without its rate cannot be told in pesos; XXX is that of payments and transfers.
_YEAR: Final = text("""
    select extract(month from fecha)::int as month, direction, efecto, metodo_pago,
           coalesce(estado = 'cancelado', false) as gone,
           coalesce(moneda not in ('MXN', 'XXX') and tipo_cambio is null, false) as unknown,
           count(*) as documents, count(*) filter (where xml_paquete_id is null) as without_xml,
           sum(total * coalesce(tipo_cambio, 1)) as total,
           sum((coalesce(subtotal, 0) - coalesce(descuento, 0)) * coalesce(tipo_cambio, 1)) as subtotal,
           sum(iva_trasladado * coalesce(tipo_cambio, 1)) as iva_trasladado,
           sum(iva_retenido * coalesce(tipo_cambio, 1)) as iva_retenido,
           sum(isr_retenido * coalesce(tipo_cambio, 1)) as isr_retenido,
           sum(ieps_trasladado * coalesce(tipo_cambio, 1)) as ieps
      from cfdi
     where contribuyente_id = :c and fecha between :desde and :hasta and efecto <> 'R'
     group by 1, 2, 3, 4, 5, 6
""")
_PAYMENTS: Final = text("""
    select extract(month from p.fecha)::int as month, c.direction, count(*) as payments, sum(p.monto_mxn) as pagos
      from pagos p
      join cfdi c on c.contribuyente_id = p.contribuyente_id and c.uuid = p.uuid
     where p.contribuyente_id = :c and p.fecha between :desde and :hasta and c.estado is distinct from 'cancelado'
     group by 1, 2
""")
_TAXES: Final = ("subtotal", "iva_trasladado", "iva_retenido", "isr_retenido", "ieps")

Months = Mapping[tuple[int, Direction], Total]


class ResumenStore:
    """Runs in the caller's transaction."""

    async def year(self, tx: Transaction, contribuyente_id: int, desde: datetime, hasta: datetime) -> Months:
        """Answer the sums of a taxpayer between two wall clocks, by month and side; those without anything left out."""
        values = {"c": contribuyente_id, "desde": desde, "hasta": hasta}
        parts: defaultdict[tuple[int, Direction], list[Total]] = defaultdict(list)
        for row in await tx.execute(_YEAR, values):
            parts[row.month, Direction(row.direction)].append(_part(row))
        for row in await tx.execute(_PAYMENTS, values):
            parts[row.month, Direction(row.direction)].append(Total(payments=row.payments, pagos=row.pagos))
        return {key: Total.of(found) for key, found in parts.items()}

    async def newest_year(self, tx: Transaction, contribuyente_id: int) -> int | None:
        """Answer the year of the newest document."""
        found = text("select max(fecha) from cfdi where contribuyente_id = :c")
        newest = (await tx.execute(found, {"c": contribuyente_id})).scalar_one()
        return None if newest is None else int(newest.year)


def _part(row: Any) -> Total:
    """Answer what documents of one kind, method and state add to their month."""
    many = int(row.documents)
    if row.gone:
        return Total(cancelled=many, cancelled_mxn=Decimal(0) if row.unknown else row.total)
    if row.unknown:
        return Total(count=many, without_rate=many)
    found = Total(count=many, without_xml=row.without_xml)
    sign = {"I": 1, "E": -1}.get(row.efecto)
    if sign is None:
        return replace(found, nomina=row.total) if row.efecto == "N" else found
    taxes: dict[str, Any] = {name: sign * (getattr(row, name) or Decimal(0)) for name in _TAXES}
    kind = "ingresos" if sign > 0 else "egresos"
    method = {"PUE": "pue", "PPD": "ppd"}.get(row.metodo_pago) if sign > 0 else None
    return replace(found, **taxes, **{kind: row.total}, **({method: row.total} if method else {}))
