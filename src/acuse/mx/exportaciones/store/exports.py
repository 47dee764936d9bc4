"""The queries of exports and their parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.kernel.jobs import Id, as_uuids, several
from acuse.mx.contribuyentes.model import KeptExport
from acuse.mx.exportaciones.model import Estado, Exportacion, Formato, Progress, Taxpayer
from acuse.mx.exportaciones.tables import ExportacionRow, PartRow


async def subjects_of(tx: Transaction, ids: Collection[Id]) -> Mapping[Id, str]:
    """Answer whose CFDIs these exports take out, and as what, by their ids."""
    found = select(ExportacionRow.id, ExportacionRow.taxpayers, ExportacionRow.formato, ExportacionRow.total).where(
        ExportacionRow.id.in_(as_uuids(ids))
    )
    return {
        str(
            row.id
        ): f"{several([rfc for _, rfc in row.taxpayers])} · {Formato(row.formato).caption}, {row.total:,} CFDI"
        for row in await tx.execute(found)
    }


class ExportStore:
    """Every method runs in the caller's transaction."""

    async def add(self, tx: Transaction, values: dict[str, Any]) -> bool:
        """Write an export; answer False when an equal one is being made."""
        statement = insert(ExportacionRow).values(values).on_conflict_do_nothing().returning(ExportacionRow.id)
        return (await tx.execute(statement)).scalar_one_or_none() is not None

    async def running(self, tx: Transaction, fingerprint: str) -> UUID | None:
        """Answer the equal export that is being made."""
        found = select(ExportacionRow.id).where(
            ExportacionRow.fingerprint == fingerprint, ExportacionRow.estado == Estado.RUNNING.value
        )
        return (await tx.execute(found)).scalar_one_or_none()

    async def row(self, tx: Transaction, export_id: UUID, *, lock: bool = False) -> ExportacionRow | None:
        """Answer its row."""
        return await tx.get(ExportacionRow, export_id, with_for_update=lock, populate_existing=lock)

    async def get(self, tx: Transaction, export_id: UUID) -> Exportacion | None:
        """Answer one."""
        row = await self.row(tx, export_id)
        return None if row is None else _exportacion(row)

    async def list(self, tx: Transaction, user_id: int | None, limit: int) -> Sequence[Exportacion]:
        """Answer those of a user, newest first; None is everybody's."""
        mine = true() if user_id is None else ExportacionRow.user_id == user_id
        rows = await tx.execute(
            select(ExportacionRow)
            .where(mine)
            .order_by(ExportacionRow.created_at.desc(), ExportacionRow.id)
            .limit(limit)
        )
        return [_exportacion(row) for row in rows.scalars()]

    async def add_parts(self, tx: Transaction, export_id: UUID, parts: Sequence[tuple[int, str, int]]) -> None:
        """Write parts (rank, key, bytes) in the order they were made."""
        for rank, key, size in parts:
            tx.add(PartRow(exportacion_id=export_id, rank=rank, key=key, size_bytes=size))
            await tx.flush()

    async def parts(self, tx: Transaction, export_id: UUID) -> Sequence[tuple[str, int]]:
        """Answer key and size of the parts in the order of the file."""
        found = select(PartRow.key, PartRow.size_bytes).where(PartRow.exportacion_id == export_id)
        return [(key, size) for key, size in await tx.execute(found.order_by(PartRow.rank, PartRow.id))]

    async def size(self, tx: Transaction, export_id: UUID) -> int:
        """Answer how many bytes the parts are."""
        found = select(func.coalesce(func.sum(PartRow.size_bytes), 0)).where(PartRow.exportacion_id == export_id)
        return int((await tx.execute(found)).scalar_one())

    async def taken(self, tx: Transaction, export_id: UUID, now: datetime) -> None:
        """Note that somebody took the file."""
        await tx.execute(update(ExportacionRow).where(ExportacionRow.id == export_id).values(taken_at=now))

    async def kept(self, tx: Transaction, contribuyente_id: int, now: datetime) -> KeptExport | None:
        """Answer the newest export of everything of a taxpayer whose file is here."""
        found = (
            select(ExportacionRow.created_by, ExportacionRow.expires_at, ExportacionRow.taken_at.is_not(None))
            .where(
                ExportacionRow.formato == Formato.EVERYTHING.value,
                ExportacionRow.estado == Estado.READY.value,
                ExportacionRow.taxpayers[0][0].as_integer() == contribuyente_id,
                ExportacionRow.expires_at > now,
            )
            .order_by(ExportacionRow.finished_at.desc())
            .limit(1)
        )
        row = (await tx.execute(found)).one_or_none()
        return None if row is None or row[1] is None else KeptExport(owner=row[0], until=row[1], taken=row[2])

    async def expired(self, tx: Transaction, now: datetime) -> Sequence[UUID]:
        """Answer the exports whose time is over."""
        return list((await tx.execute(select(ExportacionRow.id).where(ExportacionRow.expires_at < now))).scalars())

    async def remove(self, tx: Transaction, export_id: UUID) -> None:
        """Forget one with its parts."""
        await tx.execute(delete(ExportacionRow).where(ExportacionRow.id == export_id))

    async def states(self, tx: Transaction) -> dict[UUID, Estado]:
        """Answer where every export stands."""
        found = await tx.execute(select(ExportacionRow.id, ExportacionRow.estado))
        return {export_id: Estado(estado) for export_id, estado in found}


def _exportacion(row: ExportacionRow) -> Exportacion:
    progress = Progress.read(row.progress)
    return Exportacion(
        id=row.id,
        formato=Formato(row.formato),
        created_by=row.created_by,
        user_id=row.user_id,
        taxpayers=[Taxpayer(*each) for each in row.taxpayers],
        wanted=row.wanted,
        estado=Estado(row.estado),
        done=progress.rows,
        total=max(row.total, progress.rows),
        without_xml=progress.without_xml,
        unreadable=progress.unreadable,
        size_bytes=row.size_bytes,
        problem=row.problem,
        created_at=row.created_at,
        moved_at=row.moved_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
    )
