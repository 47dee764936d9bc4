"""Reports and metrics over HTTP."""

from typing import Annotated

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.ar.crs.api.envelope import ENVELOPE
from acuse.ar.crs.schemas import MetricsOut
from acuse.ar.crs.service import ReportService
from acuse.webkit.services import provide

reports = api_router("/reportes", envelope=ENVELOPE, tags=["CRS · Reportes"])
metrics = api_router("/metrics", envelope=ENVELOPE, tags=["CRS · Reportes"])
Service = Annotated[ReportService, provide(ReportService)]


@metrics.get("", summary="Métricas del tablero")
@needs(Right.CRS_MANAGE)
async def get_metrics(_: Caller, service: Service) -> MetricsOut:
    """Usuarios, descargas y pendientes de un mismo instante; el mes es el de Buenos Aires."""
    return MetricsOut.of(await service.metrics())
