"""The lifetime ledger: how often the SAT was asked for XML under each key of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.mx.descarga.tables import LifetimeRow
from acuse.mx.outside.sat_descarga.codes import MAX_EQUAL_CFDI_SOLICITUDES, Familia


class LifetimeStore:
    """Counts what is spent. A key nobody used has no row."""

    async def spent(
        self, tx: Transaction, contribuyente_id: int, familia: Familia, sat_keys: Collection[str]
    ) -> Mapping[str, int]:
        """Answer how much of each of these keys is spent; one that is missing is untouched."""
        found = select(LifetimeRow.sat_key, LifetimeRow.spent).where(
            *_of(contribuyente_id, familia), LifetimeRow.sat_key.in_(sat_keys)
        )
        return {key: spent for key, spent in (await tx.execute(found)).all()}  # noqa: C416 - rows to pairs

    async def spend(
        self, tx: Transaction, contribuyente_id: int, familia: Familia, sat_key: str, *, now: datetime
    ) -> int | None:
        """Spend one; answer how many are spent now, None when none was left."""
        new = insert(LifetimeRow).values(
            contribuyente_id=contribuyente_id, familia=familia, sat_key=sat_key, spent=1, last_at=now
        )
        counted = new.on_conflict_do_update(
            index_elements=["contribuyente_id", "familia", "sat_key"],
            set_={"spent": LifetimeRow.spent + 1, "last_at": now},
            where=LifetimeRow.spent < MAX_EQUAL_CFDI_SOLICITUDES,
        ).returning(LifetimeRow.spent)
        return (await tx.execute(counted)).scalar_one_or_none()

    async def give_back(self, tx: Transaction, contribuyente_id: int, familia: Familia, sat_key: str) -> None:
        """Take one spending back: the SAT did not count it."""
        await tx.execute(
            update(LifetimeRow)
            .where(*_of(contribuyente_id, familia), LifetimeRow.sat_key == sat_key)
            .values(spent=func.greatest(LifetimeRow.spent - 1, 0))
        )

    async def exhaust(self, tx: Transaction, contribuyente_id: int, familia: Familia, sat_key: str) -> None:
        """Write down that the SAT counts this key as spent, whatever we knew."""
        await tx.execute(
            update(LifetimeRow)
            .where(*_of(contribuyente_id, familia), LifetimeRow.sat_key == sat_key)
            .values(spent=MAX_EQUAL_CFDI_SOLICITUDES)
        )


def _of(contribuyente_id: int, familia: Familia) -> list[ColumnElement[bool]]:
    return [LifetimeRow.contribuyente_id == contribuyente_id, LifetimeRow.familia == familia]
