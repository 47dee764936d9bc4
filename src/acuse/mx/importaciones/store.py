"""The queries of imports, and of what is known already."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, true
from sqlalchemy import update as sql_update

from acuse.kernel.database import Transaction
from acuse.kernel.jobs import Id, as_uuids
from acuse.mx.archivo.tables import CfdiRow, IndexedPaqueteRow
from acuse.mx.contribuyentes.tables import ContribuyenteRow
from acuse.mx.importaciones.model import Estado, Importacion, Report
from acuse.mx.importaciones.tables import ImportacionRow


class KnownStore:
    """What the archive holds of some CFDIs."""

    async def places(self, tx: Transaction, contribuyente_id: int, uuids: Sequence[UUID]) -> dict[str, str]:
        """Answer by UUID (upper case) the package in which its XML lies."""
        found = (
            select(CfdiRow.uuid, IndexedPaqueteRow.paquete_key)
            .join(IndexedPaqueteRow, IndexedPaqueteRow.id == CfdiRow.xml_paquete_id)
            .where(CfdiRow.contribuyente_id == contribuyente_id, CfdiRow.uuid.in_(list(uuids)))
        )
        return {str(uuid).upper(): key for uuid, key in await tx.execute(found)}

    async def count(self, tx: Transaction, contribuyente_id: int, uuids: Sequence[UUID]) -> int:
        """Count those that are known, with XML or without."""
        found = select(func.count()).where(CfdiRow.contribuyente_id == contribuyente_id, CfdiRow.uuid.in_(list(uuids)))
        return (await tx.execute(found)).scalar_one()


async def subjects_of(tx: Transaction, ids: Collection[Id]) -> Mapping[Id, str]:
    """Answer whose archives these imports take in, and from which file, by their ids."""
    found = (
        select(ImportacionRow.id, ContribuyenteRow.rfc, ImportacionRow.file_name)
        .join(ContribuyenteRow, ContribuyenteRow.id == ImportacionRow.contribuyente_id)
        .where(ImportacionRow.id.in_(as_uuids(ids)))
    )
    return {str(row.id): f"{row.rfc} · {row.file_name}" for row in await tx.execute(found)}


class ImportStore:
    """Uploaded archives."""

    async def add(self, tx: Transaction, values: dict[str, Any]) -> None:
        """Write one."""
        await tx.execute(insert(ImportacionRow).values(values))

    async def change(self, tx: Transaction, import_id: UUID, **values: Any) -> None:
        """Write how far it is."""
        await tx.execute(sql_update(ImportacionRow).where(ImportacionRow.id == import_id).values(values))

    async def row(self, tx: Transaction, import_id: UUID, *, lock: bool = False) -> ImportacionRow | None:
        """Answer its row."""
        return await tx.get(ImportacionRow, import_id, with_for_update=lock, populate_existing=lock)

    async def get(self, tx: Transaction, import_id: UUID) -> Importacion | None:
        """Answer one."""
        found = await self._select(tx, ImportacionRow.id == import_id, 1)
        return found[0] if found else None

    async def named(self, tx: Transaction, keys: Collection[str]) -> set[str]:
        """Answer which of these files an import names."""
        found = select(ImportacionRow.file_key).where(ImportacionRow.file_key.in_(list(keys)))
        return set((await tx.execute(found)).scalars())

    async def list(self, tx: Transaction, user_id: int | None, limit: int) -> Sequence[Importacion]:
        """Answer those of a user, newest first; None is everybody's."""
        return await self._select(tx, true() if user_id is None else ImportacionRow.user_id == user_id, limit)

    async def _select(self, tx: Transaction, wanted: ColumnElement[bool], limit: int) -> Sequence[Importacion]:
        rows = await tx.execute(
            select(ImportacionRow, ContribuyenteRow.rfc)
            .join(ContribuyenteRow, ContribuyenteRow.id == ImportacionRow.contribuyente_id)
            .where(wanted)
            .order_by(ImportacionRow.created_at.desc(), ImportacionRow.id)
            .limit(limit)
        )
        return [_importacion(row, rfc) for row, rfc in rows]


def _importacion(row: ImportacionRow, rfc: str) -> Importacion:
    return Importacion(
        id=row.id,
        rfc=rfc,
        contribuyente_id=row.contribuyente_id,
        user_id=row.user_id,
        created_by=row.created_by,
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        trial=row.trial,
        estado=Estado(row.estado),
        done=row.done,
        total=row.total,
        report=Report.read(row.report),
        packages=row.packages,
        problem=row.problem,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
