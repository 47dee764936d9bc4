"""The daily download: Metadata of the last days, then the CFDIs that are new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Final
from uuid import UUID

from acuse.kernel.audit import SYSTEM
from acuse.kernel.database import Transaction
from acuse.mx.archivo import Direction, EstadoCfdi, Stretch
from acuse.mx.contribuyentes import Contribuyente
from acuse.mx.descarga.events import DailyDue, SolicitudReady, SummaryDue
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import Periodo, mexico_time, oldest_start
from acuse.mx.descarga.model.plan import MARGIN
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.dividing import needs_a_person
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.store import DailyStore
from acuse.mx.descarga.tables import DailyRunRow, SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud

DAYS: Final = 4
"""Certification may come 72 hours after the date of issue: a day is whole only then."""
_MOST_DAYS: Final = 31
"""How far back a night looks after others were missed: what lies before is for completeness to show."""
TELL_AFTER: Final = timedelta(hours=9)
"""What has not ended by then is told as still on its way."""
_MOST_SHIFTS: Final = 10


class DailyService(Desk):
    """Brings what is new of every taxpayer whose switch is on. Each step may be repeated and does nothing twice."""

    def __init__(self, means: Means, *, store: DailyStore) -> None:
        super().__init__(means)
        self._store = store

    async def begin_all(self) -> int:
        """Have the day begun for every taxpayer whose switch is on; answer for how many."""
        wanted = [one for one in await self._contribuyentes.visible_to(SYSTEM) if one.daily_download]
        async with self._database.transaction() as tx:
            for one in wanted:
                await self.owe(tx, one.id)
        return len(wanted)

    async def owe(self, tx: Transaction, contribuyente_id: int) -> None:
        """Have the day of one taxpayer begun after the commit, unless it was."""
        day = mexico_time(self._clock.now()).date().isoformat()
        await self._events.publish(tx, DailyDue(contribuyente_id, day), once=f"{contribuyente_id}:{day}")

    async def begin(self, contribuyente_id: int, day: date) -> bool:
        """Ask the Metadata of the last four days, both sides; answer False when it was done or cannot be.

        Nights that were missed, or whose Metadata never came, are made up for: it begins where they would have. So are
        the days since the plan of a year was asked, which the SAT may take a while to answer.
        """
        contribuyente = await self._contribuyentes.get(contribuyente_id)
        if not (contribuyente.daily_download and contribuyente.can_sign):
            return False
        async with self._database.transaction() as tx:
            now = self._clock.now()
            run = await self._store.begin(tx, contribuyente_id, day, now=now)
            if run is None:
                return False
            for familia, sentido in product(_families(contribuyente), Sentido):
                reached = await self._store.reached(tx, contribuyente_id, familia, sentido)
                periodo = _last_days(day, mexico_time(now), reached)
                asked = Parametros.ask(familia=familia, tipo=TipoSolicitud.METADATA, sentido=sentido, periodo=periodo)
                twin = await self._solicitudes.equal_to(tx, contribuyente_id, asked)
                await self._ask(tx, run, str(contribuyente.rfc), asked, attempt=twin.attempt + 1 if twin else 1)
            await self._events.publish(tx, SummaryDue(day.isoformat()), at=now + TELL_AFTER, once=f"late:{day}")
        return True

    async def go_on(self, solicitud_id: UUID) -> None:
        """After something a run asked for has ended: ask for the CFDIs that are new, or end the run."""
        async with self._database.transaction() as tx:
            row = await self._solicitudes.get(tx, solicitud_id)
            if row is None or row.daily_run_id is None:
                return
            run = await self._store.lock(tx, row.daily_run_id)
            if run.ended_at is not None:
                return
            if row.tipo is TipoSolicitud.METADATA and row.estado.is_success and row.parent_id is None:
                await self._ask_new(tx, run, row)
            rows = await self._store.of_run(tx, run.id)
            if all(one.estado.is_final or needs_a_person(one) for one in rows):
                run.ended_at = self._clock.now()
                await tx.flush()
                await self._events.publish(tx, SummaryDue(run.day.isoformat()), once=f"ended:{run.day}")

    async def complete_year(self, solicitud_id: UUID) -> None:
        """Turn the switch of a taxpayer on when its first year is complete: all that can be asked by now is here.

        A year of Retenciones turns none on.
        """
        async with self._database.transaction() as tx:
            row = await self._solicitudes.get(tx, solicitud_id)
            plan = await self._plans.get(tx, row.plan_id, lock=True) if row and row.plan_id else None
            if plan is None or plan.completed_at is not None:
                return
            rows = await self._solicitudes.of_plan(tx, plan.id)
            if not all(one.estado.is_success or one.estado is Estado.PROGRAMADA for one in rows):
                return
            is_first = await self._store.complete_plan(tx, plan, now=self._clock.now())
            if is_first and plan.familia is Familia.CFDI:
                await self._store.switch_on(tx, plan.contribuyente_id)

    async def _ask_new(self, tx: Transaction, run: DailyRunRow, metadata: SolicitudRow) -> None:
        """Ask for the XML of what the new Metadata knows and the archive has not, once a run, family and side."""
        side = (TipoSolicitud.CFDI, metadata.familia, metadata.sentido)
        if any((one.tipo, one.familia, one.sentido) == side for one in await self._store.of_run(tx, run.id)):
            return
        missing = await self._census.without_xml(tx, _new_of(metadata))
        if not missing.count or missing.first is None or missing.last is None:
            return
        periodo = Periodo(missing.first.replace(microsecond=0), missing.last.replace(microsecond=0))
        oldest = oldest_start(mexico_time(self._clock.now()))
        periodo = periodo if periodo.inicio < periodo.fin else periodo.widened(1, oldest=oldest)
        asked = Parametros.ask(
            familia=metadata.familia, tipo=TipoSolicitud.CFDI, sentido=metadata.sentido, periodo=periodo
        )
        for shift in range(_MOST_SHIFTS):
            fitting = await self._lifetime.fit(tx, run.contribuyente_id, metadata.rfc, asked, shift=shift)
            twin = await self._solicitudes.equal_to(tx, run.contribuyente_id, fitting)
            if twin is None:
                await self._ask(tx, run, metadata.rfc, fitting)
                return
            if not twin.estado.is_final:
                return

    async def _ask(self, tx: Transaction, run: DailyRunRow, rfc: str, asked: Parametros, *, attempt: int = 1) -> None:
        now = self._clock.now()
        row = await self._solicitudes.reserve(
            tx,
            contribuyente_id=run.contribuyente_id,
            rfc=rfc,
            parametros=asked,
            estado=Estado.POR_ENVIAR,
            next_check_at=now,
            now=now,
            who=SYSTEM.name,
            daily_run_id=run.id,
            attempt=attempt,
        )
        if row is not None:
            mensaje = f"Descarga diaria del {run.day.isoformat()}."
            await self._story.tell(tx, row, Suceso.CREADA, who=SYSTEM.name, mensaje=mensaje)
            await self._events.publish(tx, SolicitudReady(str(row.id)), once=str(row.id))


def _families(contribuyente: Contribuyente) -> Sequence[Familia]:
    return tuple(Familia) if contribuyente.daily_retenciones else (Familia.CFDI,)


def _last_days(day: date, now: datetime, reached: date | None) -> Periodo:
    """Answer the last four days up to this one, the running one up to an hour ago.

    After a gap it begins as the night after `reached` would have.
    """
    night = day if reached is None else min(day, reached + timedelta(days=1))
    first = night - timedelta(days=DAYS - 1)
    first = max(first, day - timedelta(days=_MOST_DAYS - 1))
    return Periodo(datetime.combine(first, time()), datetime.combine(day, time(23, 59, 59))).until(now - MARGIN)


def _new_of(metadata: SolicitudRow) -> Stretch:
    """Answer where to look for what is known and not here; of received ones only what the SAT hands out."""
    received = metadata.sentido is Sentido.RECIBIDOS
    return Stretch(
        contribuyente_id=metadata.contribuyente_id,
        direction=Direction(metadata.sentido.value),
        desde=metadata.fecha_inicio,
        hasta=metadata.fecha_fin,
        retenciones=metadata.familia is Familia.RETENCIONES,
        estado=EstadoCfdi.VIGENTE if received else None,
    )
