"""Pages over the e.firma of a taxpayer: load, replace, remove, take out as PEM."""

from __future__ import annotations

import io
import zipfile
from typing import Annotated
from urllib.parse import quote

from fastapi import File, Form, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import AppError, Conflict, InvalidInput, NotAllowed
from acuse.mx.contribuyentes.model import FORM_LIMIT_BYTES, AccessLevel, Contribuyente
from acuse.mx.contribuyentes.pages.addresses import HOME, address
from acuse.mx.contribuyentes.service import ContribuyentesService, PemExports
from acuse.webkit.limits import takes
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

router = page_router(HOME)
Service = Annotated[ContribuyentesService, provide(ContribuyentesService)]
Exports = Annotated[PemExports, provide(PemExports)]

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


@router.get("/{rfc}/efirma/pem")
@needs(Right.SAT_OWN)
async def pem_page(request: Request, rfc: str, caller: Caller, service: Service) -> Response:
    """Show the form that takes an e.firma out."""
    found = await service.require_access(caller, rfc, AccessLevel.DUENO)
    return _pem_form(request, found)


@router.post("/{rfc}/efirma/pem")
@needs(Right.SAT_OWN)
async def export_pem(
    request: Request,
    rfc: str,
    caller: Caller,
    service: Service,
    exports: Exports,
    password_cuenta: Annotated[str, Form(max_length=200)] = "",
    password_pem: Annotated[str, Form(max_length=200)] = "",
    repetida: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Hand out certificate and encrypted key as a ZIP of two PEM files."""
    try:
        _same(password_pem, repetida)
        files = await exports.export(caller, rfc, account_password=password_cuenta, password=password_pem)
    except (InvalidInput, Conflict, NotAllowed) as fault:
        found = await service.require_access(caller, rfc, AccessLevel.DUENO)
        return _pem_form(request, found, fault=fault)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in zip(files.names, (files.certificate, files.key), strict=True):
            archive.writestr(name, text)
    name = quote(f"efirma_{files.rfc}.zip")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
    return Response(packed.getvalue(), media_type="application/zip", headers=headers)


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


def _pem_form(request: Request, found: Contribuyente, *, fault: AppError | None = None) -> Response:
    fields = fault.details.get("fields", {}) if fault else {}
    status = 200 if fault is None else fault.http_status
    return render(request, "contribuyentes/pem.html", status=status, found=found, fault=fault, errors=fields)


def _same(password: str, repeated: str) -> None:
    if password != repeated:
        raise InvalidInput(fields={"repetida": "No es igual a la anterior."})
