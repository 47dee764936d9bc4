"""Asks for what the archive knows of and does not hold: by folio, or by one solicitud where that is cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from acuse.kernel.audit import AuditAction
from acuse.kernel.database import Transaction
from acuse.mx.archivo import Direction, Stretch
from acuse.mx.contribuyentes import Contribuyente
from acuse.mx.contribuyentes.model import Caller, actor_of
from acuse.mx.descarga.errors import LifetimeSpent
from acuse.mx.descarga.events import SolicitudReady
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import Periodo, mexico_time, oldest_start
from acuse.mx.descarga.model.plan import MARGIN
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.lifetime import Spending
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.store import CoverageStore
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud

MOST_FOLIOS: Final = 20
"""Up to so many are asked one by one, which spends nothing of the SAT's lifetime count."""
_MOST_SHIFTS: Final = 10
_FREE: Final = Spending(counts=False)


@dataclass(frozen=True)
class Errand:
    """What would be asked for what is missing of a period. Empty when nothing is, or all of it is on its way."""

    periodo: Periodo
    missing: int
    asks: Sequence[Parametros]
    spending: Spending = _FREE

    @property
    def cost(self) -> str:
        """Tell in Spanish what is asked and what that spends."""
        if not self.missing:
            return "No falta ningún XML."
        if not self.asks:
            return "Ya va en camino: no hace falta pedirlo otra vez."
        if self.spending.counts:
            return (
                "Se pide con una solicitud de CFDI: gasta 1 de las 2 que el SAT permite de por vida para ese periodo "
                f"(usadas: {self.spending.spent})."
            )
        many = "una solicitud por folio" if len(self.asks) == 1 else f"{len(self.asks)} solicitudes por folio"
        return f"Se pide con {many}: no gasta intentos de por vida."

    @property
    def brief_cost(self) -> str:
        """Tell it in a few words, for a table."""
        if not self.spending.counts:
            return "Por folio: no gasta"
        return f"Gasta 1 de 2 (usadas: {self.spending.spent})" if self.spending.spent else "Gasta 1 de 2"


class MissingService(Desk):
    """Plans and sends. Asked twice, what is on its way is not asked again."""

    def __init__(self, means: Means, coverage: CoverageStore) -> None:
        super().__init__(means)
        self._coverage = coverage

    async def preview(
        self, caller: Caller, rfc: str, sentido: Sentido, periodo: Periodo, *, familia: Familia = Familia.CFDI
    ) -> Errand:
        """Answer what fetching the missing of a period would ask and spend. Raises ContribuyenteNotFound."""
        found = await self._contribuyentes.require_access(caller, rfc)
        async with self._database.transaction() as tx:
            return await self._errand(tx, found, familia, sentido, periodo)

    async def fetch(
        self, caller: Caller, rfc: str, sentido: Sentido, periodo: Periodo, *, familia: Familia = Familia.CFDI
    ) -> Sequence[SolicitudRow]:
        """Ask for the XML that is missing of a period; answer the solicitudes made just now.

        Up to twenty go by folio; more, or cancelled ones of our own, which no folio brings, by one solicitud of the
        days they lie in. Raises ContribuyenteNotFound, EfirmaMissing, EfirmaExpired, and what the SAT would refuse of
        the dates.
        """
        found = await self._operated(caller, rfc)
        async with self._database.transaction() as tx:
            errand = await self._errand(tx, found, familia, sentido, periodo)
            return await self._ask(tx, caller, found, errand.asks, "Para traer los XML que faltan.")

    async def ask_metadata(
        self, caller: Caller, rfc: str, sentido: Sentido, periodo: Periodo, *, familia: Familia = Familia.CFDI
    ) -> Sequence[SolicitudRow]:
        """Ask, again if need be, what there is in a period, as far as it has passed; it spends nothing.

        Answers the solicitud made just now, none while an equal one is on its way. Raises as `fetch`.
        """
        found = await self._operated(caller, rfc)
        now = mexico_time(self._clock.now())
        asked = Parametros.ask(
            familia=familia, tipo=TipoSolicitud.METADATA, sentido=sentido, periodo=periodo.until(now - MARGIN)
        )
        asked.check(now)
        async with self._database.transaction() as tx:
            if await self._is_on_its_way(tx, found.id, asked):
                return ()
            return await self._ask(tx, caller, found, [asked], "Para saber qué hay en el SAT.")

    async def _errand(
        self, tx: Transaction, found: Contribuyente, familia: Familia, sentido: Sentido, periodo: Periodo
    ) -> Errand:
        stretch = Stretch(
            contribuyente_id=found.id,
            direction=Direction(sentido.value),
            desde=periodo.inicio,
            hasta=periodo.fin,
            retenciones=familia is Familia.RETENCIONES,
        )
        missing = await self._census.missing(tx, stretch)
        if not missing.count or missing.first is None or missing.last is None:
            return Errand(periodo, 0, ())
        days = Periodo(missing.first.replace(microsecond=0), missing.last.replace(microsecond=0))
        whole = Parametros.ask(familia=familia, tipo=TipoSolicitud.CFDI, sentido=sentido, periodo=days)
        if await self._is_on_its_way(tx, found.id, whole):
            return Errand(periodo, missing.count, ())
        if missing.count > MOST_FOLIOS or missing.cancelled:
            asked = await self._uncounted(tx, found, whole)
            if asked is not None:
                spending = await self._lifetime.of(tx, found.id, str(found.rfc), asked)
                return Errand(periodo, missing.count, [asked], spending)
        asks = [
            Parametros.one(str(uuid), sentido=sentido, fecha=fecha.replace(microsecond=0), familia=familia)
            for uuid, fecha in await self._census.missing_ones(tx, stretch, limit=MOST_FOLIOS)
        ]
        open_ = [each for each in asks if not await self._is_going(tx, found.id, each)]
        return Errand(periodo, missing.count, open_)

    async def _is_on_its_way(self, tx: Transaction, contribuyente_id: int, asked: Parametros) -> bool:
        """Tell whether what is asked of a period is being asked already, of it or of more."""
        inicio, fin = asked.periodo.inicio, asked.periodo.fin
        going = await self._coverage.in_course(tx, [contribuyente_id], inicio, fin, tipo=asked.tipo)
        side = (asked.familia, asked.sentido)
        return any((each.familia, each.sentido) == side and each.inicio <= inicio and each.fin >= fin for each in going)

    async def _uncounted(self, tx: Transaction, found: Contribuyente, whole: Parametros) -> Parametros | None:
        """Answer one question for all of it that the SAT still counts as new; None when there is none."""
        now = mexico_time(self._clock.now())
        oldest, days = oldest_start(now), whole.periodo.until(now)
        asked = whole.over(days if days.inicio < days.fin else days.widened(1, oldest=oldest))
        for shift in range(_MOST_SHIFTS):
            try:
                fitting = await self._lifetime.fit(tx, found.id, str(found.rfc), asked, shift=shift)
            except LifetimeSpent:
                return None
            if await self._solicitudes.equal_to(tx, found.id, fitting) is None:
                return fitting
        return None

    async def _is_going(self, tx: Transaction, contribuyente_id: int, asked: Parametros) -> bool:
        twin = await self._solicitudes.of_folio(tx, contribuyente_id, asked.familia, asked.folio or "")
        return twin is not None and not twin.estado.is_final

    async def _ask(
        self, tx: Transaction, caller: Caller, found: Contribuyente, asks: Sequence[Parametros], why: str
    ) -> Sequence[SolicitudRow]:
        actor, now = actor_of(caller), self._clock.now()
        made = []
        for asked in asks:
            if not asked.folio:
                asked.check(mexico_time(now))
            twin = await self._solicitudes.equal_to(tx, found.id, asked)
            if twin is not None and not twin.estado.is_final:
                continue
            row = await self._solicitudes.reserve(
                tx,
                contribuyente_id=found.id,
                rfc=str(found.rfc),
                parametros=asked,
                estado=Estado.POR_ENVIAR,
                next_check_at=now,
                now=now,
                who=actor.name,
                attempt=twin.attempt + 1 if twin else 1,
            )
            if row is not None:
                await self._story.tell(tx, row, Suceso.CREADA, who=actor.name, mensaje=why)
                await self._events.publish(tx, SolicitudReady(str(row.id)), once=str(row.id))
                made.append(row)
        if made:
            await self._audit.record(
                tx,
                AuditAction.CREATE_REQUEST,
                actor=actor,
                target_type="contribuyente",
                target_id=str(found.rfc),
                after={"rfc": str(found.rfc), "creadas": len(made), "motivo": why},
            )
        return made
