"""The SAT's word on CFDIs over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.estatus.schemas import EstatusOut, HallazgoOut, HallazgosOut, HistoriaOut, LoteIn, LoteOut, LotesOut
from acuse.mx.estatus.service import EstatusService, LoteService
from acuse.webkit.services import provide

router = api_router("/api/v1/sat", tags=["SAT · Estado de los CFDI"])
Service = Annotated[EstatusService, provide(EstatusService)]
Lotes = Annotated[LoteService, provide(LoteService)]
UuidPath = Annotated[
    str,
    Path(description="Folio fiscal (UUID) del CFDI.", max_length=40, json_schema_extra={"format": "uuid"}),
]
RfcQuery = Annotated[
    str | None, Query(description="RFC del contribuyente, cuando varios tienen el mismo CFDI.", max_length=20)
]


@router.post("/cfdis/{uuid}/estatus", summary="Consultar un CFDI en el SAT")
@needs(Right.SAT_OPERATE)
async def consult(uuid: UuidPath, caller: Caller, service: Service, rfc: RfcQuery = None) -> EstatusOut:
    """Pregunta al SAT por un CFDI guardado, guarda la respuesta en su historia y marca su estado."""
    return EstatusOut.of(await service.consult(caller, uuid, rfc=rfc))


@router.get("/cfdis/{uuid}/estatus", summary="Historia de consultas de un CFDI")
@needs(Right.CFDI_READ)
async def history(uuid: UuidPath, caller: Caller, service: Service, rfc: RfcQuery = None) -> HistoriaOut:
    """Lo que el SAT ha dicho de un CFDI, de lo más reciente a lo más antiguo."""
    return HistoriaOut.of(await service.history(caller, uuid, rfc=rfc))


@router.post("/estatus/lotes", status_code=202, summary="Consultar en el SAT los CFDI de un filtro")
@needs(Right.SAT_OPERATE)
async def create_lote(wanted: LoteIn, caller: Caller, lotes: Lotes) -> LoteOut:
    """Pregunta por todos los CFDI que cumplen los filtros, en segundo plano y sin saturar al SAT.

    Si ya hay una consulta igual en curso se responde esa misma: pedirla dos veces no pregunta dos veces.
    """
    return LoteOut.of(await lotes.create(caller, wanted))


@router.get("/estatus/lotes", summary="Consultas en lote")
@needs(Right.CFDI_READ)
async def list_lotes(caller: Caller, lotes: Lotes) -> LotesOut:
    """Tus consultas en lote, de la más reciente a la más antigua."""
    return LotesOut(lotes=[LoteOut.of(each) for each in await lotes.list(caller)])


@router.get("/estatus/lotes/{lote_id}", summary="Avance de una consulta en lote")
@needs(Right.CFDI_READ)
async def get_lote(lote_id: UUID, caller: Caller, lotes: Lotes) -> LoteOut:
    """Cuántos CFDI se han consultado y qué se encontró."""
    return LoteOut.of(await lotes.get(caller, lote_id))


@router.get("/estatus/lotes/{lote_id}/hallazgos", summary="Lo que encontró una consulta en lote")
@needs(Right.CFDI_READ)
async def findings(lote_id: UUID, caller: Caller, lotes: Lotes) -> HallazgosOut:
    """Los CFDI que hay que ver: cancelados que aquí se tenían por vigentes, no encontrados, con cancelación en proceso.

    Hasta 500, con las cancelaciones primero.
    """
    return HallazgosOut(hallazgos=[HallazgoOut.about(each) for each in await lotes.findings(caller, lote_id)])


@router.post("/estatus/lotes/{lote_id}/reanudar", status_code=202, summary="Reanudar una consulta en lote")
@needs(Right.SAT_OPERATE)
async def resume_lote(lote_id: UUID, caller: Caller, lotes: Lotes) -> LoteOut:
    """Continúa donde se quedó; no repite lo ya consultado."""
    return LoteOut.of(await lotes.resume(caller, lote_id))
