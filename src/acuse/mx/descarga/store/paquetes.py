"""Paquetes: found, claimed, counted, stored, indexed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.kernel.paging import Cursor
from acuse.mx.descarga.store.claims import Claim
from acuse.mx.descarga.tables import PaqueteRow, SolicitudRow
from acuse.mx.outside.sat_descarga.codes import MAX_DOWNLOADS_PER_PAQUETE


class PaqueteStore:
    """Reads and writes paquetes."""

    async def found(
        self,
        tx: Transaction,
        solicitud_id: UUID,
        keys: dict[str, str],
        *,
        now: datetime,
        expires_at: datetime,
    ) -> Sequence[PaqueteRow]:
        """Write the packages of a finished solicitud (SAT id → storage key); answer those that are new."""
        rows = [
            {
                "id": uuid4(),
                "id_paquete": id_paquete,
                "solicitud_id": solicitud_id,
                "storage_key": key,
                "found_at": now,
                "expires_at": expires_at,
                "next_try_at": now,
            }
            for id_paquete, key in keys.items()
        ]
        if not rows:
            return []
        statement = insert(PaqueteRow).values(rows).on_conflict_do_nothing().returning(PaqueteRow)
        return (await tx.execute(statement)).scalars().all()

    async def get(self, tx: Transaction, paquete_id: UUID, *, lock: bool = False) -> PaqueteRow | None:
        """Answer a package by our id; with `lock` nobody else changes it in the meantime."""
        found = select(PaqueteRow).where(PaqueteRow.id == paquete_id)
        if lock:
            found = found.with_for_update(key_share=True).execution_options(populate_existing=True)
        return (await tx.execute(found)).scalar_one_or_none()

    async def with_solicitud(self, tx: Transaction, paquete_id: UUID) -> tuple[PaqueteRow, SolicitudRow] | None:
        """Answer a package and the solicitud it belongs to."""
        found = (
            select(PaqueteRow, SolicitudRow)
            .join(SolicitudRow, SolicitudRow.id == PaqueteRow.solicitud_id)
            .where(PaqueteRow.id == paquete_id)
        )
        row = (await tx.execute(found)).one_or_none()
        return (row[0], row[1]) if row else None

    async def claim(self, tx: Transaction, paquete_id: UUID, claim: Claim) -> PaqueteRow | None:
        """Take the right to fetch a package; None when it is taken, stored or lost."""
        row = await self.get(tx, paquete_id, lock=True)
        return row if row is not None and row.stored_at is None and not row.lost and claim.take(row) else None

    async def count_download(self, tx: Transaction, paquete_id: UUID) -> int | None:
        """Spend one of the two downloads; answer how many are spent now, None when none was left."""
        statement = (
            update(PaqueteRow)
            .where(PaqueteRow.id == paquete_id, PaqueteRow.downloads < MAX_DOWNLOADS_PER_PAQUETE)
            .values(downloads=PaqueteRow.downloads + 1)
            .returning(PaqueteRow.downloads)
        )
        return (await tx.execute(statement)).scalar_one_or_none()

    async def of_solicitudes(self, tx: Transaction, solicitud_ids: Collection[UUID]) -> Sequence[PaqueteRow]:
        """Answer the packages of these solicitudes in the SAT's order."""
        found = (
            select(PaqueteRow)
            .where(PaqueteRow.solicitud_id.in_(solicitud_ids))
            .order_by(PaqueteRow.solicitud_id, PaqueteRow.id_paquete)
        )
        return (await tx.execute(found)).scalars().all()

    async def unfinished(self, tx: Transaction, solicitud_id: UUID) -> int:
        """Answer how many packages of a solicitud are not indexed yet."""
        found = (
            select(func.count())
            .select_from(PaqueteRow)
            .where(PaqueteRow.solicitud_id == solicitud_id, PaqueteRow.indexed_at.is_(None))
        )
        return (await tx.execute(found)).scalar_one()

    async def due_to_fetch(
        self, tx: Transaction, now: datetime, *, limit: int, contribuyente_id: int | None = None, early: bool = False
    ) -> Sequence[UUID]:
        """Answer the packages to be downloaded."""
        found = (
            select(PaqueteRow.id)
            .where(
                PaqueteRow.stored_at.is_(None),
                ~PaqueteRow.lost,
                PaqueteRow.next_try_at.is_not(None) if early else PaqueteRow.next_try_at <= now,
            )
            .order_by(PaqueteRow.next_try_at)
            .limit(limit)
        )
        if contribuyente_id is not None:
            found = found.join(SolicitudRow, SolicitudRow.id == PaqueteRow.solicitud_id).where(
                SolicitudRow.contribuyente_id == contribuyente_id
            )
        return (await tx.execute(found)).scalars().all()

    async def due_to_index(self, tx: Transaction, stored_before: datetime, *, limit: int) -> Sequence[UUID]:
        """Answer stored packages that have waited for their index since before this instant."""
        found = (
            select(PaqueteRow.id)
            .where(PaqueteRow.stored_at < stored_before, PaqueteRow.indexed_at.is_(None), PaqueteRow.problem.is_(None))
            .order_by(PaqueteRow.stored_at)
            .limit(limit)
        )
        return (await tx.execute(found)).scalars().all()

    async def page(
        self,
        tx: Transaction,
        contribuyente_ids: Collection[int],
        *,
        limit: int,
        cursor: str | None,
        solicitud_id: UUID | None = None,
    ) -> Sequence[tuple[PaqueteRow, SolicitudRow]]:
        """Answer up to limit + 1 packages of these taxpayers with their solicitudes, newest first."""
        found = (
            select(PaqueteRow, SolicitudRow)
            .join(SolicitudRow, SolicitudRow.id == PaqueteRow.solicitud_id)
            .where(SolicitudRow.contribuyente_id.in_(contribuyente_ids))
            .order_by(PaqueteRow.found_at.desc(), PaqueteRow.id.desc())
            .limit(limit + 1)
        )
        if solicitud_id is not None:
            found = found.where(PaqueteRow.solicitud_id == solicitud_id)
        if cursor:
            key = tuple_(PaqueteRow.found_at, PaqueteRow.id)
            found = found.where(key < tuple_(*Cursor.decode(cursor, datetime.fromisoformat, UUID)))
        return [(paquete, solicitud) for paquete, solicitud in (await tx.execute(found)).all()]
