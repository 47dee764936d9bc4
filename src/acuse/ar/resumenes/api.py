"""Statements over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import File, Query, Response, UploadFile

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.ar.resumenes.model import Month
from acuse.ar.resumenes.schemas import (
    ENDINGS,
    TYPES,
    ClosedOut,
    CloseIn,
    ResumenesOut,
    ResumenOut,
    VerdictOut,
    attachment,
)
from acuse.ar.resumenes.service import ClosingService, ResumenService
from acuse.ar.resumenes.service.reading import MOST_BYTES, Part
from acuse.webkit.limits import takes
from acuse.webkit.lists import PageNumber, PageSize, Pagination
from acuse.webkit.services import provide

router = api_router("/api/v1/crs/resumenes", tags=["CRS · Resúmenes mensuales"])
Service = Annotated[ResumenService, provide(ResumenService)]
Closing = Annotated[ClosingService, provide(ClosingService)]


@router.get("", summary="Los resúmenes mensuales")
@needs(Right.CRS_DOWNLOAD)
async def list_(
    caller: Caller,
    service: Service,
    mes: Annotated[str | None, Query(max_length=20, description="Sólo este mes, `AAAA-MM`.")] = None,
    page: PageNumber = 1,
    limit: PageSize = 50,
) -> ResumenesOut:
    """Los propios, o los de todos para un administrador; el mes más reciente primero."""
    found, total = await service.page(caller, mes=mes, page=page, limit=limit)
    return ResumenesOut(resumenes=[ResumenOut.of(one) for one in found], pagination=Pagination.of(page, limit, total))


@router.post("/cierre", summary="Cerrar un mes", status_code=201)
@needs(Right.CRS_MANAGE)
async def close(body: CloseIn, caller: Caller, closing: Closing) -> ClosedOut:
    """Una sola vez y para siempre: lo que cambie después sale en el resumen del mes siguiente."""
    month = Month.parse(body.mes)
    number = await closing.close(month, caller.actor)
    return ClosedOut(mes=str(month), resumenes=number, message=f"Se cerró {month.caption} con {number} resúmenes")


@router.post("/verificar", summary="Comprobar un archivo de un resumen")
@needs(Right.CRS_DOWNLOAD)
@takes(MOST_BYTES)
async def verify(
    _: Caller,
    service: Service,
    archivo: Annotated[UploadFile, File(description="El PDF, el CSV, la firma o el ZIP de los tres.")],
) -> VerdictOut:
    """Dice si es, sin cambios, lo que se cerró y se firmó."""
    return VerdictOut.of(await service.verify(await archivo.read()))


@router.get("/{resumen_id:uuid}", summary="Un resumen mensual")
@needs(Right.CRS_DOWNLOAD)
async def show(resumen_id: UUID, caller: Caller, service: Service) -> ResumenOut:
    """El propio, o cualquiera para un administrador; el de otro no existe."""
    return ResumenOut.of(await service.get(caller, resumen_id))


@router.get("/{resumen_id}/{parte}", summary="Un archivo de un resumen", response_class=Response)
@needs(Right.CRS_DOWNLOAD)
async def file(resumen_id: UUID, parte: Part, caller: Caller, service: Service) -> Response:
    """`pdf`, `csv` o `firma`: los bytes que se firmaron."""
    found, content = await service.file(caller, resumen_id, parte)
    return Response(content, media_type=TYPES[parte], headers=attachment(f"{found.name}.{ENDINGS[parte]}"))
