"""Reports and metrics over HTTP."""

from typing import Annotated

from fastapi import Query, Request, Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.ar.crs.api.envelope import ENVELOPE
from acuse.ar.crs.model import ZONE
from acuse.ar.crs.schemas import FilterQuery, MetricsOut
from acuse.ar.crs.service import ReportService
from acuse.webkit.lists import Style, csv_answer
from acuse.webkit.services import provide

reports = api_router("/reportes", envelope=ENVELOPE, tags=["CRS · Reportes"])
metrics = api_router("/metrics", envelope=ENVELOPE, tags=["CRS · Reportes"])
Service = Annotated[ReportService, provide(ReportService)]


@metrics.get("", summary="Métricas del tablero")
@needs(Right.CRS_MANAGE)
async def get_metrics(_: Caller, service: Service) -> MetricsOut:
    """Usuarios, descargas y pendientes de un mismo instante; el mes es el de Buenos Aires."""
    return MetricsOut.of(await service.metrics())


@reports.get("/descargas/csv", summary="Exportar listado de descargas en CSV", response_class=Response)
@needs(Right.CRS_MANAGE)
async def downloads_csv(
    request: Request, query: Annotated[FilterQuery, Query()], style: Style, caller: Caller, service: Service
) -> Response:
    """Todas las descargas del filtro, no una página. La exportación queda en la auditoría con su filtro y sus filas."""
    pieces = service.export(query.wanted, style, actor=caller.actor)
    day = request.app.state.clock.now().astimezone(ZONE).date()
    return await csv_answer("descargas", day, pieces)
