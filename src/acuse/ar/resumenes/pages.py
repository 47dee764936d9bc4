"""Statements for people: the list, one of them, closing a month, and whether a file is genuine."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Query, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.ar.resumenes.errors import MonthClosed, MonthInvalid, MonthNotOver
from acuse.ar.resumenes.model import Month
from acuse.ar.resumenes.schemas import ENDINGS, TYPES, attachment
from acuse.ar.resumenes.service import ClosingService, ResumenService
from acuse.ar.resumenes.service.reading import MOST_BYTES, Part
from acuse.webkit.formats import plural
from acuse.webkit.limits import takes
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

HOME = "/app/crs/resumenes"
_PAGE = 50

router = page_router(HOME)
Service = Annotated[ResumenService, provide(ResumenService)]
Closing = Annotated[ClosingService, provide(ClosingService)]


@router.get("")
@needs(Right.CRS_DOWNLOAD)
async def list_page(
    request: Request,
    caller: Caller,
    service: Service,
    closing: Closing,
    mes: Annotated[str, Query(max_length=20)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the statements, and to administrators the form that closes a month."""
    error = ""
    try:
        rows, total = await service.page(caller, mes=mes or None, page=page, limit=_PAGE)
    except MonthInvalid as fault:
        error = fault.text
        rows, total = await service.page(caller, page=page, limit=_PAGE)
    return render(
        request,
        "resumenes/list.html",
        status=400 if error else 200,
        rows=rows,
        total=total,
        page=page,
        pages=-(-total // _PAGE),
        mes=mes,
        error=error,
        due=await closing.due(),
        manages=caller.may(Right.CRS_MANAGE),
        home=HOME,
    )


@router.post("/cierre")
@needs(Right.CRS_MANAGE)
async def close(
    request: Request, caller: Caller, closing: Closing, mes: Annotated[str, Form(max_length=20)]
) -> Response:
    """Close a month."""
    try:
        month = Month.parse(mes)
        number = await closing.close(month, caller.actor)
    except (MonthInvalid, MonthNotOver, MonthClosed) as fault:
        return redirect(request, HOME, note=fault.text, state="failed")
    return redirect(
        request, f"{HOME}?mes={month}", note=f"Se cerró {month.caption} con {plural(number, 'resumen', 'resúmenes')}."
    )


@router.get("/comprobar")
@needs(Right.CRS_DOWNLOAD)
async def verify_page(request: Request) -> Response:
    """Show the form that takes a file to verify."""
    return render(request, "resumenes/verify.html", verdict=None, home=HOME)


@router.post("/comprobar")
@needs(Right.CRS_DOWNLOAD)
@takes(MOST_BYTES)
async def verify(request: Request, service: Service, archivo: Annotated[UploadFile, File()]) -> Response:
    """Tell what a file proved to be."""
    return render(request, "resumenes/verify.html", verdict=await service.verify(await archivo.read()), home=HOME)


@router.get("/{resumen_id}")
@needs(Right.CRS_DOWNLOAD)
async def detail_page(request: Request, resumen_id: UUID, caller: Caller, service: Service) -> Response:
    """Show one statement with its files."""
    return render(request, "resumenes/detail.html", found=await service.get(caller, resumen_id), home=HOME)


@router.get("/{resumen_id}/zip/archivo")
@needs(Right.CRS_DOWNLOAD)
async def package(resumen_id: UUID, caller: Caller, service: Service) -> Response:
    """Hand out all files of a statement in a ZIP."""
    found, content = await service.package(caller, resumen_id)
    return Response(content, media_type="application/zip", headers=attachment(f"{found.name}.zip"))


@router.get("/{resumen_id}/{parte}/archivo")
@needs(Right.CRS_DOWNLOAD)
async def file(resumen_id: UUID, parte: Part, caller: Caller, service: Service) -> Response:
    """Hand out one file of a statement."""
    found, content = await service.file(caller, resumen_id, parte)
    return Response(content, media_type=TYPES[parte], headers=attachment(f"{found.name}.{ENDINGS[parte]}"))
