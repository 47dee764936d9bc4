"""The page that takes many e.firmas at once: look first, then load the good ones."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import InvalidInput
from acuse.mx.contribuyentes.model import BATCH_LIMIT_BYTES
from acuse.mx.contribuyentes.pages.addresses import HOME
from acuse.mx.contribuyentes.service import BatchLoads, BatchReport, batch_of, files_of
from acuse.webkit.limits import takes
from acuse.webkit.pages import render
from acuse.webkit.services import provide

router = page_router(HOME)
Loads = Annotated[BatchLoads, provide(BatchLoads)]


@router.get("/lote")
@needs(Right.SAT_OWN)
async def batch_page(request: Request) -> Response:
    """Show the form."""
    return _draw(request)


@router.post("/lote")
@needs(Right.SAT_OWN)
@takes(BATCH_LIMIT_BYTES)
async def load(
    request: Request,
    caller: Caller,
    loads: Loads,
    archivos: Annotated[list[UploadFile] | None, File()] = None,
    accion: Annotated[str, Form(max_length=20)] = "revisar",
) -> Response:
    """Look at a batch or load it; with htmx only the result is answered, so that the chosen files stay chosen."""
    try:
        files = [file for sent in archivos or () for file in files_of(sent.filename or "", await sent.read())]
        report = await loads.run(caller, batch_of(files), trial=accion != "cargar")
    except InvalidInput as fault:
        return _draw(request, fault=fault)
    return _draw(request, report=report)


def _draw(request: Request, *, report: BatchReport | None = None, fault: InvalidInput | None = None) -> Response:
    partial = "hx-request" in request.headers
    name = "contribuyentes/batch_result.html" if partial else "contribuyentes/batch.html"
    status = 200 if fault is None or partial else fault.http_status
    return render(request, name, status=status, report=report, fault=fault, partial=partial)
