"""Finds what stands between documents: which of them are here, and which payments pay an invoice."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import and_, select

from acuse.kernel.database import Transaction
from acuse.mx.archivo.model import EstadoCfdi, PaymentOf
from acuse.mx.archivo.tables import CfdiRow, PagoDocumentoRow, PagoRow

_MOST: Final = 200


class BetweenStore:
    """Reads. Every method runs in the caller's transaction."""

    async def known(self, tx: Transaction, contribuyente_id: int, uuids: Collection[UUID]) -> set[UUID]:
        """Answer which of these documents a taxpayer has."""
        if not uuids:
            return set()
        found = select(CfdiRow.uuid).where(CfdiRow.contribuyente_id == contribuyente_id, CfdiRow.uuid.in_(list(uuids)))
        return set((await tx.execute(found)).scalars())

    async def payments_of(self, tx: Transaction, contribuyente_id: int, uuid: UUID) -> list[PaymentOf]:
        """Answer the payments of an invoice, in the order they were made; the first two hundred."""
        paid = PagoDocumentoRow
        found = (
            select(paid.uuid, PagoRow.fecha, paid.parcialidad, paid.pagado, paid.insoluto, paid.moneda, CfdiRow.estado)
            .join(
                PagoRow,
                and_(
                    PagoRow.contribuyente_id == paid.contribuyente_id,
                    PagoRow.uuid == paid.uuid,
                    PagoRow.numero == paid.pago,
                ),
            )
            .join(CfdiRow, and_(CfdiRow.contribuyente_id == paid.contribuyente_id, CfdiRow.uuid == paid.uuid))
            .where(paid.contribuyente_id == contribuyente_id, paid.documento == uuid)
            .order_by(PagoRow.fecha, paid.uuid, paid.pago, paid.numero)
            .limit(_MOST)
        )
        return [
            PaymentOf(
                uuid=row.uuid,
                fecha=row.fecha,
                parcialidad=row.parcialidad,
                pagado=row.pagado,
                insoluto=row.insoluto,
                moneda=row.moneda,
                estado=None if row.estado is None else EstadoCfdi(row.estado),
            )
            for row in await tx.execute(found)
        ]
