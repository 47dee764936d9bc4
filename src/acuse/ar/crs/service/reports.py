"""Reports: the dashboard's figures and the CSV of downloads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from acuse.ar.crs.model import ZONE, DescargaFilter, Metrics, month_start, start_of
from acuse.ar.crs.store import downloads, figures
from acuse.ar.cuit import formatted
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database

_MONTHS = 12


@dataclass(frozen=True)
class Month:
    """Downloads of one month, `AAAA-MM`."""

    name: str
    downloads: int


class ReportService:
    """What administrators look at and take away."""

    def __init__(self, *, database: Database, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def metrics(self) -> Metrics:
        """Answer the dashboard's figures from one snapshot."""
        async with self._database.transaction() as tx:
            return await figures.metrics(tx, month_start(self._clock.now()))

    async def months(self) -> Sequence[Month]:
        """Answer the downloads of the last twelve months, oldest first."""
        today = self._clock.now().astimezone(ZONE).date()
        names = figures.months_before(today.strftime("%Y-%m"), _MONTHS)
        first = today.replace(year=int(names[0][:4]), month=int(names[0][5:]), day=1)
        async with self._database.transaction() as tx:
            found = await figures.by_month(tx, start_of(first))
        return [Month(name, found.get(name, 0)) for name in names]

    async def rows(self, wanted: DescargaFilter, *, actor: Actor) -> AsyncIterator[Sequence[Any]]:
        """Walk all downloads of a filter, in the columns of the CSV; the end is audited with the number of rows."""
        number = 0
        async with self._database.transaction() as tx:
            async for row in downloads.stream(tx, wanted):
                number += 1
                yield (row[0], row[1], row[2], formatted(row[3]), *row[4:])
        async with self._database.transaction() as tx:
            await self._audit.record(
                tx,
                AuditAction.EXPORT_CSV,
                actor=actor,
                target_type="descargas",
                target_id="csv",
                after={"filas": number, "filtros": wanted.as_dict()},
            )
