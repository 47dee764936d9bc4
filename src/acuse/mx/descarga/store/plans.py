"""The plans of years."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.mx.descarga.tables import PlanRow
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido


class PlanStore:
    """Reads and writes plans."""

    async def ensure(
        self,
        tx: Transaction,
        *,
        contribuyente_id: int,
        familia: Familia,
        year: int,
        sentido: Sentido,
        now: datetime,
        who: str,
    ) -> PlanRow:
        """Answer the one plan of this year, made now if need be, locked: of two at once the second waits here."""
        key = {"contribuyente_id": contribuyente_id, "familia": familia, "year": year, "sentido": sentido}
        await tx.execute(
            insert(PlanRow).values(**key, id=uuid4(), created_at=now, created_by=who).on_conflict_do_nothing()
        )
        same = [getattr(PlanRow, name) == value for name, value in key.items()]
        return (await tx.execute(select(PlanRow).where(*same).with_for_update())).scalar_one()

    async def get(self, tx: Transaction, plan_id: UUID, *, lock: bool = False) -> PlanRow | None:
        """Answer a plan by its id; with `lock` nobody else changes it in the meantime."""
        found = select(PlanRow).where(PlanRow.id == plan_id)
        if lock:
            found = found.with_for_update().execution_options(populate_existing=True)
        return (await tx.execute(found)).scalar_one_or_none()

    async def latest(self, tx: Transaction, contribuyente_ids: Collection[int], *, limit: int) -> Sequence[PlanRow]:
        """Answer the newest plans of these taxpayers."""
        found = (
            select(PlanRow)
            .where(PlanRow.contribuyente_id.in_(contribuyente_ids))
            .order_by(PlanRow.created_at.desc(), PlanRow.id)
            .limit(limit)
        )
        return (await tx.execute(found)).scalars().all()
