"""What the simulated SAT holds of an invented taxpayer, made when it is asked for: only dates and places are kept."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Final, NamedTuple, overload

from acuse.mx.cfdi.corpus import CorpusEntry, Series
from acuse.mx.cfdi.corpus.generation import version_at
from acuse.mx.outside.sat_descarga.simulator import (
    Change,
    Document,
    Operation,
    Query,
    has_appeared,
    matches,
)

_EPOCH: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a document's date has no zone
_SECOND: Final = timedelta(seconds=1)
_PLACE_BITS: Final = 20
_MONTH_BITS: Final = 4
_COMPLEMENTS: Final = {"Nomina": "nomina12", "CartaPorte": "cartaporte31"}


class _Month(NamedTuple):
    """The documents of a month by date, some thirty bytes each: what nearly every query asks, and their places."""

    dates: array[int]
    stamps: array[int]
    cancelled: array[int]
    """When, or 0."""
    issued: bytes
    """Whether the corpus' own taxpayer issued it, 1 or 0."""
    efectos: str
    places: array[int]


class Source:
    """One corpus as documents of the SAT, with what switches changed of them. May be held by several taxpayers."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._months: dict[int, _Month] = {}
        self._changes: dict[tuple[int, int], Change] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return self._series.size

    def warm(self) -> None:
        """Look every month through, so that no caller waits for it."""
        for month in range(1, 13):
            self._month(month)

    def find(self, query: Query, today: datetime) -> Iterator[tuple[int, int]]:
        """Walk (month, place) of what a query matches, by date."""
        start, end, now = (None if at is None else _seconds(at) for at in (query.start, query.end, today))
        asked = self._asked(query)
        for month in self._months_between(query.start, query.end):
            held = self._month(month)
            first = 0 if start is None else bisect_left(held.dates, start)
            last = len(held.dates) if end is None else bisect_right(held.dates, end)
            for at in range(first, last):
                key = month, held.places[at]
                if key in self._changes or asked is None:
                    if matches(self.document(*key), query, today):
                        yield key
                elif held.stamps[at] <= (now or 0) and asked(held, at, now or 0):
                    yield key

    def _asked(self, query: Query) -> Callable[[_Month, int, int], bool] | None:
        """Answer the query as a question about the columns kept, or None when the document itself must be seen."""
        emitidos = query.operation is Operation.EMITIDOS
        if query.tercero or query.complemento or (query.receptores if emitidos else query.emisor):
            return None
        own = query.owner == self._series.taxpayer.rfc
        if emitidos and not own:
            return lambda _held, _at, _now: False
        side = int(emitidos)
        efecto, estado = query.efecto, query.estado

        def ask(held: _Month, at: int, now: int) -> bool:
            return (
                (not own or held.issued[at] == side)
                and efecto in {"", held.efectos[at]}
                and (estado == "Todos" or (0 < held.cancelled[at] <= now) == (estado == "Cancelado"))
            )

        return ask

    def document(self, month: int, place: int) -> Document:
        """Make one document."""
        entry = self._series.entry(month, place)
        document = _document(self._series, entry)
        change = self._changes.get((month, place))
        return document if change is None else change.apply(document)

    def by_folio(self, folio: str) -> Document | None:
        """Make the document of this UUID, or None."""
        entry = self._series.find(folio)
        return None if entry is None else self.document(*entry.position)

    def change(self, folio: str, change: Change) -> bool:
        """Change the document of this UUID; False when it is not of this corpus."""
        entry = self._series.find(folio)
        if entry is None:
            return False
        before = self._changes.get(entry.position, Change())
        self._changes[entry.position] = Change(
            fecha_cancelacion=change.fecha_cancelacion or before.fecha_cancelacion,
            appears=change.appears or before.appears,
        )
        return True

    def restore(self) -> None:
        """Take all changes back."""
        self._changes.clear()

    def _months_between(self, start: datetime | None, end: datetime | None) -> range:
        year = self._series.year
        first = 1 if start is None or start.year < year else start.month if start.year == year else 13
        last = 12 if end is None or end.year > year else end.month if end.year == year else 0
        return range(first, last + 1)

    def _month(self, month: int) -> _Month:
        with self._lock:
            if month not in self._months:
                self._months[month] = self._look_through(month)
            return self._months[month]

    def _look_through(self, month: int) -> _Month:
        series, own = self._series, self._series.taxpayer.rfc
        rows = sorted(
            (
                _seconds(entry.fecha),
                _seconds(entry.fecha_timbrado),
                0 if entry.fecha_cancelacion is None else _seconds(entry.fecha_cancelacion),
                entry.emisor_rfc == own,
                entry.efecto,
                place,
            )
            for place in range(series.count(month))
            for entry in (series.entry(month, place),)
        )
        return _Month(
            array("q", [row[0] for row in rows]),
            array("q", [row[1] for row in rows]),
            array("q", [row[2] for row in rows]),
            bytes(row[3] for row in rows),
            "".join(row[4] for row in rows),
            array("L", [row[5] for row in rows]),
        )


class Holdings:
    """All documents of one taxpayer and family, from one or several corpora."""

    def __init__(self, *sources: Source) -> None:
        self._sources = sources

    def __len__(self) -> int:
        return sum(len(source) for source in self._sources)

    def warm(self) -> None:
        """Look every month through, so that no caller waits for it."""
        for source in self._sources:
            source.warm()

    def find(self, query: Query, today: datetime) -> Sequence[Document]:
        """Answer what a query matches among what has appeared at this moment; documents are made when looked at."""
        if query.folio:
            one = self.by_folio(query.folio)
            return [one] if one is not None and has_appeared(one, today) else []
        keys = array("Q")
        for number, source in enumerate(self._sources):
            for month, place in source.find(query, today):
                keys.append((number << _MONTH_BITS | month) << _PLACE_BITS | place)
        return _Found(self._sources, keys)

    def by_folio(self, folio: str) -> Document | None:
        """Answer the document of this UUID (upper case), or None."""
        return next((found for source in self._sources if (found := source.by_folio(folio)) is not None), None)

    def change(self, folio: str, change: Change) -> bool:
        """Change the document of this UUID (upper case); False when it is not held."""
        return any(source.change(folio, change) for source in self._sources)

    def restore(self) -> None:
        """Take all changes back."""
        for source in self._sources:
            source.restore()


class _Found(Sequence[Document]):
    """Documents a query matched: eight bytes each, made anew whenever one is looked at."""

    def __init__(self, sources: Sequence[Source], keys: array[int]) -> None:
        self._sources = sources
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> Document: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Document]: ...

    def __getitem__(self, at: int | slice) -> Document | Sequence[Document]:
        if isinstance(at, slice):
            return _Found(self._sources, self._keys[at])
        key = self._keys[at]
        place = key & (1 << _PLACE_BITS) - 1
        month = key >> _PLACE_BITS & (1 << _MONTH_BITS) - 1
        return self._sources[key >> _PLACE_BITS + _MONTH_BITS].document(month, place)


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _SECOND


def _document(series: Series, entry: CorpusEntry) -> Document:
    return Document(
        uuid=entry.uuid,
        rfc_emisor=entry.emisor_rfc,
        nombre_emisor=entry.emisor_nombre,
        rfc_receptor=entry.receptor_rfc,
        nombre_receptor=entry.receptor_nombre,
        rfc_pac=entry.rfc_pac,
        fecha=entry.fecha,
        fecha_timbrado=entry.fecha_timbrado,
        total=entry.total,
        efecto=entry.efecto,
        fecha_cancelacion=entry.fecha_cancelacion,
        complementos=frozenset(_key_of(name, entry) for name in entry.complementos),
        rfc_tercero=entry.tercero_rfc or "",
        nombre_tercero=entry.tercero_nombre or "",
        xml=partial(series.xml, entry),
    )


def _key_of(complement: str, entry: CorpusEntry) -> str:
    """Name a complement as a solicitud's filter does."""
    if complement == "Pagos":
        return "pagos20" if version_at(entry.emisor_rfc, entry.fecha) == "4.0" else "pagos10"
    return _COMPLEMENTS[complement]
