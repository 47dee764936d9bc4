"""The outbox's queries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.notices.model import Notice, NoticeState
from acuse.notices.tables import NoticeRow

_COLUMNS = NoticeRow.__table__.columns


async def add(tx: Transaction, **values: Any) -> int | None:
    """Write a notice; answer its id, or None when this key was already used for this recipient."""
    statement = insert(NoticeRow).values(state=NoticeState.PENDING, attempts=0, **values)
    added = statement.on_conflict_do_nothing(constraint="uq_notices_outbox_key").returning(NoticeRow.id)
    return (await tx.execute(added)).scalar_one_or_none()


async def get(tx: Transaction, notice_id: int) -> Notice | None:
    """Answer one notice."""
    row = (await tx.execute(select(*_COLUMNS).where(NoticeRow.id == notice_id))).mappings().first()
    return None if row is None else Notice(**row)


async def claim(tx: Transaction, notice_id: int, *, now: datetime, lease_until: datetime) -> Notice | None:
    """Take a pending notice that is due for sending; None when there is nothing to do or another has it.

    The claim is a lease: the try is counted and the next one set behind the time a send can take, before
    anything is sent. A crash in between costs that wait, never the mail.
    """
    due = or_(NoticeRow.next_try_at.is_(None), NoticeRow.next_try_at <= now)
    free = (
        select(NoticeRow.id)
        .where(NoticeRow.id == notice_id, NoticeRow.state == NoticeState.PENDING, due)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    taken = (
        update(NoticeRow)
        .where(NoticeRow.id == free)
        .values(attempts=NoticeRow.attempts + 1, next_try_at=lease_until)
        .returning(*_COLUMNS)
    )
    row = (await tx.execute(taken)).mappings().first()
    return None if row is None else Notice(**row)


async def change(tx: Transaction, notice_id: int, **values: Any) -> None:
    """Set fields of a notice."""
    await tx.execute(update(NoticeRow).where(NoticeRow.id == notice_id).values(**values))


async def select_due(tx: Transaction, *, now: datetime, limit: int) -> Sequence[int]:
    """Answer the ids of pending notices that are due, oldest first."""
    due = or_(NoticeRow.next_try_at.is_(None), NoticeRow.next_try_at <= now)
    ids = select(NoticeRow.id).where(NoticeRow.state == NoticeState.PENDING, due).order_by(NoticeRow.id).limit(limit)
    return (await tx.execute(ids)).scalars().all()


async def select_page(tx: Transaction, state: NoticeState | None, *, below: int | None, limit: int) -> Sequence[Notice]:
    """Answer notices of a state (or all), newest first, with ids below the given one."""
    statement = select(*_COLUMNS).order_by(NoticeRow.id.desc()).limit(limit)
    if state is not None:
        statement = statement.where(NoticeRow.state == state)
    if below is not None:
        statement = statement.where(NoticeRow.id < below)
    return [Notice(**row) for row in (await tx.execute(statement)).mappings()]


async def count(tx: Transaction) -> dict[NoticeState, int]:
    """Answer how many notices are in each state."""
    found = await tx.execute(select(NoticeRow.state, func.count()).group_by(NoticeRow.state))
    counts: dict[NoticeState, int] = {state: number for state, number in found.all()}  # noqa: C416 - rows are not pairs
    return {state: counts.get(state, 0) for state in NoticeState}
