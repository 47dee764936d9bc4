"""Where a page of a list by instant and id begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from acuse.kernel.paging import BadCursor, Cursor


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """Answer the instant and id of the last row seen. Raises BadCursor."""
    at, last = _read(text, 2)
    return at, last


def read_period_cursor(text: str) -> tuple[datetime, datetime, UUID]:
    """Answer the instant, the start of the period and the id of the last row seen. Raises BadCursor."""
    at, start, last = _read(text, 3)
    return at, start, last


def _read(text: str, length: int) -> tuple[Any, ...]:
    *instants, last = Cursor.decode(text, length=length).key
    try:
        return *(datetime.fromisoformat(str(instant)) for instant in instants), UUID(str(last))
    except ValueError as error:
        raise BadCursor from error
