"""Answers how complete the months of the caller's taxpayers are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.mx.archivo import Direction, MonthHeld, MonthsStore
from acuse.mx.completitud.model import EstadoMes, Mes, estado_of, months_between, periodo_of
from acuse.mx.contribuyentes import Contribuyente, ContribuyentesService
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.descarga.model.consulta import familia_of
from acuse.mx.descarga.model.periodo import Periodo, mexico_time
from acuse.mx.descarga.model.plan import MARGIN, year_shown
from acuse.mx.descarga.store import Asked, CoverageStore
from acuse.mx.outside.sat_descarga.codes import Familia

_YEARS = 6
_Side = tuple[int, Familia, Direction]


@dataclass(frozen=True)
class Fila:
    """One side of a taxpayer, month by month: its CFDIs, or its Retenciones."""

    taxpayer: Contribuyente
    familia: Familia
    direction: Direction
    meses: Sequence[Mes]

    @property
    def caption(self) -> str:
        """Answer what it is called: `Emitidos`, `Retenciones recibidas`."""
        if self.familia is Familia.RETENCIONES:
            return f"Retenciones {self.direction.label.lower()[:-1]}as"
        return f"{self.direction.label}s"

    @property
    def missing(self) -> int:
        """Answer how many XML are missing."""
        return sum(mes.missing for mes in self.meses)

    @property
    def unasked(self) -> int:
        """Answer how many months the SAT was not asked of, or only in part."""
        return sum(mes.estado in {EstadoMes.SIN_PEDIR, EstadoMes.EN_PARTE} for mes in self.meses)

    @property
    def going(self) -> int:
        """Answer how many months wait for a solicitud that is on its way."""
        return sum(mes.going > 0 for mes in self.meses)


class CompletitudService:
    """Looks, changes nothing."""

    def __init__(
        self,
        *,
        database: Database,
        held: MonthsStore,
        coverage: CoverageStore,
        contribuyentes: ContribuyentesService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._held = held
        self._coverage = coverage
        self._contribuyentes = contribuyentes
        self._clock = clock

    async def rows(
        self, caller: Caller, first: date, last: date, *, rfc: str | None = None, text: str = ""
    ) -> Sequence[Fila]:
        """Answer both sides of one taxpayer, or of all the caller may see, month by month, by RFC.

        Its Retenciones, which most have none of, follow where some are known of these months, or were asked for.
        Raises ContribuyenteNotFound and MonthUnreadable.
        """
        wanted = months_between(first, last)
        if rfc:
            taxpayers = [await self._contribuyentes.require_access(caller, rfc)]
        else:
            plain = text.strip().casefold()
            visible = await self._contribuyentes.visible_to(caller)
            taxpayers = [one for one in visible if plain in f"{one.rfc} {one.name}".casefold()]
        desde, hasta = periodo_of(wanted[0]).inicio, periodo_of(wanted[-1]).fin
        ids = [one.id for one in taxpayers]
        async with self._database.transaction() as tx:
            held = await self._held.held(tx, ids, wanted[0], wanted[-1])
            told = await self._coverage.told(tx, ids, desde, hasta)
            going = await self._coverage.in_course(tx, ids, desde, hasta)
        found = _Found(held, told, going)
        return [
            Fila(one, familia, direction, [self._mes(one, familia, direction, month, found) for month in wanted])
            for one in taxpayers
            for familia in Familia
            if familia is Familia.CFDI or found.tells_of(one.id, familia)
            for direction in Direction
        ]

    async def year(self, caller: Caller, year: int, *, rfc: str | None = None, text: str = "") -> Sequence[Fila]:
        """Answer the twelve months of a year. Raises as `rows`."""
        return await self.rows(caller, date(year, 1, 1), date(year, 12, 1), rfc=rfc, text=text)

    def years(self) -> Sequence[int]:
        """Answer the years the SAT hands out, the newest first."""
        newest = mexico_time(self._clock.now()).year
        return [newest - back for back in range(_YEARS)]

    def has_begun(self, periodo: Periodo) -> bool:
        """Tell whether some of a period has passed, with the margin that is kept from the present."""
        return periodo.inicio < mexico_time(self._clock.now()) - MARGIN

    def year_shown(self) -> int:
        """Answer the year to look at first."""
        return year_shown(mexico_time(self._clock.now()))

    def _mes(self, taxpayer: Contribuyente, familia: Familia, direction: Direction, month: date, found: _Found) -> Mes:
        key = (taxpayer.id, familia, direction)
        held = found.held.get((*key, month))
        whole = periodo_of(month)
        going = sum(one.inicio <= whole.fin and one.fin >= whole.inicio for one in found.going[key])
        estado, as_of = estado_of(
            month,
            self._clock.now(),
            told=found.told[key],
            going=going,
            known=held.known if held else 0,
            missing=held.missing if held else 0,
        )
        mes = Mes(
            rfc=str(taxpayer.rfc),
            familia=familia,
            direction=direction,
            month=month,
            estado=estado,
            going=going,
            as_of=as_of,
        )
        return mes if held is None else mes.holding(held)


class _Found:
    """What was read, by taxpayer, family and side."""

    def __init__(self, held: Sequence[MonthHeld], told: Sequence[Asked], going: Sequence[Asked]) -> None:
        self.held = {(each.contribuyente_id, familia_of(each), each.direction, each.month): each for each in held}
        self.told = _by_side(told)
        self.going = _by_side(going)
        self._families = {key[:2] for key in (*self.held, *self.told, *self.going)}

    def tells_of(self, contribuyente_id: int, familia: Familia) -> bool:
        """Tell whether anything is known or asked of a taxpayer's documents of a family."""
        return (contribuyente_id, familia) in self._families


def _by_side(asked: Sequence[Asked]) -> defaultdict[_Side, list[Asked]]:
    sides: defaultdict[_Side, list[Asked]] = defaultdict(list)
    for each in asked:
        sides[each.contribuyente_id, each.familia, Direction(each.sentido.value)].append(each)
    return sides
