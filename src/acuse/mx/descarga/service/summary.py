"""The mail about a day's download: one for each person, a line for each of their clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from acuse.kernel.audit import SYSTEM
from acuse.kernel.database import Transaction
from acuse.mx.archivo import CancelledStore
from acuse.mx.contribuyentes import Contribuyente
from acuse.mx.descarga.service.daily import TELL_AFTER
from acuse.mx.descarga.service.dividing import needs_a_person
from acuse.mx.descarga.service.means import Desk, Means
from acuse.mx.descarga.store import DailyStore, Person
from acuse.mx.descarga.tables import DailyRunRow
from acuse.mx.outside.sat_descarga.codes import Familia
from acuse.notices import Outbox, RecipientInvalid, Template

_DONE: Final = "Terminó."
_NOT_ASKED: Final = "No se pidió nada: no tiene e.firma vigente."


@dataclass(frozen=True)
class ClientLine:
    """What the day brought for one client; `status` is a Spanish sentence, `attention` that somebody must look.

    `retenciones` is None where they were not asked for.
    """

    rfc: str
    name: str
    status: str
    cfdis: int = 0
    retenciones: int | None = None
    cancelled: int = 0
    attention: bool = False


class SummaryService(Desk):
    """Tells of the daily download."""

    def __init__(
        self, means: Means, *, store: DailyStore, cancelled: CancelledStore, outbox: Outbox, public_url: str
    ) -> None:
        super().__init__(means)
        self._store = store
        self._cancelled = cancelled
        self._outbox = outbox
        self._public_url = public_url

    async def tell(self, day: date) -> int:
        """Write one mail to each person about the runs of a day that have all ended, or are late; answer how many.

        Late is what began nine hours ago, by the first of them. Each run is told of once.
        """
        known = {one.id: one for one in await self._contribuyentes.visible_to(SYSTEM)}
        async with self._database.transaction() as tx:
            now = self._clock.now()
            runs = {run.contribuyente_id: run for run in await self._store.untold(tx, day)}
            runs = {each: run for each, run in runs.items() if each in known}
            is_late = any(now >= run.created_at + TELL_AFTER for run in runs.values())
            if not runs or not (is_late or all(run.ended_at for run in runs.values())):
                return 0
            lines = {each: await self._line(tx, known[each], run) for each, run in runs.items()}
            lines |= {one.id: _not_asked(one) for one in known.values() if one.id not in lines and _left_out(one)}
            letters = await self._letters(tx, lines, runs)
            for person, of in letters.items():
                await self._write(tx, person, day, [lines[each] for each in of], runs[next(iter(runs.keys() & of))])
            for run in runs.values():
                run.told_at = now
        return len(letters)

    async def _letters(
        self, tx: Transaction, lines: Mapping[int, ClientLine], runs: Mapping[int, DailyRunRow]
    ) -> Mapping[Person, Sequence[int]]:
        """Answer whom to write about which taxpayers: whoever operates one that was asked for."""
        of: defaultdict[Person, list[int]] = defaultdict(list)
        for person, contribuyente_id in await self._store.people(tx, lines.keys()):
            of[person].append(contribuyente_id)
        return {person: mine for person, mine in of.items() if runs.keys() & mine}

    async def _line(self, tx: Transaction, of: Contribuyente, run: DailyRunRow) -> ClientLine:
        rows = await self._store.of_run(tx, run.id)
        failed = sum(needs_a_person(one) for one in rows)
        on_the_way = len(rows) - failed - sum(one.estado.is_success for one in rows)
        asked = {one.familia for one in rows}
        new = {familia: await self._store.new_documents(tx, run.id, familia) for familia in asked}
        return ClientLine(
            str(of.rfc),
            of.name,
            _failed(failed) if failed else _on_the_way(on_the_way) if on_the_way else _DONE,
            cfdis=new.get(Familia.CFDI, 0),
            retenciones=new.get(Familia.RETENCIONES),
            cancelled=await self._cancelled.mark_told(tx, of.id, self._clock.now()),
            attention=bool(failed),
        )

    async def _write(
        self, tx: Transaction, person: Person, day: date, of: Sequence[ClientLine], run: DailyRunRow
    ) -> None:
        withheld = [line.retenciones for line in of if line.retenciones is not None]
        context = {
            "clients": sorted(of, key=lambda line: (not line.attention, line.rfc)),
            "day": f"{day:%d/%m/%Y}",
            "cfdis": sum(line.cfdis for line in of),
            "retenciones": sum(withheld) if withheld else None,
            "cancelled_count": sum(line.cancelled for line in of),
            "attention": sum(line.attention for line in of),
            "url": self._public_url,
        }
        key = f"{Template.DOWNLOAD_SUMMARY}:{person.user_id}:{run.id}"
        try:
            await self._outbox.enqueue(tx, key=key, to=person.mail, template=Template.DOWNLOAD_SUMMARY, context=context)
        except RecipientInvalid:
            return


def _left_out(one: Contribuyente) -> bool:
    return one.daily_download and not one.can_sign


def _not_asked(one: Contribuyente) -> ClientLine:
    return ClientLine(str(one.rfc), one.name, _NOT_ASKED, attention=True)


def _failed(count: int) -> str:
    return "Una solicitud falló." if count == 1 else f"{count} solicitudes fallaron."


def _on_the_way(count: int) -> str:
    return "Una solicitud sigue en camino." if count == 1 else f"{count} solicitudes siguen en camino."
