"""What was found cancelled, for people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.mx.archivo import Cancellation, Direction
from acuse.mx.cancelaciones.service import CancelacionesService
from acuse.mx.rfc import Rfc
from acuse.webkit.pages import render
from acuse.webkit.services import provide

HOME: Final = "/app/cfdi/cancelados"
DAYS: Final = (7, 30, 90, 365)

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
    return render(
        request,
        "cancelaciones/home.html",
        found=found,
        days=[(str(each), f"Últimos {each} días") for each in DAYS],
        chosen={"rfc": rfc, "dias": str(days)},
        emitidos=_sum(found, Direction.EMITIDO),
        recibidos=_sum(found, Direction.RECIBIDO),
        address=lambda row: f"/app/cfdi/{Rfc.parse(row.rfc).path_segment}/{row.folio_fiscal}",
    )


def _sum(found: Sequence[Cancellation], direction: Direction) -> tuple[int, Decimal]:
    """Answer how many there are of a side and what those in pesos add up to."""
    side = [each for each in found if each.direction is direction]
    return len(side), sum((each.total for each in side if (each.moneda or "MXN") == "MXN"), Decimal(0))
