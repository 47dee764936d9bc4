"""Imports over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Response, UploadFile

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.importaciones.model import UPLOAD_BYTES
from acuse.mx.importaciones.schemas import ImportacionesOut, ImportacionOut
from acuse.mx.importaciones.service import ImportService
from acuse.webkit.files import pieces_of
from acuse.webkit.limits import takes
from acuse.webkit.services import provide

ROOT = "/api/v1/sat/importaciones"
router = api_router(ROOT, tags=["SAT · Importaciones"])
Service = Annotated[ImportService, provide(ImportService)]


@router.post("", status_code=202, summary="Importar un archivo existente")
@needs(Right.SAT_OPERATE)
@takes(UPLOAD_BYTES)
async def create(
    *,
    archivo: Annotated[UploadFile, File(description="Un ZIP de XML, de paquetes del SAT o de metadatos.")],
    rfc: Annotated[str, Form(description="De quién es el archivo.", max_length=20)],
    caller: Caller,
    service: Service,
    response: Response,
    simular: Annotated[bool, Form(description="Sólo revisar y decir qué hay: no guarda nada.")] = False,
) -> ImportacionOut:
    """Guarda lo nuevo de un ZIP y lo indexa como si se hubiera descargado; `Location` dice dónde seguirlo.

    Lo ya conocido no se repite, lo de otros RFC no se guarda, y de cada archivo que no se pudo leer se dice el motivo.
    """
    made = await service.create(caller, rfc, archivo.filename or "", pieces_of(archivo), trial=simular)
    response.headers["Location"] = f"{ROOT}/{made.id}"
    return ImportacionOut.of(made)


@router.get("", summary="Importaciones")
@needs(Right.SAT_READ)
async def list_imports(caller: Caller, service: Service) -> ImportacionesOut:
    """Tus importaciones, de la más reciente a la más antigua."""
    return ImportacionesOut(importaciones=[ImportacionOut.of(each) for each in await service.list(caller)])


@router.get("/{import_id}", summary="Avance de una importación")
@needs(Right.SAT_READ)
async def get_import(import_id: UUID, caller: Caller, service: Service) -> ImportacionOut:
    """Cuántos archivos se han visto y qué se encontró."""
    return ImportacionOut.of(await service.get(caller, import_id))


@router.post("/{import_id}/reanudar", status_code=202, summary="Reanudar una importación")
@needs(Right.SAT_OPERATE)
async def resume(import_id: UUID, caller: Caller, service: Service) -> ImportacionOut:
    """Continúa: lo que ya quedó guardado no se repite."""
    return ImportacionOut.of(await service.resume(caller, import_id))
