"""Looks again at the months that may still see a cancellation, for taxpayers whose daily download is on."""

from __future__ import annotations

from datetime import date, timedelta

from acuse.kernel.audit import SYSTEM
from acuse.mx.archivo import MonthsStore
from acuse.mx.descarga.events import RecheckDue
from acuse.mx.descarga.model.consulta import familia_of
from acuse.mx.descarga.model.periodo import Periodo, mexico_time
from acuse.mx.descarga.model.recheck import cancellable_periods, whose_night
from acuse.mx.descarga.service.daily import DAYS
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.service.missing import MissingService
from acuse.mx.descarga.store import CoverageStore
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido


class RecheckService(Desk):
    """Asks their Metadata anew, which the SAT does not count; what it shows cancelled the archive marks and tells.

    `every_days` is how often, 0 is never; `per_night` how many taxpayers a night asks. Each step may be repeated
    and asks nothing twice.
    """

    def __init__(
        self, means: Means, missing: MissingService, coverage: CoverageStore, *, every_days: int, per_night: int
    ) -> None:
        super().__init__(means)
        self._missing = missing
        self._coverage = coverage
        self._held = MonthsStore()
        self._every_days = every_days
        self._per_night = per_night

    async def begin_all(self) -> int:
        """Have the taxpayers whose turn is this night looked at; answer how many."""
        if not self._every_days:
            return 0
        day = mexico_time(self._clock.now()).date()
        ids = [one.id for one in await self._contribuyentes.visible_to(SYSTEM) if one.daily_download]
        tonight = whose_night(ids, day, every_days=self._every_days, at_most=self._per_night)
        async with self._database.transaction() as tx:
            for each in tonight:
                await self._events.publish(tx, RecheckDue(each, day.isoformat()), once=f"{each}:{day}")
        return len(tonight)

    async def begin(self, contribuyente_id: int, day: date) -> int:
        """Ask the Metadata of what is held of those months, both sides; answer how many solicitudes were made."""
        contribuyente = await self._contribuyentes.get(contribuyente_id)
        if not (contribuyente.daily_download and contribuyente.can_sign):
            return 0
        made = 0
        for periodo in cancellable_periods(day, newest=DAYS):
            for familia, sentido in await self._to_ask(contribuyente_id, periodo):
                made += len(
                    await self._missing.ask_metadata(SYSTEM, str(contribuyente.rfc), sentido, periodo, familia=familia)
                )
        return made

    async def _to_ask(self, contribuyente_id: int, periodo: Periodo) -> list[tuple[Familia, Sentido]]:
        """Answer the sides of which something is held and nothing was told since the last turn."""
        since = self._clock.now() - timedelta(days=max(1, self._every_days - 1))
        async with self._database.transaction() as tx:
            held = await self._held.held(tx, [contribuyente_id], periodo.inicio.date(), periodo.fin.date())
            told = await self._coverage.told(tx, [contribuyente_id], periodo.inicio, periodo.fin)
        fresh = {
            (each.familia, each.sentido)
            for each in told
            if each.at and each.at > since and each.inicio <= periodo.inicio and each.fin >= periodo.fin
        }
        sides = {(familia_of(month), Sentido(month.direction.value)) for month in held if month.known > month.cancelled}
        return sorted(sides - fresh)
