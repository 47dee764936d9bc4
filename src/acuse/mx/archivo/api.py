"""The stored CFDIs over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.archivo.schemas import CfdiQuery, CfdisOut
from acuse.mx.archivo.service import ArchivoService, DocumentosService
from acuse.webkit.services import provide

router = api_router("/api/v1/sat/cfdis", tags=["SAT · CFDI"])
Service = Annotated[ArchivoService, provide(ArchivoService)]
Documents = Annotated[DocumentosService, provide(DocumentosService)]
UuidPath = Annotated[
    str,
    Path(description="Folio fiscal (UUID) del CFDI.", max_length=40, json_schema_extra={"format": "uuid"}),
]
RfcQuery = Annotated[
    str | None, Query(description="RFC del contribuyente, cuando varios tienen el mismo CFDI.", max_length=20)
]


@router.get("", summary="Buscar CFDI")
@needs(Right.CFDI_READ)
async def list_cfdis(query: Annotated[CfdiQuery, Query()], caller: Caller, service: Service) -> CfdisOut:
    """Los CFDI de los contribuyentes que puedes ver, del más reciente al más antiguo.

    Los filtros se suman. Para la página siguiente repite la consulta con `cursor` igual a `siguiente`.
    """
    page = await service.search(caller, query.filter(), rfc=query.rfc, cursor=query.cursor, limit=query.limite)
    return CfdisOut.of(page)


@router.get(
    "/{uuid}/xml",
    summary="XML de un CFDI",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}, "description": "El XML, byte por byte como lo dio el SAT."}},
)
@needs(Right.CFDI_READ)
async def get_xml(uuid: UuidPath, caller: Caller, service: Service, rfc: RfcQuery = None) -> Response:
    """El XML tal como está en el paquete del SAT."""
    found = await service.xml(caller, uuid, rfc=rfc)
    headers = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return Response(found.content, media_type="application/xml", headers=headers)


@router.get(
    "/{uuid}/pdf",
    summary="PDF de un CFDI",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {}}, "description": "La representación impresa, con el QR del SAT."}
    },
)
@needs(Right.CFDI_READ)
async def get_pdf(uuid: UuidPath, caller: Caller, documents: Documents, rfc: RfcQuery = None) -> Response:
    """La representación impresa, hecha del XML guardado; si está cancelado, lo dice."""
    found = await documents.pdf(caller, uuid, rfc=rfc)
    headers = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return Response(found.content, media_type="application/pdf", headers=headers)
