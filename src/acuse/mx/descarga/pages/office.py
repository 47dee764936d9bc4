"""The page that sends the fourteen for the clients chosen in their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import InvalidInput
from acuse.mx.descarga.service import OfficeService, ReadingService, YearOf
from acuse.mx.outside.sat_descarga.codes import Sentido
from acuse.webkit.pages import render
from acuse.webkit.services import provide

HOME = "/app/sat/varios"

router = page_router(HOME)
Office = Annotated[OfficeService, provide(OfficeService)]
Reading = Annotated[ReadingService, provide(ReadingService)]
_BOTH = {"E": [Sentido.EMITIDOS], "R": [Sentido.RECIBIDOS], "ER": [Sentido.EMITIDOS, Sentido.RECIBIDOS]}


@router.get("")
@needs(Right.SAT_OPERATE)
async def choose_page(
    request: Request, caller: Caller, reading: Reading, rfc: Annotated[list[str] | None, Query(max_length=500)] = None
) -> Response:
    """Show which year to send, and for whom."""
    return await _draw(request, caller, reading, rfc or [])


@router.post("")
@needs(Right.SAT_OPERATE)
async def send(
    request: Request,
    caller: Caller,
    office: Office,
    reading: Reading,
    rfc: Annotated[list[str] | None, Form(max_length=500)] = None,
    year: Annotated[str, Form(max_length=10)] = "",
    sentido: Annotated[str, Form(max_length=2)] = "",
) -> Response:
    """Send the fourteen of each and tell what came of it, client by client."""
    chosen = rfc or []
    try:
        told = await office.send_years(caller, chosen, _year(year, reading.years()), _sentidos(sentido))
    except InvalidInput as fault:
        return await _draw(request, caller, reading, chosen, fault=fault, values={"year": year, "sentido": sentido})
    return await _draw(request, caller, reading, chosen, told=told)


async def _draw(
    request: Request,
    caller: Caller,
    reading: ReadingService,
    chosen: Sequence[str],
    *,
    told: Sequence[YearOf] | None = None,
    fault: InvalidInput | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    operable = {str(found.rfc): found for found in await reading.operable(caller)}
    return render(
        request,
        "descarga/office.html",
        status=200 if fault is None else fault.http_status,
        chosen=[operable[rfc] for rfc in dict.fromkeys(chosen) if rfc in operable],
        left_out=[rfc for rfc in dict.fromkeys(chosen) if rfc not in operable],
        told=told,
        years=[(str(year), str(year)) for year in reading.years()],
        year_shown=str(reading.year_shown()),
        values=values or {},
        fault=fault,
        errors=dict(fault.fields) if fault else {},
    )


def _year(text: str, known: Sequence[int]) -> int:
    found = next((year for year in known if str(year) == text), None)
    if found is None:
        raise InvalidInput(fields={"year": "Elige un año de la lista."})
    return found


def _sentidos(text: str) -> Sequence[Sentido]:
    if text not in _BOTH:
        raise InvalidInput(fields={"sentido": "Elige emitidos, recibidos o ambos."})
    return _BOTH[text]
