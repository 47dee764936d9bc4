"""Exports over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.contribuyentes.model import MEXICO_CITY
from acuse.mx.exportaciones.model import Exportacion, Formato
from acuse.mx.exportaciones.schemas import ExportacionesOut, ExportacionOut, ExportIn
from acuse.mx.exportaciones.service import ExportService
from acuse.webkit.files import file_answer
from acuse.webkit.lists import Style, csv_answer
from acuse.webkit.services import provide

ROOT = "/api/v1/sat/exportaciones"
router = api_router("/api/v1/sat", tags=["SAT · Exportaciones"])
Service = Annotated[ExportService, provide(ExportService)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "El archivo terminado."}
}


@router.get(
    "/cfdis.csv",
    summary="CFDI como CSV",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "Un renglón por CFDI, lo más reciente primero."}},
)
@needs(Right.CFDI_READ)
async def as_csv(query: Annotated[CfdiQuery, Query()], style: Style, caller: Caller, service: Service) -> Response:
    """Todos los CFDI que cumplen los filtros de la búsqueda, de una vez y sin límite de filas.

    Las celdas que una hoja de cálculo tomaría por fórmula llevan un apóstrofo delante.
    """
    pieces = await service.csv(caller, query, style)
    return await csv_answer("cfdi", service.today(MEXICO_CITY), pieces)


@router.get("/cfdis.xlsx", status_code=202, summary="CFDI como libro de Excel")
@needs(Right.CFDI_READ)
async def as_workbook(
    query: Annotated[CfdiQuery, Query()], caller: Caller, service: Service, response: Response
) -> ExportacionOut:
    """Manda hacer un libro con los CFDI que cumplen los filtros; `Location` dice dónde seguirlo.

    Si ya se está haciendo uno igual se responde ese mismo.
    """
    return _accepted(await service.create(caller, Formato.XLSX, query), response)


@router.post("/cfdis/zip", status_code=202, summary="ZIP de los XML")
@needs(Right.CFDI_READ)
async def as_zip(query: CfdiQuery, caller: Caller, service: Service, response: Response) -> ExportacionOut:
    """Manda hacer un ZIP con los XML de los CFDI que cumplen los filtros, como `AAAA-MM/E|R/UUID.xml`.

    Trae también `cfdi.csv`, con un renglón por CFDI aunque no tenga XML, y `LEEME.txt`. Con varios contribuyentes,
    cada uno va en la carpeta de su RFC.
    """
    return _accepted(await service.create(caller, Formato.ZIP, query), response)


@router.post("/exportaciones", status_code=202, summary="Crear una exportación")
@needs(Right.CFDI_READ)
async def create(wanted: ExportIn, caller: Caller, service: Service, response: Response) -> ExportacionOut:
    """Manda hacer un archivo en cualquiera de los formatos. `todo` es para el dueño del RFC y permite eliminarlo."""
    return _accepted(await service.create(caller, wanted.formato, wanted.query()), response)


@router.get("/exportaciones", summary="Exportaciones")
@needs(Right.CFDI_READ)
async def list_exports(caller: Caller, service: Service) -> ExportacionesOut:
    """Tus exportaciones, de la más reciente a la más antigua."""
    return ExportacionesOut(exportaciones=[ExportacionOut.of(each) for each in await service.list(caller)])


@router.get("/exportaciones/{export_id}", summary="Avance de una exportación")
@needs(Right.CFDI_READ)
async def get_export(export_id: UUID, caller: Caller, service: Service) -> ExportacionOut:
    """Cuántos CFDI lleva escritos, y hasta cuándo estará disponible."""
    return ExportacionOut.of(await service.get(caller, export_id))


@router.get("/exportaciones/{export_id}/archivo", summary="Descargar una exportación", response_class=Response,
            responses=_FILE)  # fmt: skip
@needs(Right.CFDI_READ)
async def export_file(export_id: UUID, caller: Caller, service: Service) -> Response:
    """El archivo terminado. Cada entrega queda en la bitácora."""
    found, pieces = await service.open(caller, export_id)
    return file_answer(pieces, found.file_name, found.formato.media_type, found.size_bytes)


@router.post("/exportaciones/{export_id}/cancelar", summary="Cancelar una exportación")
@needs(Right.CFDI_READ)
async def cancel(export_id: UUID, caller: Caller, service: Service) -> ExportacionOut:
    """Deja de hacerse y se borra lo que llevaba."""
    return ExportacionOut.of(await service.cancel(caller, export_id))


@router.post("/exportaciones/{export_id}/reanudar", status_code=202, summary="Reanudar una exportación")
@needs(Right.CFDI_READ)
async def resume(export_id: UUID, caller: Caller, service: Service) -> ExportacionOut:
    """Continúa donde se quedó."""
    return ExportacionOut.of(await service.resume(caller, export_id))


@router.delete("/exportaciones/{export_id}", status_code=204, summary="Borrar una exportación")
@needs(Right.CFDI_READ)
async def remove(export_id: UUID, caller: Caller, service: Service) -> None:
    """Borra su archivo antes de que termine su plazo."""
    await service.remove(caller, export_id)


def _accepted(found: Exportacion, response: Response) -> ExportacionOut:
    response.headers["Location"] = f"{ROOT}/{found.id}"
    response.headers["Cache-Control"] = "no-store"
    return ExportacionOut.of(found)
