"""What the simulated SAT holds of a taxpayer: CFDIs by date, found as a solicitud asks for them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from acuse.mx.outside.sat_descarga.simulator.names import Operation
from acuse.mx.outside.sat_descarga.simulator.parameters import Query


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One CFDI as the SAT knows it. Times are the naive wall clock of Mexico City; `xml` makes the stamped bytes."""

    uuid: str
    rfc_emisor: str
    nombre_emisor: str
    rfc_receptor: str
    nombre_receptor: str
    fecha: datetime
    fecha_timbrado: datetime
    total: Decimal
    efecto: str
    xml: Callable[[], bytes]
    rfc_pac: str = "SPR190613I52"
    fecha_cancelacion: datetime | None = None
    complementos: frozenset[str] = frozenset()
    rfc_tercero: str = ""
    nombre_tercero: str = ""


class Holdings:
    """The documents of one taxpayer in one family, ordered by date of issue."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._documents = sorted(documents, key=lambda one: (one.fecha, one.uuid))
        self._dates = [one.fecha for one in self._documents]
        self._by_uuid = {one.uuid.upper(): one for one in self._documents}

    def __len__(self) -> int:
        return len(self._documents)

    def find(self, query: Query, today: datetime) -> list[Document]:
        """Answer what a query matches among what is already stamped at this moment."""
        if query.folio:
            one = self._by_uuid.get(query.folio)
            return [one] if one is not None and one.fecha_timbrado <= today else []
        return [one for one in self._between(query.start, query.end) if _matches(one, query, today)]

    def by_folio(self, folio: str) -> Document | None:
        """Answer the document of this UUID (upper case), or None."""
        return self._by_uuid.get(folio)

    def _between(self, start: datetime | None, end: datetime | None) -> Iterator[Document]:
        first = 0 if start is None else bisect_left(self._dates, start)
        last = len(self._dates) if end is None else bisect_right(self._dates, end)
        return iter(self._documents[first:last])


def is_cancelled(document: Document, today: datetime) -> bool:
    """Tell whether it is cancelled by now."""
    return document.fecha_cancelacion is not None and document.fecha_cancelacion <= today


def _matches(one: Document, query: Query, today: datetime) -> bool:
    if one.fecha_timbrado > today:
        return False
    if query.operation is Operation.EMITIDOS:
        parties = one.rfc_emisor == query.owner and (not query.receptores or one.rfc_receptor in query.receptores)
    else:
        parties = one.rfc_receptor == query.owner and query.emisor in {"", one.rfc_emisor}
    return (
        parties
        and (query.estado == "Todos" or is_cancelled(one, today) == (query.estado == "Cancelado"))
        and query.efecto in {"", one.efecto}
        and query.tercero in {"", one.rfc_tercero}
        and (not query.complemento or query.complemento in one.complementos)
    )
