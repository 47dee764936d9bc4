"""Issuing for people: ask ARCA for a certificate, watch how it goes; the credential for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Query, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.errors import DownloadBlocked
from acuse.ar.crs.service import QuotaService
from acuse.ar.emision.errors import CertificateInForce, CredentialNotFound, IssuanceStarted
from acuse.ar.emision.model import Emision, EstadoEmision
from acuse.ar.emision.service import CredentialService, IssuingService
from acuse.kernel.errors import Conflict, InvalidInput, NotAllowed
from acuse.webkit.blocks import Step
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

HOME = "/app/crs/emisiones"
_PAGE = 50
_STOP_POLLING = 286
"""htmx stops asking an address that answers so."""

router = page_router(HOME)
Issuing = Annotated[IssuingService, provide(IssuingService)]
Credentials = Annotated[CredentialService, provide(CredentialService)]
Quotas = Annotated[QuotaService, provide(QuotaService)]


@router.get("")
@needs(Right.CRS_DOWNLOAD)
async def list_page(
    request: Request, caller: Caller, issuing: Issuing, page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Response:
    """Show what was asked of ARCA and how issuing stands."""
    rows, total = await issuing.page(caller, page=page, limit=_PAGE)
    return render(
        request,
        "emision/list.html",
        rows=rows,
        page=page,
        pages=-(-total // _PAGE),
        total=total,
        standing=await issuing.standing(),
        manages=caller.may(Right.CRS_MANAGE),
        home=HOME,
    )


@router.get("/nuevo")
@needs(Right.CRS_DOWNLOAD)
async def ask_page(
    request: Request,
    caller: Caller,
    issuing: Issuing,
    quotas: Quotas,
    controlador: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show the form that asks for a certificate."""
    return await _form(request, caller, issuing, quotas, controlador)


@router.post("/nuevo")
@needs(Right.CRS_DOWNLOAD)
async def ask(
    request: Request,
    caller: Caller,
    issuing: Issuing,
    quotas: Quotas,
    controlador: Annotated[str, Form(max_length=40)],
    solicitud: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Ask for a certificate and show how it goes."""
    sent = None if solicitud is None else await solicitud.read()
    try:
        found = await issuing.ask(caller, ControladorId.parse(controlador), request=sent or None)
    except (InvalidInput, Conflict, DownloadBlocked) as fault:
        return await _form(request, caller, issuing, quotas, controlador, fault=fault)
    return redirect(request, f"{HOME}/{found.id}", note="Se pidió a ARCA. Esta página se actualiza sola.")


@router.get("/credencial")
@needs(Right.CRS_MANAGE)
async def credential_page(request: Request, issuing: Issuing) -> Response:
    """Show the company's credential and the form that changes it."""
    return render(request, "emision/credential.html", standing=await issuing.standing(), fault=None, home=HOME)


@router.post("/credencial")
@needs(Right.CRS_MANAGE)
async def put_credential(
    request: Request,
    caller: Caller,
    issuing: Issuing,
    credentials: Credentials,
    certificado: Annotated[UploadFile, File()],
    llave: Annotated[UploadFile, File()],
    password: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Check and seal the company's credential."""
    try:
        await credentials.put(caller.actor, await certificado.read(), await llave.read(), password)
    except InvalidInput as fault:
        return render(
            request,
            "emision/credential.html",
            status=fault.http_status,
            standing=await issuing.standing(),
            fault=fault,
            home=HOME,
        )
    return redirect(request, f"{HOME}/credencial", note="La credencial se comprobó y su llave está sellada.")


@router.post("/credencial/quitar")
@needs(Right.CRS_MANAGE)
async def remove_credential(request: Request, caller: Caller, credentials: Credentials) -> Response:
    """Remove the credential."""
    try:
        await credentials.remove(caller.actor)
    except CredentialNotFound as fault:
        return redirect(request, f"{HOME}/credencial", note=fault.text, state="attention")
    return redirect(request, f"{HOME}/credencial", note="La credencial se quitó.")


@router.post("/baja")
@needs(Right.CRS_MANAGE)
async def discharge(
    request: Request, caller: Caller, issuing: Issuing, controlador: Annotated[str, Form(max_length=40)]
) -> Response:
    """End a device at ARCA."""
    try:
        found = await issuing.discharge(caller, ControladorId.parse(controlador))
    except (InvalidInput, Conflict) as fault:
        return redirect(request, HOME, note=fault.text, state="failed")
    return redirect(request, f"{HOME}/{found.id}", note="Se pidió la baja a ARCA.")


@router.get("/{emision_id}")
@needs(Right.CRS_DOWNLOAD)
async def detail_page(request: Request, emision_id: UUID, caller: Caller, issuing: Issuing) -> Response:
    """Show one issuance with its story."""
    found = await issuing.get(caller, emision_id)
    return render(request, "emision/detail.html", found=found, steps=_steps(found), home=HOME)


@router.get("/{emision_id}/avance")
@needs(Right.CRS_DOWNLOAD)
async def progress(request: Request, emision_id: UUID, caller: Caller, issuing: Issuing) -> Response:
    """Answer how it goes for htmx; status 286 ends its asking."""
    found = await issuing.get(caller, emision_id)
    status = _STOP_POLLING if found.estado.is_final else 200
    return render(request, "emision/progress.html", status=status, found=found, steps=_steps(found), home=HOME)


@router.post("/{emision_id}/cancelar")
@needs(Right.CRS_DOWNLOAD)
async def cancel(request: Request, emision_id: UUID, caller: Caller, issuing: Issuing) -> Response:
    """Take back what ARCA was not asked yet."""
    try:
        await issuing.cancel(caller, emision_id)
    except IssuanceStarted as fault:
        return redirect(request, f"{HOME}/{emision_id}", note=fault.text, state="attention")
    return redirect(request, f"{HOME}/{emision_id}", note="Se canceló y el lugar del cupo quedó libre.")


async def _form(
    request: Request,
    caller: Caller,
    issuing: IssuingService,
    quotas: QuotaService,
    controlador: str,
    *,
    fault: InvalidInput | Conflict | NotAllowed | None = None,
) -> Response:
    in_force = fault.details.get("id_certificado") if isinstance(fault, CertificateInForce) else None
    return render(
        request,
        "emision/ask.html",
        status=200 if fault is None else fault.http_status,
        standing=await issuing.standing(),
        quota=await quotas.of(caller.user_id),
        controlador=controlador,
        fault=fault,
        in_force=in_force,
        home=HOME,
    )


def _steps(found: Emision) -> list[Step]:
    """Answer the story as a timeline, with what comes next at its end."""
    last = len(found.historia) - 1
    steps = [
        Step(
            title=line["message"],
            at=datetime.fromisoformat(line["at"]),
            state=found.estado.pill if place == last else "attention" if line.get("code") else "done",
            code=line.get("code", ""),
        )
        for place, line in enumerate(found.historia)
    ]
    if found.next_at is not None:
        steps.append(Step(title="Se vuelve a intentar", state="neutral"))
    elif found.estado is EstadoEmision.LLAMANDO:
        steps.append(Step(title="La respuesta de ARCA", state="working", text="Una llamada puede tardar 40 segundos."))
    return steps
