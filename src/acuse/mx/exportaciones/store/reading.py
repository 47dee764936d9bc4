"""Reads the CFDIs of a filter, all of them: as one query for COPY, or a stretch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_, union_all

from acuse.kernel.database import Transaction
from acuse.mx.archivo import CfdiFilter
from acuse.mx.archivo.store import SearchStore
from acuse.mx.archivo.tables import LOCAL, CfdiRow, IndexedPaqueteRow
from acuse.mx.exportaciones.model import Taxpayer
from acuse.mx.exportaciones.store.columns import cells, csv_cells


class Place(NamedTuple):
    """Where the XML of a row lies; without a key it is not here."""

    paquete_key: str | None
    offset: int
    length: int
    method: int
    size_bytes: int


class Line(NamedTuple):
    """One CFDI: its key in the order of exports, its month and side, its cells, and its XML."""

    fecha: datetime
    uuid: UUID
    direction: str
    cells: Sequence[Any]
    xml: Place


class PackageLine(NamedTuple):
    """One package as the index knows it."""

    key: str
    kind: str
    direction: str
    read: int
    new: int
    duplicate: int
    refused: int
    indexed_at: datetime


class ReadingStore:
    """The same filters as the archive's own search."""

    def __init__(self, search: SearchStore) -> None:
        self._search = search

    def whole(self, taxpayers: Sequence[Taxpayer], wanted: CfdiFilter) -> Select[Any]:
        """Answer the query of all rows as text for a CSV, newest first."""
        parts: list[Select[Any]] = [
            select(*csv_cells(each.rfc)).where(*self._search.matching(each.id, each.rfc, wanted)) for each in taxpayers
        ]
        if len(parts) == 1:
            return parts[0].order_by(CfdiRow.fecha.desc(), CfdiRow.uuid.desc())
        rows = union_all(*parts).subquery()
        return select(rows).order_by(rows.c.fecha.desc(), rows.c.uuid.desc(), rows.c.rfc)

    async def stretch(
        self,
        tx: Transaction,
        taxpayer: Taxpayer,
        wanted: CfdiFilter,
        after: tuple[str, str] | None,
        limit: int,
        *,
        as_text: bool,
    ) -> list[Line]:
        """Answer the next rows of one taxpayer, newest first, beginning after a key."""
        conditions: list[ColumnElement[bool]] = self._search.matching(taxpayer.id, taxpayer.rfc, wanted)
        if after is not None:
            key = tuple_(literal(datetime.fromisoformat(after[0]), LOCAL), literal(UUID(after[1])))
            conditions.append(tuple_(CfdiRow.fecha, CfdiRow.uuid) < key)
        shown = csv_cells(taxpayer.rfc) if as_text else cells(taxpayer.rfc)
        location = (CfdiRow.xml_offset, CfdiRow.xml_length, CfdiRow.xml_method, CfdiRow.xml_size)
        statement = (
            select(CfdiRow.fecha, CfdiRow.uuid, CfdiRow.direction, IndexedPaqueteRow.paquete_key, *location, *shown)
            .outerjoin(IndexedPaqueteRow, IndexedPaqueteRow.id == CfdiRow.xml_paquete_id)
            .where(*conditions)
            .order_by(CfdiRow.fecha.desc(), CfdiRow.uuid.desc())
            .limit(limit)
        )
        return [
            Line(row[0], row[1], row[2], row[8:], Place(row[3], *(each or 0 for each in row[4:8])))
            for row in await tx.execute(statement)
        ]

    async def count(self, tx: Transaction, taxpayer: Taxpayer, wanted: CfdiFilter) -> int:
        """Count the rows of one taxpayer."""
        found = select(func.count()).where(*self._search.matching(taxpayer.id, taxpayer.rfc, wanted))
        return (await tx.execute(found)).scalar_one()

    async def packages(self, tx: Transaction, taxpayer: Taxpayer) -> list[PackageLine]:
        """Answer the packages that were indexed for a taxpayer, by key."""
        row = IndexedPaqueteRow
        found = (
            select(
                row.paquete_key, row.kind, row.direction, row.read, row.new, row.duplicate, row.refused, row.indexed_at
            )
            .where(row.contribuyente_id == taxpayer.id)
            .order_by(row.paquete_key)
        )
        return [PackageLine(*each) for each in await tx.execute(found)]
