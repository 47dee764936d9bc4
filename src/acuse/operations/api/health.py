"""Health and metrics for load balancers and monitors. They need no login and tell nothing of anybody."""

from typing import Annotated

from fastapi import Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from acuse.accounts.guards import api_router, public
from acuse.operations.service import OperationsService
from acuse.webkit.services import provide

Service = Annotated[OperationsService, provide(OperationsService)]
router = api_router("/health", tags=["Salud"])


@router.get("/live", summary="El proceso está en marcha")
@public("Lo consultan balanceadores y orquestadores, sin cuenta.")
async def live() -> dict[str, str]:
    """Answer 200 as long as the process answers at all."""
    return {"status": "ok"}


@router.get("/ready", summary="Se pueden atender peticiones", responses={503: {"description": "Falta algo esencial."}})
@public("Lo consultan balanceadores y orquestadores, sin cuenta.")
async def ready(service: Service) -> JSONResponse:
    """Answer 200 when database and storage work, else 503 naming what is missing."""
    results = await service.checkup(critical_only=True)
    missing = [result.caption for result in results if result.finding.state == "missing"]
    return JSONResponse({"status": "missing" if missing else "ok", "missing": missing}, 503 if missing else 200)


@router.get("/metrics", summary="Métricas para Prometheus", response_class=Response)
@public("Lo lee el monitor de la red interna; no contiene datos de personas.")
async def metrics(service: Service) -> Response:
    """Outgoing calls and faults of jobs of this process, and all jobs by state, as Prometheus reads them."""
    await service.measure()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
