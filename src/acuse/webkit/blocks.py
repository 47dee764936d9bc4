"""Small values the components take: columns, steps of a story, tabs, options."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["done", "working", "attention", "failed", "neutral"]
"""The four states a thing may be in, and none. Each has one colour, one icon and always a word beside it."""

CellKind = Literal["text", "number", "money", "date", "id", "main", "actions"]


@dataclass(frozen=True)
class Column:
    """A column of a table. `sort` is the name the list is sorted by when its heading is followed."""

    label: str
    sort: str = ""
    kind: CellKind = "text"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One event of a timeline: what happened, when, who, what the authority said. `at` is None for what comes next."""

    title: str
    at: datetime | None = None
    state: State = "done"
    text: str = ""
    who: str = ""
    said: str = ""
    code: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab, which is a link. `count` is shown beside the label when given."""

    label: str
    href: str
    current: bool = False
    count: int | None = None
