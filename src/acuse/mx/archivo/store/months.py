"""What CFDIs add up to by month: read from their totals, which are made anew for the months that changed.

Triggers on the CFDIs note every month a statement changes, in the same transaction. Whoever asks for figures first
takes the notes that are committed and sums those months up again; what another transaction is still writing is noted
when it ends. So the figures are those of all that is committed, whatever wrote it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.orm import InstrumentedAttribute

from acuse.kernel.database import Transaction
from acuse.mx.archivo.model import Counts, Direction, Efecto, MonthSummary
from acuse.mx.archivo.tables import CfdiMonthRow, ChangedMonthRow

_LOCK_SPACE: Final = 5_011
_PATIENCE: Final = "600s"

# A document in another currency without its rate cannot be told in pesos; XXX is that of payments and transfers.
_SUM_UP: Final = text("""
    insert into cfdi_months (contribuyente_id, month, direction, efecto, method, cancelled, with_xml, without_rate,
                             documents, total, subtotal, iva_trasladado, iva_retenido, isr_retenido, ieps, pagado)
    select contribuyente_id, date_trunc('month', fecha)::date, direction, efecto,
           case when metodo_pago in ('PUE', 'PPD') then metodo_pago else '' end,
           estado is not distinct from 'cancelado', xml_paquete_id is not null,
           coalesce(moneda not in ('MXN', 'XXX') and tipo_cambio is null, false),
           count(*),
           sum(total * coalesce(tipo_cambio, 1)),
           sum((coalesce(subtotal, 0) - coalesce(descuento, 0)) * coalesce(tipo_cambio, 1)),
           coalesce(sum(iva_trasladado * coalesce(tipo_cambio, 1)), 0),
           coalesce(sum(iva_retenido * coalesce(tipo_cambio, 1)), 0),
           coalesce(sum(isr_retenido * coalesce(tipo_cambio, 1)), 0),
           coalesce(sum(ieps_trasladado * coalesce(tipo_cambio, 1)), 0),
           coalesce(sum(pagado_mxn), 0)
      from cfdi
     where contribuyente_id = :c and fecha >= cast(:first as date)
       and fecha < cast(:last as date) + interval '1 month'
       and date_trunc('month', fecha)::date = any(cast(:months as date[]))
     group by 1, 2, 3, 4, 5, 6, 7, 8
""")
_SUM_UP_PAYMENTS: Final = text("""
    insert into cfdi_month_payments (contribuyente_id, month, paid, direction, payments, amount)
    select c.contribuyente_id, date_trunc('month', c.fecha)::date, date_trunc('month', p.fecha)::date, c.direction,
           count(*), sum(p.monto_mxn)
      from cfdi c
      join pagos p on p.contribuyente_id = c.contribuyente_id and p.uuid = c.uuid
     where c.contribuyente_id = :c and c.fecha >= cast(:first as date)
       and c.fecha < cast(:last as date) + interval '1 month'
       and date_trunc('month', c.fecha)::date = any(cast(:months as date[]))
       and c.efecto = 'P' and c.estado is distinct from 'cancelado'
     group by 1, 2, 3, 4
""")
_FORGET: Final = tuple(
    text(f"delete from {table} where contribuyente_id = :c and month = any(cast(:months as date[]))")  # noqa: S608
    for table in ("cfdi_months", "cfdi_month_payments")
)  # our own table names

_ROW: Final = CfdiMonthRow
_IN_FORCE: Final = _ROW.cancelled.is_(False)
# The XML of a received CFDI is handed out only while it is in force.
_GONE: Final = _ROW.with_xml.is_(False) & (_ROW.direction == Direction.RECIBIDO.value) & _ROW.cancelled.is_(True)
_MISSING: Final = _ROW.with_xml.is_(False) & _GONE.is_not(True)
_RETENCIONES: Final = _ROW.efecto == Efecto.RETENCION.value


@dataclass(frozen=True, kw_only=True)
class MonthHeld:
    """What is held of one month of one side of a taxpayer, CFDIs or `retenciones`.

    `gone` is what the SAT hands out no more.
    """

    contribuyente_id: int
    retenciones: bool
    direction: Direction
    month: date
    known: int
    with_xml: int
    cancelled: int
    gone: int

    @property
    def missing(self) -> int:
        """Answer how many XML are known of, not here, and to be had."""
        return self.known - self.with_xml - self.gone


class MonthsStore:
    """Figures by month. Every method runs in the caller's transaction, and first brings the totals up to date."""

    async def bring_up_to_date(self, tx: Transaction, contribuyente_ids: Collection[int]) -> None:
        """Sum up anew the months of these taxpayers that changed.

        One at a time does it for a taxpayer. The sums are read after the notes were taken, so that they hold at
        least what was noted.
        """
        noted = select(ChangedMonthRow.contribuyente_id).where(
            ChangedMonthRow.contribuyente_id.in_(list(contribuyente_ids))
        )
        changed = sorted(set((await tx.execute(noted.distinct())).scalars()))
        if changed:
            await tx.execute(text(f"set local statement_timeout = '{_PATIENCE}'"))
        for each in changed:
            await tx.execute(
                text("select pg_advisory_xact_lock(:space, hashint8(:id))"), {"space": _LOCK_SPACE, "id": each}
            )
            taken = delete(ChangedMonthRow).where(ChangedMonthRow.contribuyente_id == each)
            months = sorted(set((await tx.execute(taken.returning(ChangedMonthRow.month))).scalars()))
            if not months:
                continue
            values = {"c": each, "months": months, "first": months[0], "last": months[-1]}
            for statement in (*_FORGET, _SUM_UP, _SUM_UP_PAYMENTS):
                await tx.execute(statement, values)

    async def held(self, tx: Transaction, contribuyente_ids: Sequence[int], first: date, last: date) -> list[MonthHeld]:
        """Count by taxpayer, family, side and month of issue what is known from one month to another, both included."""
        await self.bring_up_to_date(tx, contribuyente_ids)
        found = (
            select(
                _ROW.contribuyente_id,
                _RETENCIONES,
                _ROW.direction,
                _ROW.month,
                func.sum(_ROW.documents),
                _count(_ROW.with_xml.is_(True)),
                _count(_ROW.cancelled.is_(True)),
                _count(_GONE),
            )
            .where(*_of(contribuyente_ids), _ROW.month.between(first, last))
            .group_by(_ROW.contribuyente_id, _RETENCIONES, _ROW.direction, _ROW.month)
        )
        return [
            MonthHeld(
                contribuyente_id=row[0],
                retenciones=row[1],
                direction=Direction(row[2]),
                month=row[3],
                known=int(row[4]),
                with_xml=int(row[5]),
                cancelled=int(row[6]),
                gone=int(row[7]),
            )
            for row in await tx.execute(found)
        ]

    async def missing_of(self, tx: Transaction, contribuyente_ids: Sequence[int]) -> dict[int, int]:
        """Answer by taxpayer how many documents are known and not here, without those the SAT no longer hands out.

        Those are the received ones that were cancelled. Taxpayers who miss nothing are left out.
        """
        await self.bring_up_to_date(tx, contribuyente_ids)
        found = (
            select(_ROW.contribuyente_id, func.sum(_ROW.documents))
            .where(*_of(contribuyente_ids), _MISSING)
            .group_by(_ROW.contribuyente_id)
        )
        return {each: int(count) for each, count in await tx.execute(found)}

    async def summary(
        self, tx: Transaction, contribuyente_ids: Sequence[int], year: int | None = None
    ) -> list[MonthSummary]:
        """Sum up a year by month and direction; without a year, that of the newest document."""
        await self.bring_up_to_date(tx, contribuyente_ids)
        if year is None:
            newest = (await tx.execute(select(func.max(_ROW.month)).where(*_of(contribuyente_ids)))).scalar_one()
            if newest is None:
                return []
            year = newest.year
        found = (
            select(
                _ROW.month,
                _ROW.direction,
                func.sum(_ROW.documents),
                _count(_ROW.cancelled.is_(True)),
                _count(_ROW.with_xml.is_(False)),
                _sum(_ROW.total, _IN_FORCE & (_ROW.efecto == Efecto.INGRESO.value)),
                _sum(_ROW.total, _IN_FORCE & (_ROW.efecto == Efecto.EGRESO.value)),
                _sum(_ROW.pagado, _IN_FORCE),
            )
            .where(*_of(contribuyente_ids), _ROW.month.between(date(year, 1, 1), date(year, 12, 1)))
            .group_by(_ROW.month, _ROW.direction)
            .order_by(_ROW.month, _ROW.direction)
        )
        return [
            MonthSummary(
                month=row[0],
                direction=Direction(row[1]),
                count=int(row[2]),
                cancelled=int(row[3]),
                without_xml=int(row[4]),
                ingresos_mxn=row[5],
                egresos_mxn=row[6],
                pagado_mxn=row[7],
            )
            for row in await tx.execute(found)
        ]

    async def counts(self, tx: Transaction, contribuyente_ids: Sequence[int]) -> Counts:
        """Count what the archive holds."""
        await self.bring_up_to_date(tx, contribuyente_ids)
        found = select(
            func.coalesce(func.sum(_ROW.documents), 0),
            _count(_ROW.cancelled.is_(True)),
            _count(_MISSING),
        ).where(*_of(contribuyente_ids))
        row = [int(each) for each in (await tx.execute(found)).one()]
        return Counts(total=row[0], cancelados=row[1], missing=row[2])


def _of(contribuyente_ids: Sequence[int]) -> tuple[ColumnElement[bool]]:
    return (_ROW.contribuyente_id.in_(list(contribuyente_ids)),)


def _count(of: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(_ROW.documents).filter(of), 0)


def _sum(amount: InstrumentedAttribute[Decimal], of: ColumnElement[bool]) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(amount).filter(of), 0)
