"""The catalogue of device certificates over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Query, Request, UploadFile

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.ar.crs.api.envelope import ENVELOPE
from acuse.ar.crs.schemas import CatalogueQuery, CertificadoOut, UploadOut
from acuse.ar.crs.service import CatalogueService
from acuse.ar.crs.service.unpacking import UPLOAD_LIMIT_BYTES, Piece
from acuse.webkit.limits import takes
from acuse.webkit.services import provide

# Before the router of downloads: its paths begin alike.
router = api_router("/downloads/certificates", envelope=ENVELOPE, tags=["CRS · Catálogo"])
Service = Annotated[CatalogueService, provide(CatalogueService)]


@router.get("/available", summary="Certificados disponibles para descarga")
@needs(Right.CRS_DOWNLOAD)
async def available(
    request: Request, query: Annotated[CatalogueQuery, Query()], caller: Caller, service: Service
) -> list[CertificadoOut]:
    """Los certificados vigentes, el más reciente de cada controlador."""
    found = await service.available(
        caller, controlador=query.controlador_id, search=query.search, page=query.page, limit=query.limit
    )
    now = request.app.state.clock.now()
    return [CertificadoOut.of(one, now) for one in found]


@router.get("/{certificate_id}/preview", summary="Detalle de un certificado antes de descargarlo")
@needs(Right.CRS_DOWNLOAD)
async def preview(request: Request, certificate_id: UUID, caller: Caller, service: Service) -> CertificadoOut:
    """Nombre, controlador, vigencia, tamaño, huella, emisor y serie. El contenido sólo se entrega al descargar."""
    return CertificadoOut.of(await service.preview(caller, certificate_id), request.app.state.clock.now())


@router.post("", summary="Subir certificados de controladores", status_code=201)
@needs(Right.CRS_MANAGE)
@takes(UPLOAD_LIMIT_BYTES)
async def upload(
    caller: Caller,
    service: Service,
    archivos: Annotated[list[UploadFile], File(description="Uno o varios `.pem`, o un ZIP que los contenga.")],
) -> UploadOut:
    """Cada archivo se comprueba y se acepta o se rechaza por separado, con su motivo.

    Un archivo lleva el intermedio y el certificado del equipo. Se rechaza lo que contenga una llave privada, una
    cadena que no cierre, un nombre que no sea el del equipo, lo vencido y lo que no sea X.509.
    """
    sent = [Piece(file.filename or "archivo", await file.read()) for file in archivos]
    return UploadOut.of(await service.receive(caller.actor, sent))
