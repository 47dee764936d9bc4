"""The ledger of what was found cancelled: written with the mark, told once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.mx.archivo.model import Cancellation, Direction, FoundBy
from acuse.mx.archivo.tables import CancelacionRow, CfdiRow
from acuse.mx.cfdi.metadata_rows import CANCELLED
from acuse.mx.contribuyentes.tables import ContribuyenteRow

# The XML of a received CFDI is handed out only while it is in force: having it says as much as metadata would.
# Lateral, and fenced by `offset`: each row that came in is looked up by the key, whatever the planner believes about
# tables that have just grown.
_FROM_METADATA: Final = text("""
    with found as (
        insert into cancelaciones (contribuyente_id, uuid, found_at, found_by)
        select distinct cast(:c as bigint), i.uuid, cast(:now as timestamptz), 'metadata'
          from incoming_metadata i
         cross join lateral (
               select from cfdi c
                where c.contribuyente_id = :c and c.uuid = i.uuid
                  and (c.estado = 'vigente' and c.estado_as_of <= cast(:as_of as timestamptz)
                       or c.estado is null and c.direction = 'R' and c.xml_paquete_id is not null)
               offset 0) known
         where i.estatus = :cancelled
        on conflict do nothing
        returning 1
    )
    select count(*) from found
""")


class CancelledStore:
    """Cancellations that were news. Every method runs in the caller's transaction."""

    async def note_metadata(self, tx: Transaction, contribuyente_id: int, as_of: datetime, now: datetime) -> int:
        """Note what the copied metadata, not merged yet, will turn from in force to cancelled; answer how many."""
        values = {"c": contribuyente_id, "as_of": as_of, "now": now, "cancelled": CANCELLED}
        return int((await tx.execute(_FROM_METADATA, values)).scalar_one())

    async def note(self, tx: Transaction, contribuyente_id: int, uuid: UUID, found_by: FoundBy, now: datetime) -> bool:
        """Note one; answer False when it was noted before."""
        values = {"contribuyente_id": contribuyente_id, "uuid": uuid, "found_at": now, "found_by": found_by.value}
        new = insert(CancelacionRow).values(values).on_conflict_do_nothing().returning(CancelacionRow.uuid)
        return (await tx.execute(new)).scalar_one_or_none() is not None

    async def list(
        self,
        tx: Transaction,
        contribuyente_ids: Sequence[int],
        *,
        since: datetime | None = None,
        untold: bool = False,
        limit: int,
    ) -> list[Cancellation]:
        """Answer what was found of these taxpayers, newest first."""
        conditions: list[ColumnElement[bool]] = [CancelacionRow.contribuyente_id.in_(list(contribuyente_ids))]
        if since is not None:
            conditions.append(CancelacionRow.found_at >= since)
        if untold:
            conditions.append(CancelacionRow.told_at.is_(None))
        rows = await tx.execute(
            select(CancelacionRow, CfdiRow, ContribuyenteRow.rfc)
            .join(
                CfdiRow,
                (CfdiRow.contribuyente_id == CancelacionRow.contribuyente_id) & (CfdiRow.uuid == CancelacionRow.uuid),
            )
            .join(ContribuyenteRow, ContribuyenteRow.id == CancelacionRow.contribuyente_id)
            .where(*conditions)
            .order_by(CancelacionRow.found_at.desc(), CfdiRow.fecha.desc(), CancelacionRow.uuid)
            .limit(limit)
        )
        return [_cancellation(found, cfdi, rfc) for found, cfdi, rfc in rows]

    async def count(self, tx: Transaction, contribuyente_ids: Sequence[int], since: datetime) -> int:
        """Count what was found of these taxpayers since then."""
        found = select(func.count()).where(
            CancelacionRow.contribuyente_id.in_(list(contribuyente_ids)), CancelacionRow.found_at >= since
        )
        return (await tx.execute(found)).scalar_one()

    async def tally(
        self, tx: Transaction, contribuyente_ids: Sequence[int], since: datetime
    ) -> dict[Direction, tuple[int, Decimal]]:
        """Answer by side how many were found since then, and their total in pesos by each document's own rate."""
        amount = func.sum(CfdiRow.total * func.coalesce(CfdiRow.tipo_cambio, 1))
        found = (
            select(CfdiRow.direction, func.count(), amount)
            .join(
                CancelacionRow,
                (CfdiRow.contribuyente_id == CancelacionRow.contribuyente_id) & (CfdiRow.uuid == CancelacionRow.uuid),
            )
            .where(CancelacionRow.contribuyente_id.in_(list(contribuyente_ids)), CancelacionRow.found_at >= since)
            .group_by(CfdiRow.direction)
        )
        return {Direction(side): (count, amount) for side, count, amount in await tx.execute(found)}

    async def mark_told(self, tx: Transaction, contribuyente_id: int, now: datetime) -> int:
        """Write that people were told of all there is by now; answer how many were news."""
        untold: list[ColumnElement[bool]] = [
            CancelacionRow.contribuyente_id == contribuyente_id,
            CancelacionRow.told_at.is_(None),
        ]
        marked = update(CancelacionRow).where(*untold).values(told_at=now).returning(CancelacionRow.uuid)
        return len((await tx.execute(marked)).all())


def _cancellation(found: CancelacionRow, cfdi: Any, rfc: str) -> Cancellation:
    issued = cfdi.direction == Direction.EMITIDO
    return Cancellation(
        contribuyente_id=found.contribuyente_id,
        rfc=rfc,
        uuid=found.uuid,
        direction=Direction(cfdi.direction),
        fecha=cfdi.fecha,
        contraparte_rfc=cfdi.receptor_rfc if issued else cfdi.emisor_rfc,
        contraparte_nombre=cfdi.receptor_nombre if issued else cfdi.emisor_nombre,
        total=cfdi.total,
        moneda=cfdi.moneda,
        fecha_cancelacion=cfdi.fecha_cancelacion,
        found_at=found.found_at,
        found_by=FoundBy(found.found_by),
    )
