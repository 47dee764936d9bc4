"""Imports the list, keeps every version, and finds the counterparts that stand in it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from acuse.accounts import AccountsService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.contribuyentes.model import Caller
from acuse.mx.listas.events import CounterpartListed, FetchAsked
from acuse.mx.listas.model import Listed, Version
from acuse.mx.listas.store import ListaStore
from acuse.mx.outside.sat_listas.client import SatListasClient
from acuse.mx.outside.sat_listas.wire import Row, open_list
from acuse.notices import Outbox, RecipientInvalid, Template

_VERSIONS: Final = 50
_COLUMNS: Final = ("version_id", "rfc", "nombre", "situacion", "notices")


class ListasService:
    """The list of article 69-B. Importing the same file twice, or matching twice, tells nobody twice."""

    def __init__(
        self,
        *,
        database: Database,
        store: ListaStore,
        client: SatListasClient,
        files: Files,
        contribuyentes: ContribuyentesService,
        accounts: AccountsService,
        outbox: Outbox,
        events: Events,
        clock: Clock,
        stale_days: int,
        public_url: str,
    ) -> None:
        self._database = database
        self._store = store
        self._client = client
        self._files = files
        self._contribuyentes = contribuyentes
        self._accounts = accounts
        self._outbox = outbox
        self._events = events
        self._clock = clock
        self._stale = timedelta(days=stale_days)
        self._public_url = public_url.rstrip("/")

    async def fetch(self) -> Version:
        """Fetch the list from its address and import it. Raises Unavailable, ListaUnreadable."""
        return await self.take_in(await self._client.fetch(), origin=self._client.url)

    async def ask(self) -> None:
        """Have the list fetched by a job; asked again while that waits, it is fetched once."""
        async with self._database.transaction() as tx:
            await self._events.publish(tx, FetchAsked(), once="69b")

    async def take_in(self, data: bytes, *, origin: str) -> Version:
        """Keep a file as published and bring it in, in one transaction; then match. Raises ListaUnreadable.

        A file known by its content is not brought in again. Of several versions the latest inner date counts.
        """
        lista = open_list(io.BytesIO(data))
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"listas/69b/{lista.as_of.isoformat()}_{sha256[:12]}.csv"
        await self._files.put(key, data)
        values = {
            "as_of": lista.as_of,
            "sha256": sha256,
            "size_bytes": len(data),
            "rows": 0,
            "suppressed": 0,
            "storage_key": key,
            "origin": origin,
            "imported_at": self._clock.now(),
        }
        async with self._database.transaction() as tx:
            version_id = await self._store.add(tx, values)
            if version_id is not None:
                count = _Count()
                rows = await self._database.copy_rows(tx, "lista_69b", _COLUMNS, count.over(version_id, lista.rows))
                await self._store.counted(tx, version_id, rows, count.suppressed)
        await self.match()
        async with self._database.transaction() as tx:
            kept = await self._store.by_hash(tx, sha256)
        assert kept is not None
        return kept

    async def match(self, contribuyente_id: int | None = None) -> int:
        """Look for counterparts of all stored CFDIs in the latest version; answer how many taxpayers have news.

        With an id only those of one taxpayer are looked at: its CFDIs may come later than the list.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            newest = await self._store.newest(tx)
            if newest is None:
                return 0
            news = await self._store.match(tx, newest.id, now, contribuyente_id)
            for each in sorted(news):
                await self._events.publish(tx, CounterpartListed(each, now.isoformat()))
        return len(news)

    async def tell(self, contribuyente_id: int, found_at: datetime) -> None:
        """Write to everybody with access what was found at an instant; a second call writes nothing."""
        async with self._database.transaction() as tx:
            newest = await self._store.newest(tx)
            if newest is None:
                return
            found = await self._store.listed(tx, newest.id, [contribuyente_id], told_at=found_at)
        if not found:
            return
        rfc = found[0].contribuyente
        context: dict[str, Any] = {
            "rfc": rfc,
            "listed": [_line(each) for each in found],
            "list_date": f"{newest.as_of:%d/%m/%Y}",
            "url": self._public_url,
        }
        for access in await self._contribuyentes.accesos(SYSTEM, rfc):
            user = await self._accounts.get(access.user_id)
            if not user.mail or not user.is_active:
                continue
            key = f"{Template.TAXPAYER_LISTED}:{contribuyente_id}:{found_at.isoformat()}"
            try:
                async with self._database.transaction() as tx:
                    await self._outbox.enqueue(
                        tx, key=key, to=user.mail, template=Template.TAXPAYER_LISTED, context=context
                    )
            except RecipientInvalid:
                continue

    async def listed(self, caller: Caller) -> Sequence[Listed]:
        """Answer the listed counterparts of the caller's taxpayers by the latest version."""
        visible = await self._contribuyentes.visible_to(caller)
        async with self._database.transaction() as tx:
            newest = await self._store.newest(tx)
            if newest is None:
                return []
            return await self._store.listed(tx, newest.id, [each.id for each in visible])

    async def versions(self) -> Sequence[Version]:
        """Answer the versions kept, the latest first."""
        async with self._database.transaction() as tx:
            return await self._store.versions(tx, _VERSIONS)

    async def warning(self) -> str | None:
        """Answer what is wrong with the latest version's inner date: a frozen address goes on answering."""
        async with self._database.transaction() as tx:
            newest = await self._store.newest(tx)
        if newest is None or self._clock.now().date() - newest.as_of <= self._stale:
            return None
        return (
            f"La lista del 69-B más reciente dice ser del {newest.as_of:%d/%m/%Y}. Puede que la dirección de descarga "
            "ya no se actualice: revisa SAT_LISTA_69B_URL o sube el archivo a mano."
        )


class _Count:
    """Counts what passes."""

    def __init__(self) -> None:
        self.suppressed = 0

    def over(self, version_id: int, rows: Iterator[Row]) -> Iterator[tuple[Any, ...]]:
        """Answer rows for COPY."""
        for row in rows:
            self.suppressed += row.is_suppressed
            yield version_id, row.rfc, row.nombre, row.situacion, list(row.notices)


def _line(each: Listed) -> dict[str, Any]:
    return {
        "rfc": each.rfc,
        "nombre": each.nombre,
        "situacion": each.situacion,
        "publicado": f"{each.published.dof:%d/%m/%Y}" if each.published.dof else "—",
        "cfdis": each.cfdis,
        "recibidos": each.received,
        "monto": f"${each.monto_mxn:,.2f} MXN",
    }
