"""Exports for people: buttons on the explorer, and one page with how far each is."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.csv import CsvStyle
from acuse.kernel.errors import Conflict, InvalidInput
from acuse.mx.archivo.schemas import CfdiQuery, in_words, whose
from acuse.mx.contribuyentes.model import MEXICO_CITY
from acuse.mx.exportaciones.model import Estado
from acuse.mx.exportaciones.schemas import ExportIn
from acuse.mx.exportaciones.service import ExportService
from acuse.webkit.files import file_answer
from acuse.webkit.lists import csv_answer
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide

HOME: Final = "/app/exportaciones"
STOP_POLLING: Final = 286
_FILTERS: Final = tuple(name for name in CfdiQuery.model_fields if name not in {"cursor", "limite"})

router = page_router(HOME)
Service = Annotated[ExportService, provide(ExportService)]


@router.get("")
@needs(Right.CFDI_READ)
async def home(request: Request, caller: Caller, service: Service) -> Response:
    """Show what is being made, and what can be taken."""
    return await _home(request, caller, service)


@router.post("")
@needs(Right.CFDI_READ)
async def create(request: Request, wanted: Annotated[ExportIn, Form()], caller: Caller, service: Service) -> Response:
    """Have a file made and go to where it can be followed."""
    try:
        found = await service.create(caller, wanted.formato, wanted.query())
    except (InvalidInput, Conflict) as fault:
        return await _home(request, caller, service, fault)
    return redirect(request, HOME, note=f"La exportación ({found.formato.caption}) quedó en camino.")


@router.get("/cfdi.csv")
@needs(Right.CFDI_READ)
async def as_csv(query: Annotated[CfdiQuery, Query()], caller: Caller, service: Service) -> Response:
    """Hand out the CFDIs of a filter as CSV."""
    return await csv_answer("cfdi", service.today(MEXICO_CITY), await service.csv(caller, query, CsvStyle()))


@router.get("/{export_id}/avance")
@needs(Right.CFDI_READ)
async def progress(request: Request, export_id: UUID, caller: Caller, service: Service) -> Response:
    """Answer how far one is for htmx; at its end the page is drawn anew."""
    found = await service.get(caller, export_id)
    running = found.estado is Estado.RUNNING
    status, headers = (200, {}) if running else (STOP_POLLING, {"HX-Refresh": "true"})
    return render(request, "exportaciones/progress.html", status=status, headers=headers, each=found, home=HOME)


@router.get("/{export_id}/archivo")
@needs(Right.CFDI_READ)
async def export_file(export_id: UUID, caller: Caller, service: Service) -> Response:
    """Hand out a finished file."""
    found, pieces = await service.open(caller, export_id)
    return file_answer(pieces, found.file_name, found.formato.media_type, found.size_bytes)


@router.post("/{export_id}/cancelar")
@needs(Right.CFDI_READ)
async def cancel(request: Request, export_id: UUID, caller: Caller, service: Service) -> Response:
    """Stop making one."""
    return await _act(request, caller, service, service.cancel(caller, export_id), "La exportación se canceló.")


@router.post("/{export_id}/reanudar")
@needs(Right.CFDI_READ)
async def resume(request: Request, export_id: UUID, caller: Caller, service: Service) -> Response:
    """Go on with one that stands still."""
    return await _act(request, caller, service, service.resume(caller, export_id), "Continúa donde se quedó.")


@router.post("/{export_id}/borrar")
@needs(Right.CFDI_READ)
async def remove(request: Request, export_id: UUID, caller: Caller, service: Service) -> Response:
    """Forget one."""
    return await _act(request, caller, service, service.remove(caller, export_id), "La exportación se borró.")


async def tools(request: Request) -> str:
    """Draw on the explorer the ways to take out what it found."""
    kept = {name: value for name in _FILTERS if (value := request.query_params.get(name, ""))}
    csv = f"{HOME}/cfdi.csv?{urlencode(kept)}"
    return fragment(request, "exportaciones/tools.html", kept=kept, csv=csv, home=HOME)


async def _act(request: Request, caller: Any, service: ExportService, act: Any, note: str) -> Response:
    try:
        await act
    except Conflict as fault:
        return await _home(request, caller, service, fault)
    return redirect(request, HOME, note=note)


async def _home(
    request: Request, caller: Any, service: ExportService, fault: InvalidInput | Conflict | None = None
) -> Response:
    exports = await service.list(caller)
    return render(
        request,
        "exportaciones/home.html",
        status=200 if fault is None else fault.http_status,
        running=[each for each in exports if each.estado is Estado.RUNNING],
        ended=[each for each in exports if each.estado is not Estado.RUNNING],
        fault=fault,
        home=HOME,
        now=request.app.state.clock.now(),
        told=in_words,
        whose=whose,
    )
