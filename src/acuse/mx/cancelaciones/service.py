"""Lists what was found cancelled and writes it, once, to the people of a taxpayer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from acuse.accounts import AccountsService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.mx.archivo import Cancellation, CancelledStore, Direction
from acuse.mx.contribuyentes import Contribuyente, ContribuyentesService
from acuse.mx.contribuyentes.model import Caller
from acuse.notices import Outbox, RecipientInvalid, Template

_LISTED: Final = 500
_WRITTEN: Final = 50


class CancelacionesService:
    """What the archive noted as cancelled after it was held as in force. A caller sees its taxpayers' alone."""

    def __init__(
        self,
        *,
        database: Database,
        store: CancelledStore,
        contribuyentes: ContribuyentesService,
        accounts: AccountsService,
        outbox: Outbox,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._database = database
        self._store = store
        self._contribuyentes = contribuyentes
        self._accounts = accounts
        self._outbox = outbox
        self._clock = clock
        self._public_url = public_url.rstrip("/")

    async def recent(
        self, caller: Caller, *, rfc: str | None = None, days: int | None = None
    ) -> Sequence[Cancellation]:
        """Answer what was found, newest first, of one taxpayer or all the caller may see; the last `days` or all."""
        ids = await self._ids(caller, rfc)
        since = None if days is None else self._clock.now() - timedelta(days=days)
        async with self._database.transaction() as tx:
            return await self._store.list(tx, ids, since=since, limit=_LISTED)

    async def tally(self, caller: Caller, *, rfc: str | None, days: int) -> Mapping[Direction, tuple[int, Decimal]]:
        """Answer by side how many were found in the last days, however many are listed, and their total in pesos."""
        ids = await self._ids(caller, rfc)
        async with self._database.transaction() as tx:
            return await self._store.tally(tx, ids, self._clock.now() - timedelta(days=days))

    async def taxpayers(self, caller: Caller) -> Sequence[Contribuyente]:
        """Answer the taxpayers the caller may see."""
        return await self._contribuyentes.visible_to(caller)

    async def count(self, caller: Caller, *, days: int) -> int:
        """Count what was found in the last days."""
        ids = await self._ids(caller, None)
        async with self._database.transaction() as tx:
            return await self._store.count(tx, ids, self._clock.now() - timedelta(days=days))

    async def tell(self, contribuyente_id: int) -> int:
        """Write to everybody with access what nobody was told yet; answer how many. A second call writes nothing."""
        found = await self._contribuyentes.get(contribuyente_id)
        rfc = str(found.rfc)
        people = [await self._accounts.get(each.user_id) for each in await self._contribuyentes.accesos(SYSTEM, rfc)]
        async with self._database.transaction() as tx:
            now = self._clock.now()
            news = await self._store.list(tx, [contribuyente_id], untold=True, limit=_LISTED)
            count = await self._store.mark_told(tx, contribuyente_id, now)
            if not count or not news:
                return 0
            context = {
                "rfc": rfc,
                "count": count,
                "cancelled": [_line(each) for each in news[:_WRITTEN]],
                "more": max(0, count - _WRITTEN),
                "url": self._public_url,
            }
            for person in people:
                if not person.mail or not person.is_active:
                    continue
                key = f"{Template.CFDI_CANCELLED}:{rfc}:{now.isoformat()}"
                try:
                    await self._outbox.enqueue(
                        tx, key=key, to=person.mail, template=Template.CFDI_CANCELLED, context=context
                    )
                except RecipientInvalid:
                    continue
        return count

    async def _ids(self, caller: Caller, rfc: str | None) -> list[int]:
        if rfc:
            return [(await self._contribuyentes.require_access(caller, rfc)).id]
        return [each.id for each in await self._contribuyentes.visible_to(caller)]


def _line(each: Cancellation) -> dict[str, str]:
    return {
        "uuid": each.folio_fiscal,
        "fecha": f"{each.fecha:%d/%m/%Y}",
        "contraparte": each.contraparte_nombre or each.contraparte_rfc,
        "total": f"${each.total:,.2f} {each.moneda or 'MXN'}",
    }
