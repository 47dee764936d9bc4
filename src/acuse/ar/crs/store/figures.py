"""The figures of the dashboard, each set from one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, text

from acuse.accounts.model import UserStatus
from acuse.accounts.tables import UserRow
from acuse.ar.crs.model import Metrics
from acuse.ar.crs.tables import DescargaRow, QuotaRow
from acuse.kernel.database import Transaction

_TOP: Final = 10
_SNAPSHOT: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_BY_MONTH: Final = text("""
    SELECT to_char(fecha AT TIME ZONE 'America/Argentina/Buenos_Aires', 'YYYY-MM') AS month, count(*)
      FROM crs_descargas WHERE fecha >= :since GROUP BY 1
""")


async def metrics(tx: Transaction, month_start: datetime) -> Metrics:
    """Answer the seven figures. Must be the first thing in the transaction."""
    await tx.execute(_SNAPSHOT)
    there = UserRow.deleted_at.is_(None)
    users = (
        await tx.execute(select(func.count(), func.count().filter(UserRow.status == UserStatus.ACTIVE)).where(there))
    ).one()
    sums = (
        await tx.execute(
            select(func.coalesce(func.sum(QuotaRow.total), 0), func.coalesce(func.sum(QuotaRow.pending), 0))
        )
    ).one()
    month = select(func.count()).select_from(DescargaRow).where(DescargaRow.fecha >= month_start)
    top = (
        select(UserRow.name, QuotaRow.total)
        .join(UserRow, UserRow.id == QuotaRow.user_id)
        .where(QuotaRow.total > 0)
        .order_by(QuotaRow.total.desc(), QuotaRow.user_id)
        .limit(_TOP)
    )
    return Metrics(
        total_usuarios=users[0],
        usuarios_activos=users[1],
        total_descargas=int(sums[0]),
        pendientes=int(sums[1]),
        descargas_mes=(await tx.execute(month)).scalar_one(),
        top=[(row[0], int(row[1])) for row in await tx.execute(top)],
    )


async def by_month(tx: Transaction, since: datetime) -> dict[str, int]:
    """Answer downloads by month of Buenos Aires (`AAAA-MM`) since this instant; months without any are absent."""
    return {row[0]: row[1] for row in await tx.execute(_BY_MONTH, {"since": since})}


def months_before(month: str, number: int) -> Sequence[str]:
    """Answer this many months up to and including `month`, oldest first."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1
    return [f"{at // 12:04d}-{at % 12 + 1:02d}" for at in range(index - number + 1, index + 1)]
