"""Imports for people: a form that takes a ZIP, and what was in each."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import File, Form, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, Identity, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from acuse.mx.contribuyentes import as_choices
from acuse.mx.importaciones.model import TOLD_KEPT, UPLOAD_BYTES, Estado
from acuse.mx.importaciones.service import ImportService
from acuse.webkit.files import no_pieces, pieces_of
from acuse.webkit.limits import takes
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide

HOME: Final = "/app/importaciones"
STOP_POLLING: Final = 286

router = page_router(HOME)
Service = Annotated[ImportService, provide(ImportService)]


@router.get("")
@needs(Right.SAT_READ)
async def home(request: Request, caller: Caller, service: Service) -> Response:
    """Show the form, and what was brought in."""
    return await _home(request, caller, service, {"rfc": request.query_params.get("rfc", "")})


@router.post("")
@needs(Right.SAT_OPERATE)
@takes(UPLOAD_BYTES)
async def create(
    request: Request,
    caller: Caller,
    service: Service,
    archivo: Annotated[UploadFile | None, File()] = None,
    rfc: Annotated[str, Form(max_length=20)] = "",
    accion: Annotated[str, Form(max_length=20)] = "importar",
) -> Response:
    """Take a ZIP and go to how far it is."""
    try:
        name, pieces = ("", no_pieces()) if archivo is None else (archivo.filename or "", pieces_of(archivo))
        made = await service.create(caller, rfc, name, pieces, trial=accion == "revisar")
    except (InvalidInput, NotFound, NotAllowed) as fault:
        return await _home(request, caller, service, {"rfc": rfc}, fault)
    return redirect(request, f"{HOME}/{made.id}", note="El archivo se recibió; se está revisando.")


@router.get("/{import_id}")
@needs(Right.SAT_READ)
async def import_page(request: Request, import_id: UUID, caller: Caller, service: Service) -> Response:
    """Show how far one is and what was in it."""
    found = await service.get(caller, import_id)
    return render(request, "importaciones/detail.html", found=found, told_kept=TOLD_KEPT, home=HOME)


@router.get("/{import_id}/avance")
@needs(Right.SAT_READ)
async def progress(request: Request, import_id: UUID, caller: Caller, service: Service) -> Response:
    """Answer how far one is for htmx; at its end the page is drawn anew."""
    found = await service.get(caller, import_id)
    running = found.estado is Estado.RUNNING
    headers = {} if running else {"HX-Refresh": "true"}
    return render(
        request,
        "importaciones/progress.html",
        status=200 if running else STOP_POLLING,
        headers=headers,
        found=found,
        home=HOME,
    )


@router.post("/{import_id}/reanudar")
@needs(Right.SAT_OPERATE)
async def resume(request: Request, import_id: UUID, caller: Caller, service: Service) -> Response:
    """Go on with one that stopped."""
    try:
        await service.resume(caller, import_id)
    except Conflict as fault:
        return redirect(request, f"{HOME}/{import_id}", note=fault.text, state="attention")
    return redirect(request, f"{HOME}/{import_id}", note="Continúa; lo ya guardado no se repite.")


async def tools(request: Request) -> str:
    """Draw on the explorer the way to bring in an archive, for those who may."""
    identity: Identity = request.state.identity
    return fragment(request, "importaciones/tools.html", home=HOME) if identity.may(Right.SAT_OPERATE) else ""


async def _home(
    request: Request, caller: Identity, service: ImportService, sent: dict[str, str], fault: Any = None
) -> Response:
    taxpayers = await service.taxpayers(caller)
    errors = dict(fault.fields) if isinstance(fault, InvalidInput) else {}
    return render(
        request,
        "importaciones/home.html",
        status=200 if fault is None else fault.http_status,
        imports=await service.list(caller),
        taxpayers=as_choices(taxpayers),
        may_import=caller.may(Right.SAT_OPERATE),
        sent=sent,
        fault=fault,
        errors=errors,
        home=HOME,
    )
