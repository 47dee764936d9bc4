"""The list of article 69-B for people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Final

from fastapi import File, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, Identity, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import AppError
from acuse.mx.listas.model import Listed
from acuse.mx.listas.service import ListasService
from acuse.mx.outside.sat_listas.client import MOST_BYTES
from acuse.mx.outside.sat_listas.codes import Situacion
from acuse.webkit.limits import takes
from acuse.webkit.pages import redirect, render
from acuse.webkit.plots import Plot, Series, bars
from acuse.webkit.services import provide

HOME: Final = "/app/listas"

router = page_router(HOME)
Service = Annotated[ListasService, provide(ListasService)]


@router.get("")
@needs(Right.CFDI_READ)
async def home(request: Request, caller: Caller, service: Service) -> Response:
    """Show which counterparts are listed."""
    return await _home(request, caller, service, None)


@router.post("/traer")
@needs(Right.JOBS_MANAGE)
@takes(MOST_BYTES)
async def upload(
    request: Request, caller: Caller, service: Service, archivo: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Take in an uploaded list, or have it fetched when none was chosen."""
    try:
        if archivo is None or not archivo.filename:
            await service.ask()
            return redirect(request, HOME, note="La lista se descargará en seguida.")
        version = await service.take_in(await archivo.read(), origin="subida")
    except AppError as fault:
        return await _home(request, caller, service, fault)
    return redirect(request, HOME, note=f"Lista del {version.as_of:%d/%m/%Y} con {version.rows:,} renglones.")


async def _home(request: Request, caller: Identity, service: ListasService, fault: AppError | None) -> Response:
    listed = await service.listed(caller)
    return render(
        request,
        "listas/home.html",
        status=400 if fault else 200,
        listed=listed,
        endangered=sum(each.received for each in listed if each.endangers),
        plot=_plot(listed) if listed else None,
        versions=await service.versions(),
        warning=await service.warning(),
        fault=fault,
        may_import=caller.may(Right.JOBS_MANAGE),
        home=HOME,
    )


def _plot(listed: Sequence[Listed]) -> Plot:
    sums = dict.fromkeys(Situacion, Decimal(0))
    for each in listed:
        if each.situacion in set(Situacion):
            sums[Situacion(each.situacion)] += each.monto_mxn
    series = [Series("Monto", [float(amount) for amount in sums.values()])]
    short = [name.removeprefix("Sentencia ") for name in sums]
    return bars("Monto de los CFDI con contrapartes en la lista", short, series, unit="MXN")
