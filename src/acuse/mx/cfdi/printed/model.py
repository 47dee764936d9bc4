"""What a printed document consists of: facts and tables in sections. All values are text, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """How a value is set: running text, an exact code, an amount, or the folio fiscal of another document."""

    TEXT = "text"
    CODE = "code"
    AMOUNT = "amount"
    UUID = "uuid"


@dataclass(frozen=True)
class Fact:
    """A value with its name; `meaning` says in words what a catalogue key stands for."""

    label: str
    value: str
    meaning: str = ""
    kind: Kind = Kind.TEXT

    @property
    def text(self) -> str:
        """Answer key and meaning in one line."""
        return f"{self.value} · {self.meaning}" if self.meaning else self.value


@dataclass(frozen=True)
class Column:
    """A column of a table; `weight` is its share of the width on paper."""

    label: str
    kind: Kind = Kind.TEXT
    weight: int = 2


@dataclass(frozen=True)
class Table:
    """Rows under columns. `left_out` counts the rows that are only in the XML."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    left_out: int = 0


@dataclass(frozen=True)
class Section:
    """A titled part of the document."""

    title: str
    facts: Sequence[Fact] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the SAT says of the document now, which its XML cannot know."""

    cancelled: bool = False
    cancelled_at: datetime | None = None
    known: bool = False

    @property
    def words(self) -> str:
        """Answer it in words."""
        if self.cancelled:
            return f"Cancelado desde el {self.cancelled_at:%Y-%m-%d %H:%M}" if self.cancelled_at else "Cancelado"
        return "Vigente según los últimos datos del SAT" if self.known else "Sin datos del SAT sobre su estado"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A whole document. `verification` is what its QR code says: where the SAT verifies it."""

    title: str
    number: str
    uuid: str
    version: str
    document: Section
    parties: Sequence[Section]
    sections: Sequence[Section]
    totals: Sequence[Fact]
    stamp: Section
    verification: str

    def named(self) -> Iterator[str]:
        """Answer what it says of other documents' folios fiscales; old papers have other numbers there."""
        for section in (self.document, *self.sections):
            yield from (fact.value for fact in section.facts if fact.kind is Kind.UUID)
            for table in section.tables:
                places = [place for place, column in enumerate(table.columns) if column.kind is Kind.UUID]
                yield from (row[place] for row in table.rows for place in places)
