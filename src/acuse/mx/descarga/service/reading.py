"""Answers what screens and programs want to see of solicitudes, plans and paquetes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from acuse.kernel.paging import Page, check_limit, page_of
from acuse.mx.contribuyentes import Contribuyente, ContribuyenteNotFound
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.descarga.errors import PaqueteNotFound, PaqueteNotStored, SolicitudNotFound
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import mexico_time
from acuse.mx.descarga.model.plan import year_shown, years_of
from acuse.mx.descarga.service.dividing import needs_a_person
from acuse.mx.descarga.service.lifetime import Spending
from acuse.mx.descarga.service.means import Desk
from acuse.mx.descarga.store import Filtros, parametros_of
from acuse.mx.descarga.tables import HistoryRow, PaqueteRow, PlanRow, SolicitudRow


@dataclass(frozen=True)
class Part:
    """A part of a divided solicitud and its own parts."""

    solicitud: SolicitudRow
    parts: Sequence[Part] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, SolicitudRow]]:
        """Answer it and all below it with how deep each lies, in the order a tree is drawn."""
        yield depth, self.solicitud
        for part in self.parts:
            yield from part.walk(depth + 1)


@dataclass(frozen=True)
class SolicitudDetail:
    """One solicitud with its story, its packages, its parts as a tree, and what of its lifetime is spent."""

    solicitud: SolicitudRow
    contribuyente: Contribuyente
    history: Sequence[HistoryRow]
    paquetes: Sequence[PaqueteRow]
    parts: Sequence[Part] = ()
    spending: Spending | None = None
    repeated_by: UUID | None = None


@dataclass(frozen=True)
class PlanProgress:
    """How a year's plan stands."""

    plan: PlanRow
    rfc: str
    solicitudes: Sequence[SolicitudRow]

    @property
    def total(self) -> int:
        """Answer how many there are."""
        return len(self.solicitudes)

    @property
    def ended(self) -> int:
        """Answer how many have ended, well or not."""
        return sum(row.estado.is_final for row in self.solicitudes)

    @property
    def failed(self) -> int:
        """Answer how many somebody must look at."""
        return sum(needs_a_person(row) for row in self.solicitudes)

    @property
    def scheduled(self) -> int:
        """Answer how many wait for their period to end."""
        return sum(row.estado is Estado.PROGRAMADA for row in self.solicitudes)

    @property
    def is_resting(self) -> bool:
        """Answer whether nothing will change soon: all have ended, wait for their period or for a person."""
        waiting = sum(row.estado is Estado.DIVIDIDA and row.problem is not None for row in self.solicitudes)
        return self.ended + self.scheduled + waiting == self.total


@dataclass(frozen=True)
class Overview:
    """What the home page shows first."""

    by_estado: Mapping[Estado, int] = field(default_factory=dict)

    @property
    def in_course(self) -> int:
        """Answer how many solicitudes are on their way."""
        return sum(count for estado, count in self.by_estado.items() if not estado.is_final)

    @property
    def failed(self) -> int:
        """Answer how many ended in a way somebody must look at."""
        return sum(count for estado, count in self.by_estado.items() if estado.is_failure)

    @property
    def first_failed(self) -> Estado | None:
        """Answer a state in which somebody must look at something, for the way there."""
        return next((estado for estado, count in self.by_estado.items() if estado.is_failure and count), None)

    @property
    def complete(self) -> int:
        """Answer how many ended well."""
        return sum(count for estado, count in self.by_estado.items() if estado.is_success)


class ReadingService(Desk):
    """Looks, changes nothing. Each answer holds only what the caller may see."""

    async def solicitudes(
        self,
        caller: Caller,
        *,
        rfc: str | None = None,
        filtros: Filtros | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[SolicitudRow]:
        """Answer a page of solicitudes, newest first, of one taxpayer or of all the caller may see."""
        size = check_limit(limit)
        ids = await self._ids(caller, rfc)
        async with self._database.transaction() as tx:
            rows = await self._solicitudes.page(tx, ids, filtros or Filtros(), limit=size, cursor=cursor)
        return page_of(rows, size, _place)

    async def solicitud(self, caller: Caller, solicitud_id: UUID) -> SolicitudDetail:
        """Answer one solicitud with its story and packages. Raises SolicitudNotFound."""
        async with self._database.transaction() as tx:
            row = await self._solicitudes.get(tx, solicitud_id)
        contribuyente = await self._visible(caller, row.rfc) if row else None
        if row is None or contribuyente is None:
            raise SolicitudNotFound
        async with self._database.transaction() as tx:
            history = await self._solicitudes.history(tx, [row.id])
            paquetes = await self._paquetes.of_solicitudes(tx, [row.id])
            below = await self._solicitudes.below(tx, row.id)
            spending = await self._lifetime.of(tx, row.contribuyente_id, row.rfc, parametros_of(row))
            again = await self._solicitudes.repetition_of(tx, row.id)
        return SolicitudDetail(
            row,
            contribuyente,
            history,
            paquetes,
            parts=_tree(row.id, below),
            spending=spending,
            repeated_by=again.id if again else None,
        )

    async def plan(self, caller: Caller, plan_id: UUID) -> PlanProgress:
        """Answer how a year's plan stands. Raises SolicitudNotFound."""
        async with self._database.transaction() as tx:
            plan = await self._plans.get(tx, plan_id)
            rows = await self._solicitudes.of_plan(tx, plan_id)
        if plan is None or not rows or await self._visible(caller, rows[0].rfc) is None:
            raise SolicitudNotFound
        return PlanProgress(plan, rows[0].rfc, rows)

    async def plans(self, caller: Caller, *, rfc: str | None = None, limit: int) -> Sequence[PlanProgress]:
        """Answer the newest plans the caller may see."""
        ids = await self._ids(caller, rfc)
        async with self._database.transaction() as tx:
            plans = await self._plans.latest(tx, ids, limit=limit)
            found = [(plan, await self._solicitudes.of_plan(tx, plan.id)) for plan in plans]
        return [PlanProgress(plan, rows[0].rfc, rows) for plan, rows in found if rows]

    async def overview(self, caller: Caller) -> Overview:
        """Answer the counts of the home page."""
        ids = await self._ids(caller, None)
        async with self._database.transaction() as tx:
            return Overview(await self._solicitudes.count_by_estado(tx, ids))

    async def paquetes(
        self,
        caller: Caller,
        *,
        rfc: str | None = None,
        solicitud_id: UUID | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[tuple[PaqueteRow, SolicitudRow]]:
        """Answer a page of packages, newest first, with the solicitud of each."""
        size = check_limit(limit)
        ids = await self._ids(caller, rfc)
        async with self._database.transaction() as tx:
            rows = await self._paquetes.page(tx, ids, limit=size, cursor=cursor, solicitud_id=solicitud_id)
        return page_of(rows, size, lambda row: (row[0].found_at.isoformat(), str(row[0].id)))

    async def paquete_file(self, caller: Caller, paquete_id: UUID) -> tuple[PaqueteRow, AsyncIterator[bytes]]:
        """Answer a stored package and its bytes as the SAT sent them. Raises PaqueteNotFound, PaqueteNotStored."""
        async with self._database.transaction() as tx:
            found = await self._paquetes.with_solicitud(tx, paquete_id)
        if found is None or await self._visible(caller, found[1].rfc) is None:
            raise PaqueteNotFound
        paquete = found[0]
        if paquete.stored_at is None:
            raise PaqueteNotStored
        return paquete, self._files.stream(paquete.storage_key)

    async def solicitud_of(self, paquete_id: UUID) -> UUID:
        """Answer which solicitud a package belongs to. Raises PaqueteNotFound."""
        async with self._database.transaction() as tx:
            paquete = await self._paquetes.get(tx, paquete_id)
        if paquete is None:
            raise PaqueteNotFound
        return paquete.solicitud_id

    def now(self) -> datetime:
        """Answer the present, aware."""
        return self._clock.now()

    def years(self) -> Sequence[int]:
        """Answer the years the SAT hands out, the running one first."""
        return years_of(mexico_time(self._clock.now()))

    def year_shown(self) -> int:
        """Answer the year to look at first."""
        return year_shown(mexico_time(self._clock.now()))

    async def visible(self, caller: Caller) -> Sequence[Contribuyente]:
        """Answer the taxpayers the caller may look at."""
        return await self._contribuyentes.visible_to(caller)

    async def operable(self, caller: Caller) -> Sequence[Contribuyente]:
        """Answer the taxpayers the caller may send solicitudes for."""
        return [found for found in await self.visible(caller) if found.may_operate]

    async def _ids(self, caller: Caller, rfc: str | None) -> Sequence[int]:
        if rfc:
            return [(await self._contribuyentes.require_access(caller, rfc)).id]
        return [found.id for found in await self.visible(caller)]

    async def _visible(self, caller: Caller, rfc: str) -> Contribuyente | None:
        try:
            return await self._contribuyentes.require_access(caller, rfc)
        except ContribuyenteNotFound:
            return None


def _place(row: SolicitudRow) -> tuple[str, str, str]:
    return row.created_at.isoformat(), row.fecha_inicio.isoformat(), str(row.id)


def _tree(root: UUID, below: Iterable[SolicitudRow]) -> Sequence[Part]:
    children: defaultdict[UUID | None, list[SolicitudRow]] = defaultdict(list)
    for row in below:
        children[row.parent_id].append(row)

    def parts_of(parent: UUID) -> Sequence[Part]:
        return [Part(row, parts_of(row.id)) for row in children[parent]]

    return parts_of(root)
