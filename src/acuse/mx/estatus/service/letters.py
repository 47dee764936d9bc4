"""Writes to the people of a taxpayer what was found cancelled, once for each question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from acuse.accounts import AccountsService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.database import Database
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.estatus.model import Cancelled
from acuse.mx.estatus.store import ConsultaStore
from acuse.notices import Outbox, RecipientInvalid, Template


class CancellationLetters:
    """One e-mail per question or batch, taxpayer and person; a second call writes nothing."""

    def __init__(
        self,
        *,
        database: Database,
        store: ConsultaStore,
        contribuyentes: ContribuyentesService,
        accounts: AccountsService,
        outbox: Outbox,
        public_url: str,
    ) -> None:
        self._database = database
        self._store = store
        self._contribuyentes = contribuyentes
        self._accounts = accounts
        self._outbox = outbox
        self._public_url = public_url.rstrip("/")

    async def tell_one(self, consulta_id: int) -> None:
        """Tell of the cancellation one question found."""
        async with self._database.transaction() as tx:
            found = await self._store.cancelled(tx, consulta_id=consulta_id)
        await self._tell(found, occasion=str(consulta_id))

    async def tell_lote(self, lote_id: UUID) -> None:
        """Tell of all the cancellations a batch found, by taxpayer."""
        async with self._database.transaction() as tx:
            found = await self._store.cancelled(tx, lote_id=lote_id)
        await self._tell(found, occasion=f"lote:{lote_id}")

    async def _tell(self, found: Sequence[Cancelled], *, occasion: str) -> None:
        by_rfc: dict[str, list[Cancelled]] = defaultdict(list)
        for each in found:
            by_rfc[each.rfc].append(each)
        for rfc, cancelled in by_rfc.items():
            context = {"rfc": rfc, "cancelled": [_line(each) for each in cancelled], "url": self._public_url}
            for access in await self._contribuyentes.accesos(SYSTEM, rfc):
                user = await self._accounts.get(access.user_id)
                if not user.mail or not user.is_active:
                    continue
                try:
                    async with self._database.transaction() as tx:
                        await self._outbox.enqueue(
                            tx,
                            key=f"{Template.CFDI_CANCELLED}:{rfc}:{occasion}",
                            to=user.mail,
                            template=Template.CFDI_CANCELLED,
                            context=context,
                        )
                except RecipientInvalid:
                    continue


def _line(each: Cancelled) -> dict[str, str]:
    return {
        "uuid": each.folio_fiscal,
        "fecha": f"{each.fecha:%d/%m/%Y}",
        "contraparte": each.contraparte,
        "total": f"${each.total:,.2f} {each.moneda or 'MXN'}",
    }
