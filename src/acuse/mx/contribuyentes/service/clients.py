"""The clients of an office in one table: filtered, sorted, page by page, with figures other features know.

An office has hundreds of clients, not millions: those a caller may see are read at once and put in order here, since
the figures to sort by come from features that stand above this one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cmp_to_key
from typing import Final

from acuse.kernel.paging import Cursor, CursorValue, Page, check_limit, page_of
from acuse.mx.contribuyentes.errors import SortUnknown
from acuse.mx.contribuyentes.model import Caller, Contribuyente, EfirmaState
from acuse.mx.contribuyentes.service.taxpayers import ContribuyentesService


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What other features know of a taxpayer; None is not known here."""

    last_download: datetime | None = None
    missing: int | None = None


FiguresSource = Callable[[Sequence[int]], Awaitable[Mapping[int, Figures]]]
"""Answers figures by taxpayer id. A taxpayer it knows nothing of may be left out."""


@dataclass(frozen=True)
class Client:
    """A taxpayer with its figures."""

    taxpayer: Contribuyente
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """Something to do for several clients at once: a page asked with one `rfc` field for each chosen client."""

    label: str
    path: str
    icon: str
    right: str


@dataclass(frozen=True, kw_only=True)
class ClientFilter:
    """Which clients to show; None and empty leave a field open."""

    text: str = ""
    state: EfirmaState | None = None
    daily_download: bool | None = None

    def takes(self, found: Contribuyente) -> bool:
        """Answer whether a client passes."""
        if self.state is not None and found.state is not self.state:
            return False
        if self.daily_download is not None and found.daily_download is not self.daily_download:
            return False
        wanted = _plain(self.text)
        return wanted in _plain(str(found.rfc)) or wanted in _plain(found.name)


_Key = tuple[CursorValue, str]
_SORTS: Final[Mapping[str, Callable[[Client], CursorValue]]] = {
    "rfc": lambda client: str(client.taxpayer.rfc),
    "nombre": lambda client: _plain(client.taxpayer.name) or None,
    "vence": lambda client: client.taxpayer.efirma.valid_until.timestamp() if client.taxpayer.efirma else None,
    "descarga": lambda client: client.figures.last_download.timestamp() if client.figures.last_download else None,
    "faltantes": lambda client: client.figures.missing,
}
SORTS: Final = tuple(_SORTS)


class ClientsService:
    """The table of clients."""

    def __init__(self, contribuyentes: ContribuyentesService) -> None:
        self._contribuyentes = contribuyentes
        self._sources: list[FiguresSource] = []
        self._actions: list[BulkAction] = []

    def add_figures(self, source: FiguresSource) -> None:
        """Let a feature above tell what it knows of each client. Called where the house is put together."""
        self._sources.append(source)

    def offer(self, action: BulkAction) -> None:
        """Let a feature above offer something to do for chosen clients. Called where the house is put together."""
        self._actions.append(action)

    @property
    def actions(self) -> Sequence[BulkAction]:
        """Answer what is offered for chosen clients."""
        return self._actions

    async def page(
        self,
        caller: Caller,
        wanted: ClientFilter = ClientFilter(),
        *,
        sort: str = "",
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Page[Client]:
        """Answer a page of the caller's clients. `sort` is one of SORTS, with `-` before it from the last to the first.

        Clients without the value sorted by stand at the end either way. Raises SortUnknown, BadCursor, BadLimit.
        """
        size = check_limit(limit)
        name, falling = sort.removeprefix("-") or "rfc", sort.startswith("-")
        if name not in _SORTS:
            raise SortUnknown(sort=sort[:40], known=", ".join(SORTS))
        value = _SORTS[name]

        def key(client: Client) -> _Key:
            return value(client), str(client.taxpayer.rfc)

        def compare(one: _Key, other: _Key) -> int:
            return _compare(one, other, falling=falling)

        clients = await self._clients(
            [found for found in await self._contribuyentes.visible_to(caller) if wanted.takes(found)]
        )
        clients = sorted(clients, key=lambda client: cmp_to_key(compare)(key(client)))
        if cursor:
            value_seen, rfc_seen = Cursor.decode(cursor, lambda any_kind: any_kind, str)
            clients = [client for client in clients if compare(key(client), (value_seen, rfc_seen)) > 0]
        return page_of(clients[: size + 1], size, key)

    async def one(self, caller: Caller, rfc: str) -> Client:
        """Answer one client with its figures. Raises as `require_access`."""
        found = await self._contribuyentes.require_access(caller, rfc)
        return (await self._clients([found]))[0]

    async def _clients(self, found: Sequence[Contribuyente]) -> Sequence[Client]:
        ids = [item.id for item in found]
        told: dict[int, Figures] = dict.fromkeys(ids, Figures())
        for source in self._sources if ids else ():
            for contribuyente_id, figures in (await source(ids)).items():
                known = {name: value for name, value in vars(figures).items() if value is not None}
                told[contribuyente_id] = replace(told[contribuyente_id], **known)
        return [Client(item, told[item.id]) for item in found]


def _compare(one: _Key, other: _Key, *, falling: bool) -> int:
    """Compare two places of the table; without a value one stands at the end, equals stand by RFC."""
    (mine, my_rfc), (theirs, their_rfc) = one, other
    if mine is None or theirs is None or mine == theirs:
        order = (mine is None) - (theirs is None)
    else:
        order = -1 if _less(mine, theirs) is not falling else 1
    return order or (my_rfc > their_rfc) - (my_rfc < their_rfc)


def _less(mine: CursorValue, theirs: CursorValue) -> bool:
    """Compare two values of a column; a cursor of another column is of another kind and compares as text."""
    if isinstance(mine, int | float) and isinstance(theirs, int | float):
        return mine < theirs
    return str(mine) < str(theirs)


def _plain(text: str) -> str:
    """Answer text without case and accents, spaces trimmed."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter)).strip()
