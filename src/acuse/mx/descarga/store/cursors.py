"""Where a page of a list by instant and id begins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from acuse.kernel.paging import BadCursor, Cursor


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """Answer the instant and id of the last row seen. Raises BadCursor."""
    at, last = Cursor.decode(text, length=2).key
    try:
        return datetime.fromisoformat(str(at)), UUID(str(last))
    except ValueError as error:
        raise BadCursor from error
