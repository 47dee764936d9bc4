"""Idempotency keys of starts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from acuse.ar.crs.tables import StartKeyRow
from acuse.kernel.database import Transaction

LIFE: Final = timedelta(hours=24)


async def claim(tx: Transaction, user_id: int, key: str, body_hash: bytes, now: datetime) -> StartKeyRow | None:
    """Take a key for this start; answer None when it is ours now, else the row of the one before.

    A second start with the same key waits here until the first has committed.
    """
    fresh = {"body_hash": body_hash, "answer": None, "created_at": now}
    added = insert(StartKeyRow).values(user_id=user_id, key=key, **fresh)
    taken = added.on_conflict_do_update(
        index_elements=["user_id", "key"], set_=fresh, where=StartKeyRow.created_at < now - LIFE
    ).returning(StartKeyRow.user_id)
    if (await tx.execute(taken)).first() is not None:
        return None
    found = select(StartKeyRow).where(StartKeyRow.user_id == user_id, StartKeyRow.key == key)
    return (await tx.scalars(found)).one()


async def keep(tx: Transaction, user_id: int, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer for whoever asks again."""
    mine = update(StartKeyRow).where(StartKeyRow.user_id == user_id, StartKeyRow.key == key)
    await tx.execute(mine.values(answer=answer))


async def release(tx: Transaction, user_id: int, key: str) -> None:
    """Give a key back, since nothing was started with it."""
    await tx.execute(delete(StartKeyRow).where(StartKeyRow.user_id == user_id, StartKeyRow.key == key))


async def purge(tx: Transaction, now: datetime) -> None:
    """Remove keys past their day."""
    await tx.execute(delete(StartKeyRow).where(StartKeyRow.created_at < now - LIFE))
