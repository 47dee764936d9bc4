"""By how much our clock differs from the SAT's, as last measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.mx.descarga.tables import SatClockRow
from acuse.mx.outside.sat_descarga.codes import Familia


class SatClockStore:
    """Reads and writes what was measured."""

    async def put(self, tx: Transaction, familia: Familia, skew_s: float, *, now: datetime) -> None:
        """Write the newest measurement over the one before."""
        values = {"skew_s": skew_s, "measured_at": now}
        statement = insert(SatClockRow).values(familia=familia, **values)
        await tx.execute(statement.on_conflict_do_update(index_elements=["familia"], set_=values))

    async def all(self, tx: Transaction) -> Sequence[SatClockRow]:
        """Answer the newest measurement of each family."""
        return (await tx.execute(select(SatClockRow).order_by(SatClockRow.familia))).scalars().all()
