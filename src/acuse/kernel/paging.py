"""Pages of a list by keyset: an opaque cursor says after which row the next page begins."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from acuse.kernel.errors import InvalidInput

T = TypeVar("T")
CursorValue = str | int | float | bool | None
MAX_LIMIT: Final = 500
_USUAL_LIMIT: Final = 50
_MAX_CURSOR: Final = 2000
_ROWS: Final = 2**63


class BadCursor(InvalidInput):
    """A cursor we did not make, or of another list."""

    code = "CURSOR_INVALID"
    message = "El marcador de página no es válido. Vuelve a pedir la primera página."


class BadLimit(InvalidInput):
    """More rows were asked for than a page may hold, or none."""

    code = "LIMIT_INVALID"
    message = "El número de filas por página debe estar entre 1 y {maximum}."


@dataclass(frozen=True)
class Cursor:
    """The sort key of the last row seen. Dates and ids go in as text (`isoformat()`, `str()`)."""

    key: tuple[CursorValue, ...]

    def encode(self) -> str:
        """Write the cursor as text that fits in an address."""
        plain = json.dumps(self.key, ensure_ascii=False, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()

    @staticmethod
    def decode(text: str, *kinds: Callable[[Any], Any]) -> tuple[Any, ...]:
        """Answer the values of a cursor, each made by its own kind (`UUID`, `datetime.fromisoformat`, `row_number`).

        Raises BadCursor on anything `encode` did not write, and on the cursor of another list.
        """
        if len(text) > _MAX_CURSOR:
            raise BadCursor
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if not isinstance(key, list) or any(isinstance(value, list | dict) for value in key):
                raise BadCursor
            return tuple(kind(value) for kind, value in zip(kinds, key, strict=True))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise BadCursor from error


def row_number(value: object) -> int:
    """Read the number of a row in a cursor; raises ValueError for what numbers no row."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _ROWS:
        raise ValueError(value)
    return value


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list and, when there are more, the cursor of the next page."""

    items: Sequence[T]
    next_cursor: str | None = None


def check_limit(limit: int | None) -> int:
    """Answer the page size asked for, or the usual one; raises BadLimit outside 1..MAX_LIMIT."""
    if limit is None:
        return _USUAL_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        raise BadLimit(maximum=MAX_LIMIT)
    return limit


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[CursorValue, ...]]) -> Page[T]:
    """Make a page of at most `limit` out of `limit + 1` rows read; the extra row only proves there are more."""
    items = rows[:limit]
    more = len(rows) > limit
    return Page(items, Cursor(key(items[-1])).encode() if more else None)
