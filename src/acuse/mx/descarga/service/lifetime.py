"""Keeps the lifetime ledger: counts before the SAT is asked, refuses what would be one too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from acuse.kernel.clock import Clock
from acuse.kernel.database import Transaction
from acuse.mx.descarga.errors import LifetimeSpent
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.periodo import mexico_time, oldest_start
from acuse.mx.descarga.store import LifetimeStore, parametros_of
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import MAX_EQUAL_CFDI_SOLICITUDES

_MOST_SHIFTS: Final = 60


@dataclass(frozen=True)
class Spending:
    """How much of the two equal solicitudes there are in a lifetime is spent. `counts` is False where none is."""

    counts: bool
    spent: int = 0

    @property
    def left(self) -> int:
        """Answer how many are left."""
        return max(0, MAX_EQUAL_CFDI_SOLICITUDES - self.spent)


class Lifetime:
    """The ledger of what the SAT counts for ever. Every method runs in the caller's transaction."""

    def __init__(self, *, store: LifetimeStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, tx: Transaction, contribuyente_id: int, rfc: str, asked: Parametros) -> Spending:
        """Answer how much of these parameters is spent."""
        key = asked.sat_key(rfc)
        if key is None:
            return Spending(counts=False)
        spent = await self._store.spent(tx, contribuyente_id, asked.familia, [key])
        return Spending(counts=True, spent=spent.get(key, 0))

    async def check(self, tx: Transaction, contribuyente_id: int, rfc: str, asked: Parametros) -> None:
        """Raise LifetimeSpent, with a start that would do, when the SAT would take these parameters no more."""
        if (await self.of(tx, contribuyente_id, rfc, asked)).left or asked.sat_key(rfc) is None:
            return
        other = await self.fit(tx, contribuyente_id, rfc, asked)
        start, end = other.periodo.inicio.isoformat(), other.periodo.fin.isoformat()
        raise LifetimeSpent(suggestion=f"{start} a {end}", fecha_inicio=start, fecha_fin=end)

    async def fit(
        self, tx: Transaction, contribuyente_id: int, rfc: str, asked: Parametros, *, shift: int = 0
    ) -> Parametros:
        """Answer the same question, widened second by second until the SAT has not counted it as often as it may.

        With `shift` it is widened by at least so many seconds.
        """
        oldest = oldest_start(mexico_time(self._clock.now()))
        for more in range(shift, _MOST_SHIFTS):
            other = asked.over(asked.periodo.widened(more, oldest=oldest)) if more else asked
            if asked.sat_key(rfc) is None or (await self.of(tx, contribuyente_id, rfc, other)).left:
                return other
        raise LifetimeSpent(suggestion="un periodo distinto")

    async def spend(self, tx: Transaction, row: SolicitudRow) -> bool:
        """Spend one before the SAT is asked; answer False when none was left."""
        key = _key(row)
        if key is None:
            return True
        now = self._clock.now()
        return await self._store.spend(tx, row.contribuyente_id, row.familia, key, now=now) is not None

    async def give_back(self, tx: Transaction, row: SolicitudRow) -> None:
        """Take a spending back: the SAT did not take the call."""
        if key := _key(row):
            await self._store.give_back(tx, row.contribuyente_id, row.familia, key)

    async def exhaust(self, tx: Transaction, row: SolicitudRow) -> None:
        """Believe the SAT that nothing is left."""
        if key := _key(row):
            await self._store.exhaust(tx, row.contribuyente_id, row.familia, key)


def _key(row: SolicitudRow) -> str | None:
    return parametros_of(row).sat_key(row.rfc)
