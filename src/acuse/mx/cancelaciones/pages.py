"""What was found cancelled, for people."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.mx.archivo import Direction
from acuse.mx.cancelaciones.service import CancelacionesService
from acuse.mx.contribuyentes import as_filter
from acuse.mx.rfc import Rfc
from acuse.webkit.pages import render
from acuse.webkit.services import provide

HOME: Final = "/app/cfdi/cancelados"
DAYS: Final = (7, 30, 90, 365)
_NONE: Final = (0, Decimal(0))

router = page_router(HOME)
Service = Annotated[CancelacionesService, provide(CancelacionesService)]


@router.get("")
@needs(Right.CFDI_READ)
async def home(
    request: Request,
    caller: Caller,
    service: Service,
    rfc: Annotated[str, Query(max_length=20)] = "",
    dias: Annotated[str, Query(max_length=4)] = "",
) -> Response:
    """Show what was found cancelled in the last days."""
    days = next((each for each in DAYS if str(each) == dias), 30)
    found = await service.recent(caller, rfc=rfc or None, days=days)
    tally = await service.tally(caller, rfc=rfc or None, days=days)
    visible = await service.taxpayers(caller)
    return render(
        request,
        "cancelaciones/home.html",
        found=found,
        days=[(str(each), f"Últimos {each} días") for each in DAYS],
        chosen={"rfc": rfc, "dias": str(days)},
        taxpayers=as_filter(visible),
        emitidos=tally.get(Direction.EMITIDO, _NONE),
        recibidos=tally.get(Direction.RECIBIDO, _NONE),
        unlisted=sum(count for count, _ in tally.values()) - len(found),
        address=lambda row: f"/app/cfdi/{Rfc.parse(row.rfc).path_segment}/{row.folio_fiscal}",
    )
