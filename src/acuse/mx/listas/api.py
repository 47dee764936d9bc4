"""The list of article 69-B over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import File, UploadFile

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.listas.schemas import AskedOut, ListadoOut, ListadosOut, VersionOut
from acuse.mx.listas.service import ListasService
from acuse.mx.outside.sat_listas.client import MOST_BYTES
from acuse.webkit.limits import takes
from acuse.webkit.services import provide

router = api_router("/api/v1/sat/listas/69b", tags=["SAT · Lista 69-B"])
Service = Annotated[ListasService, provide(ListasService)]


@router.get("", summary="Contrapartes en la lista del 69-B")
@needs(Right.CFDI_READ)
async def listed(caller: Caller, service: Service) -> ListadosOut:
    """Emisores y receptores de tus CFDI que están en la lista más reciente, desde cuándo, y cuánto suman."""
    versions = await service.versions()
    return ListadosOut(
        lista=VersionOut.of(versions[0]) if versions else None,
        aviso=await service.warning(),
        contrapartes=[ListadoOut.of(each) for each in await service.listed(caller)],
    )


@router.post("", status_code=201, summary="Subir la lista del 69-B")
@needs(Right.JOBS_MANAGE)
@takes(MOST_BYTES)
async def upload(
    service: Service, archivo: Annotated[UploadFile, File(description="El CSV como lo publica el SAT.")]
) -> VersionOut:
    """Guarda la versión y la compara con todos los CFDI. Subir dos veces el mismo archivo no avisa dos veces."""
    return VersionOut.of(await service.take_in(await archivo.read(), origin="subida"))


@router.post("/descargar", status_code=202, summary="Descargar ahora la lista del 69-B")
@needs(Right.JOBS_MANAGE)
async def fetch(service: Service) -> AskedOut:
    """Descarga, en segundo plano, la lista de la dirección configurada y la compara con todos los CFDI."""
    await service.ask()
    return AskedOut()
