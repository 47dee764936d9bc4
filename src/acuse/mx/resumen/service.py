"""Sums up a year of a taxpayer the caller may see."""

from __future__ import annotations

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.mx.archivo import Direction
from acuse.mx.contribuyentes import Contribuyente, ContribuyentesService
from acuse.mx.contribuyentes.model import MEXICO_CITY, Caller
from acuse.mx.resumen.model import Resumen, Side, Total
from acuse.mx.resumen.store import ResumenStore

_YEARS = 6


class ResumenService:
    """Looks, changes nothing."""

    def __init__(
        self, *, database: Database, store: ResumenStore, contribuyentes: ContribuyentesService, clock: Clock
    ) -> None:
        self._database = database
        self._store = store
        self._contribuyentes = contribuyentes
        self._clock = clock

    async def year(self, caller: Caller, rfc: str, year: int | None = None) -> Resumen:
        """Answer the twelve months of a year, without one of the newest document's. Raises ContribuyenteNotFound."""
        found = await self._contribuyentes.require_access(caller, rfc)
        async with self._database.transaction() as tx:
            wanted = year or await self._store.newest_year(tx, found.id) or self.this_year()
            months = await self._store.year(tx, found.id, wanted)
        sides = [
            Side(direction, [months.get((month, direction), Total()).rounded() for month in range(1, 13)])
            for direction in Direction
        ]
        return Resumen(str(found.rfc), found.name, wanted, sides)

    async def taxpayers(self, caller: Caller) -> list[Contribuyente]:
        """Answer whose months the caller may see."""
        return await self._contribuyentes.visible_to(caller)

    def this_year(self) -> int:
        """Answer the year in Mexico City."""
        return self._clock.now().astimezone(MEXICO_CITY).year

    async def years(self, caller: Caller, rfc: str) -> set[int]:
        """Answer the years there are documents of, and those the SAT hands out. Raises ContribuyenteNotFound."""
        found = await self._contribuyentes.require_access(caller, rfc)
        async with self._database.transaction() as tx:
            held = await self._store.years(tx, found.id)
        return held | {self.this_year() - back for back in range(_YEARS)}
