"""What every list takes and answers: page numbers, days on the wall of a place, CSV files."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.responses import Response

from acuse.kernel.csv import CsvStyle
from acuse.kernel.errors import InvalidInput

MAX_PAGE: Final = 1_000_000_000
PageNumber = Annotated[int, Query(ge=1, le=MAX_PAGE, description="Número de página.")]
PageSize = Annotated[int, Query(ge=1, le=200, description="Elementos por página.")]


class Pagination(BaseModel):
    """Where a page stands in its list."""

    page: int
    limit: int
    total: int
    pages: int

    @classmethod
    def of(cls, page: int, limit: int, total: int) -> Self:
        """Answer it; `pages` is 0 for an empty list."""
        return cls(page=page, limit=limit, total=total, pages=-(-total // limit))


def day_range(
    first: str | None, last: str | None, zone: ZoneInfo, *, names: tuple[str, str]
) -> tuple[datetime | None, datetime | None]:
    """Answer the instants from the beginning of the first day up to, not with, the end of the last, in UTC.

    Days are `AAAA-MM-DD` on the wall of the zone; either may be missing. Raises InvalidInput naming the field.
    """
    start, end = _day(first, names[0]), _day(last, names[1])
    if start is not None and end is not None and start > end:
        raise InvalidInput(fields={names[1]: "La fecha final es anterior a la inicial."})
    return _midnight(start, zone), None if end is None else _midnight(end + timedelta(days=1), zone)


def _day(text: str | None, name: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if len(text) == len("AAAA-MM-DD") else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 9999:  # noqa: PLR2004 - what a calendar and a database both hold
        raise InvalidInput(fields={name: "Debe ser una fecha (AAAA-MM-DD)."})
    return day


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def _style(
    *,
    bom: Annotated[bool, Query(description="Con marca de UTF-8, para que Excel muestre la ñ.")] = True,
    sep: Annotated[Literal[",", ";"], Query(description="Separador; el de Excel en Argentina es `;`.")] = ",",
    manifest: Annotated[bool, Query(description="Con una última fila `#filas,<número>`.")] = False,
) -> CsvStyle:
    return CsvStyle(bom=bom, separator=sep, manifest=manifest)


Style = Annotated[CsvStyle, Depends(_style)]
"""How the caller wants a CSV."""


async def csv_answer(name: str, day: date, pieces: AsyncGenerator[bytes, None]) -> Response:
    """Answer a CSV as a file `<name>-<day>.csv`. What fails before the first byte is told as any other fault."""
    first = await anext(pieces)

    async def all_pieces() -> AsyncIterator[bytes]:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    return StreamingResponse(
        all_pieces(),
        media_type="text/csv; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f'attachment; filename="{name}-{day.isoformat()}.csv"',
            "Cache-Control": "no-store",
        },
    )
