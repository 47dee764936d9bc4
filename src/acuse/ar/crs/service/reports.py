"""Reports: the dashboard's figures and the CSV of downloads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from acuse.ar.crs.model import ZONE, DescargaFilter, Metrics, month_start, start_of
from acuse.ar.crs.store import downloads, figures
from acuse.kernel.audit import Actor
from acuse.kernel.clock import Clock
from acuse.kernel.csv import CsvExporter, CsvStyle
from acuse.kernel.database import Database

_MONTHS = 12


@dataclass(frozen=True)
class Month:
    """Downloads of one month, `AAAA-MM`."""

    name: str
    downloads: int


class ReportService:
    """What administrators look at and take away."""

    def __init__(self, *, database: Database, exporter: CsvExporter, clock: Clock) -> None:
        self._database = database
        self._exporter = exporter
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

    def export(self, wanted: DescargaFilter, style: CsvStyle, *, actor: Actor) -> AsyncGenerator[bytes, None]:
        """Answer all downloads of a filter as CSV, in pieces, newest first. Audited as EXPORT_CSV."""
        query = downloads.report(wanted)
        return self._exporter.export(query, style, actor=actor, what="descargas", filters=wanted.as_dict())
