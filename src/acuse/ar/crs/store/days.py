"""Downloads counted by day: what is past does not change, so it is counted once and not on every page.

Every day up to the last one kept is counted, for all users together and for each with downloads; what came later is
counted where it lies.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import TIMESTAMP, Select, cast, delete, func, literal_column, select, text

from acuse.ar.crs.model import ZONE, DescargaFilter, start_of
from acuse.ar.crs.tables import EVERYBODY, DescargaRow, DiaRow
from acuse.kernel.database import Transaction

# Counting and taking old downloads in wait for each other, or a count could miss what is not committed yet.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(727004)")
_COUNT: Final = text("""
    INSERT INTO crs_dias (dia, id_usuario, descargas)
    SELECT dia, coalesce(id_usuario, :everybody), count(*)
      FROM crs_descargas, LATERAL (SELECT CAST(fecha AT TIME ZONE :zone AS date) AS dia) AS told
     WHERE fecha < :before
       AND fecha >= (SELECT coalesce(CAST(max(dia) + 1 AS timestamp) AT TIME ZONE :zone, '-infinity') FROM crs_dias)
     GROUP BY GROUPING SETS ((dia), (dia, id_usuario))
""")


async def count_until(tx: Transaction, today: date) -> None:
    """Count every day before this one (in Buenos Aires) that is not counted yet."""
    await tx.execute(text("SET LOCAL statement_timeout = 0"))
    await tx.execute(_ALONE)
    await tx.execute(_COUNT, {"zone": ZONE.key, "before": start_of(today), "everybody": EVERYBODY})


async def forget_since(tx: Transaction, day: date) -> None:
    """Forget the counts from this day on, since downloads of the past came in; the next night counts again."""
    await tx.execute(_ALONE)
    await tx.execute(delete(DiaRow).where(DiaRow.dia >= day))


def total(live: Select[Any], wanted: DescargaFilter) -> Select[Any]:
    """Answer how many downloads there are between the days and of the user wanted: one statement, one snapshot.

    `live` counts them where they lie.
    """
    last = select(func.max(DiaRow.dia)).scalar_subquery()
    edge = func.timezone(ZONE.key, cast(last + 1, TIMESTAMP))
    later = live.where(
        DescargaRow.fecha >= func.coalesce(edge, literal_column("'-infinity'::timestamptz")),
        # With an open end the planner takes a third of all for later than the edge, and starts workers for nothing.
        DescargaRow.fecha < literal_column("'infinity'::timestamptz"),
    )
    kept = [DiaRow.id_usuario == (EVERYBODY if wanted.usuario_id is None else wanted.usuario_id)]
    if wanted.desde is not None:
        kept.append(DiaRow.dia >= wanted.desde)
    if wanted.hasta is not None:
        kept.append(DiaRow.dia <= wanted.hasta)
    counted = select(func.coalesce(func.sum(DiaRow.descargas), 0)).where(*kept)
    return select(counted.scalar_subquery() + later.scalar_subquery())
