"""What the simulated SAT holds of a taxpayer: CFDIs by date, found as a solicitud asks for them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from acuse.mx.outside.sat_descarga.simulator.names import Operation
from acuse.mx.outside.sat_descarga.simulator.parameters import Query


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One CFDI as the SAT knows it. Times are the naive wall clock of Mexico City; `xml` makes the stamped bytes.

    `appears` is when it reaches the service, where that is later than its stamp.
    """

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
    appears: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a switch changes of a document: when it is cancelled, or when it appears."""

    fecha_cancelacion: datetime | None = None
    appears: datetime | None = None

    def apply(self, document: Document) -> Document:
        """Answer the document so changed."""
        return replace(
            document,
            fecha_cancelacion=self.fecha_cancelacion or document.fecha_cancelacion,
            appears=self.appears or document.appears,
        )


class Holdings(Protocol):
    """The documents of one taxpayer in one family, in a list or made when they are asked for."""

    def __len__(self) -> int:
        """Answer how many there are."""
        ...

    def find(self, query: Query, today: datetime) -> Sequence[Document]:
        """Answer what a query matches among what has appeared at this moment, always in the same order."""
        ...

    def by_folio(self, folio: str) -> Document | None:
        """Answer the document of this UUID (upper case), or None."""
        ...

    def change(self, folio: str, change: Change) -> bool:
        """Change the document of this UUID (upper case); False when it is not held."""
        ...

    def restore(self) -> None:
        """Take all changes back."""
        ...


class Listed:
    """Holdings kept as a list, ordered by date of issue."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        self._made = sorted(documents, key=lambda one: (one.fecha, one.uuid))
        self._documents = list(self._made)
        self._dates = [one.fecha for one in self._documents]
        self._places = {one.uuid.upper(): place for place, one in enumerate(self._documents)}

    def __len__(self) -> int:
        return len(self._documents)

    def find(self, query: Query, today: datetime) -> Sequence[Document]:
        """Answer what a query matches among what has appeared at this moment."""
        if query.folio:
            one = self.by_folio(query.folio)
            return [one] if one is not None and has_appeared(one, today) else []
        first = 0 if query.start is None else bisect_left(self._dates, query.start)
        last = len(self._dates) if query.end is None else bisect_right(self._dates, query.end)
        return [one for one in self._documents[first:last] if matches(one, query, today)]

    def by_folio(self, folio: str) -> Document | None:
        """Answer the document of this UUID (upper case), or None."""
        place = self._places.get(folio)
        return None if place is None else self._documents[place]

    def change(self, folio: str, change: Change) -> bool:
        """Change the document of this UUID (upper case); False when it is not held."""
        place = self._places.get(folio)
        if place is None:
            return False
        self._documents[place] = change.apply(self._documents[place])
        return True

    def restore(self) -> None:
        """Take all changes back."""
        self._documents = list(self._made)


def has_appeared(document: Document, today: datetime) -> bool:
    """Tell whether the service knows it by now."""
    return max(document.fecha_timbrado, document.appears or document.fecha_timbrado) <= today


def is_cancelled(document: Document, today: datetime) -> bool:
    """Tell whether it is cancelled by now."""
    return document.fecha_cancelacion is not None and document.fecha_cancelacion <= today


def matches(one: Document, query: Query, today: datetime) -> bool:
    """Tell whether a query asks for it, its dates apart."""
    if not has_appeared(one, today):
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
