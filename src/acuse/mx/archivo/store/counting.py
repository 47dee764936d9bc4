"""Counts what is known of a taxpayer's CFDIs in a period, whoever asks: for planning what to ask of the SAT."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from acuse.kernel.database import Transaction
from acuse.mx.archivo.model import Direction, Efecto, EstadoCfdi
from acuse.mx.archivo.tables import CfdiRow, IndexedPaqueteRow


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Which CFDIs to count: one taxpayer's, issued or received, between two wall clocks, both included.

    They are those of the CFDI family, of one `efecto` or all; with `retenciones` the certificates of withholding.
    `estado` None takes all; one whose state is not known counts as vigente.
    """

    contribuyente_id: int
    direction: Direction
    desde: datetime
    hasta: datetime
    retenciones: bool = False
    efecto: str | None = None
    estado: EstadoCfdi | None = None


@dataclass(frozen=True)
class Missing:
    """CFDIs known from metadata whose XML is not here: how many, from when to when."""

    count: int
    first: datetime | None
    last: datetime | None
    cancelled: int = 0


@dataclass(frozen=True)
class Place:
    """On which side of a taxpayer one document stands, when it was issued, and of which family it is."""

    direction: Direction
    fecha: datetime
    retenciones: bool


# The XML of a received CFDI is handed out only while it is in force.
_GONE: Final = (
    CfdiRow.xml_paquete_id.is_(None)
    & (CfdiRow.direction == Direction.RECIBIDO.value)
    & (CfdiRow.estado == EstadoCfdi.CANCELADO.value)
)
_TO_BE_HAD: Final = (CfdiRow.xml_paquete_id.is_(None), _GONE.is_not(True))
_CANCELLED: Final = CfdiRow.estado == EstadoCfdi.CANCELADO.value


class CensusStore:
    """Counts. Every method runs in the caller's transaction."""

    async def count(self, tx: Transaction, stretch: Stretch) -> int:
        """Answer how many CFDIs of a stretch are known."""
        return (await tx.execute(select(func.count()).select_from(CfdiRow).where(*_within(stretch)))).scalar_one()

    async def moment_after(self, tx: Transaction, stretch: Stretch, skip: int) -> datetime | None:
        """Answer when the CFDI after the first `skip` of a stretch was issued; None when there are no more."""
        found = select(CfdiRow.fecha).where(*_within(stretch)).order_by(CfdiRow.fecha).offset(skip).limit(1)
        return (await tx.execute(found)).scalar_one_or_none()

    async def counterparts(self, tx: Transaction, stretch: Stretch) -> list[str]:
        """Answer the RFCs on the other side of a stretch."""
        other = CfdiRow.receptor_rfc if stretch.direction is Direction.EMITIDO else CfdiRow.emisor_rfc
        return list((await tx.execute(select(other).where(*_within(stretch)).distinct().order_by(other))).scalars())

    async def without_xml(self, tx: Transaction, stretch: Stretch) -> Missing:
        """Answer what of a stretch is known but not here."""
        found = select(func.count(), func.min(CfdiRow.fecha), func.max(CfdiRow.fecha)).where(
            *_within(stretch), CfdiRow.xml_paquete_id.is_(None)
        )
        count, first, last = (await tx.execute(found)).one()
        return Missing(count, first, last)

    async def missing(self, tx: Transaction, stretch: Stretch) -> Missing:
        """Answer what of a stretch is known, not here, and to be had at the SAT; how much of it is cancelled."""
        found = select(
            func.count(), func.min(CfdiRow.fecha), func.max(CfdiRow.fecha), func.count().filter(_CANCELLED)
        ).where(*_within(stretch), *_TO_BE_HAD)
        return Missing(*(await tx.execute(found)).one())

    async def missing_ones(self, tx: Transaction, stretch: Stretch, limit: int) -> list[tuple[UUID, datetime]]:
        """Answer the first of them: folio fiscal and date."""
        found = select(CfdiRow.uuid, CfdiRow.fecha).where(*_within(stretch), *_TO_BE_HAD)
        rows = await tx.execute(found.order_by(CfdiRow.fecha, CfdiRow.uuid).limit(limit))
        return [(uuid, fecha) for uuid, fecha in rows]

    async def last_indexed(self, tx: Transaction, contribuyente_id: int) -> datetime | None:
        """Answer when something was last added to a taxpayer's archive; None when it holds nothing."""
        found = select(func.max(IndexedPaqueteRow.indexed_at)).where(
            IndexedPaqueteRow.contribuyente_id == contribuyente_id
        )
        return (await tx.execute(found)).scalar_one_or_none()

    async def place(self, tx: Transaction, contribuyente_id: int, uuid: UUID) -> Place | None:
        """Answer where one document stands; None when it is not known."""
        found = select(CfdiRow.direction, CfdiRow.fecha, CfdiRow.efecto == Efecto.RETENCION.value).where(
            CfdiRow.contribuyente_id == contribuyente_id, CfdiRow.uuid == uuid
        )
        row = (await tx.execute(found)).one_or_none()
        return Place(Direction(row[0]), row[1], retenciones=row[2]) if row else None


def _within(stretch: Stretch) -> list[ColumnElement[bool]]:
    conditions = [
        CfdiRow.contribuyente_id == stretch.contribuyente_id,
        CfdiRow.direction == stretch.direction.value,
        CfdiRow.fecha.between(stretch.desde, stretch.hasta),
    ]
    if stretch.retenciones:
        conditions.append(CfdiRow.efecto == Efecto.RETENCION.value)
    elif stretch.efecto:
        conditions.append(CfdiRow.efecto == stretch.efecto)
    else:
        conditions.append(CfdiRow.efecto != Efecto.RETENCION.value)
    if stretch.estado is EstadoCfdi.CANCELADO:
        conditions.append(CfdiRow.estado == EstadoCfdi.CANCELADO.value)
    elif stretch.estado is EstadoCfdi.VIGENTE:
        conditions.append(CfdiRow.estado.is_distinct_from(EstadoCfdi.CANCELADO.value))
    return conditions
