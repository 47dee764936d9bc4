"""Taxpayers and their e.firmas for people."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, Form, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.model import Role
from acuse.accounts.rights import Identity, Right
from acuse.kernel.errors import Conflict, InvalidInput, NotAllowed
from acuse.mx.contribuyentes.model import FORM_LIMIT_BYTES, AccessLevel, Contribuyente, needs_attention
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.rfc import Rfc
from acuse.webkit.limits import takes
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide

HOME = "/app/contribuyentes"

router = page_router(HOME)
Service = Annotated[ContribuyentesService, provide(ContribuyentesService)]

# The field beside which a fault of the files is shown, by its code.
FIELD_OF = {
    "WRONG_KEY_PASSWORD": "password",
    "KEY_PASSWORD_MISSING": "password",
    "NOT_A_PRIVATE_KEY": "key",
    "UNSUPPORTED_KEY": "key",
    "KEY_TOO_COSTLY": "key",
    "KEY_DOES_NOT_MATCH": "key",
    "CERTIFICATE_INSTEAD_OF_KEY": "key",
    "NOT_A_CERTIFICATE": "cer",
    "NOT_AN_EFIRMA": "cer",
    "CSD_INSTEAD_OF_EFIRMA": "cer",
    "CERTIFICATE_WITHOUT_RFC": "cer",
    "EFIRMA_EXPIRED": "cer",
    "EFIRMA_NOT_YET_VALID": "cer",
    "EFIRMA_OF_ANOTHER_RFC": "cer",
    "EFIRMA_ISSUER_UNKNOWN": "cer",
    "KEY_INSTEAD_OF_CERTIFICATE": "cer",
}


@router.get("")
@needs(Right.SAT_READ)
async def list_page(request: Request, caller: Caller, service: Service) -> Response:
    """Show the taxpayers the caller may see."""
    found = await service.visible_to(caller)
    return render(request, "contribuyentes/list.html", found=found, may_upload=caller.may(Right.SAT_OWN))


@router.get("/nueva-efirma")
@needs(Right.SAT_OWN)
async def upload_page(request: Request) -> Response:
    """Show the form that takes an e.firma; the RFC is read from the certificate."""
    return _form(request, None)


@router.post("/nueva-efirma")
@needs(Right.SAT_OWN)
@takes(FORM_LIMIT_BYTES)
async def upload(
    request: Request,
    caller: Caller,
    service: Service,
    cer: Annotated[UploadFile | None, File()] = None,
    key: Annotated[UploadFile | None, File()] = None,
    password: Annotated[str, Form()] = "",
) -> Response:
    """Take an e.firma and show the taxpayer it belongs to."""
    return await _take(request, caller, service, None, (cer, key, password))


@router.get("/{rfc}")
@needs(Right.SAT_READ)
async def detail_page(request: Request, rfc: str, caller: Caller, service: Service) -> Response:
    """Show one taxpayer and its e.firma."""
    found = await service.require_access(caller, rfc)
    owns = found.level is AccessLevel.DUENO and caller.may(Right.SAT_OWN)
    return render(request, "contribuyentes/detail.html", found=found, owns=owns, errors={}, fault=None)


@router.post("/{rfc}/efirma")
@needs(Right.SAT_OWN)
@takes(FORM_LIMIT_BYTES)
async def replace(
    request: Request,
    rfc: str,
    caller: Caller,
    service: Service,
    cer: Annotated[UploadFile | None, File()] = None,
    key: Annotated[UploadFile | None, File()] = None,
    password: Annotated[str, Form()] = "",
) -> Response:
    """Take a newer e.firma of this taxpayer."""
    found = await service.require_access(caller, rfc, AccessLevel.DUENO)
    return await _take(request, caller, service, found, (cer, key, password))


@router.post("/{rfc}/efirma/eliminar")
@needs(Right.SAT_OWN)
async def delete(request: Request, rfc: str, caller: Caller, service: Service) -> Response:
    """Destroy the sealed key and go back to the taxpayer."""
    await service.delete_efirma(caller, rfc)
    return redirect(request, address(rfc), note="La llave de la e.firma se eliminó.")


def address(rfc: str) -> str:
    """Answer where the page of a taxpayer is; the RFC may hold `&` and `Ñ`."""
    return f"{HOME}/{Rfc.parse(rfc).path_segment}"


async def home_panel(request: Request) -> str:
    """Draw what the home page says about e.firmas: load the first one, or those missing, ended or about to end."""
    service: ContribuyentesService = request.app.state.services[ContribuyentesService]
    identity: Identity = request.state.identity
    found = await service.visible_to(identity)
    waiting = [item for item in found if needs_attention(item)]
    first = not found and identity.role is Role.CONTRIBUYENTE
    if not waiting and not first:
        return ""
    return str(fragment(request, "contribuyentes/home.html", found=found, waiting=waiting))


async def _take(
    request: Request,
    caller: Caller,
    service: ContribuyentesService,
    found: Contribuyente | None,
    sent: tuple[UploadFile | None, UploadFile | None, str],
) -> Response:
    cer, key, password = sent
    certificate, private_key = [b"" if file is None else await file.read() for file in (cer, key)]
    try:
        told = await service.upload_efirma(
            caller, certificate, private_key, password, rfc=None if found is None else found.rfc
        )
    except (InvalidInput, Conflict, NotAllowed) as fault:
        return _form(request, found, fault=fault)
    note = f"La e.firma de {told.name} quedó en uso."
    return redirect(request, address(str(told.rfc)), note=note)


def _form(
    request: Request, found: Contribuyente | None, *, fault: InvalidInput | Conflict | NotAllowed | None = None
) -> Response:
    errors: dict[str, str] = {}
    if isinstance(fault, InvalidInput):
        errors |= fault.fields
    if fault is not None and (field := FIELD_OF.get(fault.code)) is not None:
        errors.setdefault(field, fault.text)
    status = 200 if fault is None else fault.http_status
    return render(request, "contribuyentes/upload.html", status=status, found=found, fault=fault, errors=errors)
