"""What the table of clients tells of downloads."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from acuse.kernel.database import Transaction
from acuse.mx.descarga.tables import PaqueteRow, SolicitudRow


async def last_downloads(tx: Transaction, contribuyente_ids: Collection[int]) -> dict[int, datetime]:
    """Answer when the newest package of each taxpayer was stored; taxpayers without any are left out."""
    found = (
        select(SolicitudRow.contribuyente_id, func.max(PaqueteRow.stored_at))
        .join(PaqueteRow, PaqueteRow.solicitud_id == SolicitudRow.id)
        .where(SolicitudRow.contribuyente_id.in_(contribuyente_ids), PaqueteRow.stored_at.is_not(None))
        .group_by(SolicitudRow.contribuyente_id)
    )
    return {contribuyente_id: at for contribuyente_id, at in (await tx.execute(found)).all() if at is not None}
