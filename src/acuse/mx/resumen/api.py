"""Months in figures over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.resumen.schemas import ResumenOut
from acuse.mx.resumen.service import ResumenService
from acuse.webkit.services import provide

router = api_router("/api/v1/sat/resumen", tags=["SAT · CFDI"])
Service = Annotated[ResumenService, provide(ResumenService)]
RfcQuery = Annotated[str, Query(description="El contribuyente.", max_length=20)]
YearQuery = Annotated[int | None, Query(description="Sin él, el del CFDI más reciente.", ge=2000, le=2100)]


@router.get("", summary="Resumen mensual")
@needs(Right.CFDI_READ)
async def year(caller: Caller, service: Service, rfc: RfcQuery, year: YearQuery = None) -> ResumenOut:
    """Por mes: cuántos CFDI, importes, IVA, ISR, PUE y PPD, y lo cobrado o pagado, en pesos; los cancelados aparte."""
    return ResumenOut.of(await service.year(caller, rfc, year))


@router.get(
    ".csv",
    summary="Resumen mensual en CSV",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}, "description": "Un renglón por mes y sentido."}},
)
@needs(Right.CFDI_READ)
async def year_csv(caller: Caller, service: Service, rfc: RfcQuery, year: YearQuery = None) -> Response:
    """Lo mismo, para una hoja de cálculo."""
    found = ResumenOut.of(await service.year(caller, rfc, year))
    return Response(found.csv(), media_type="text/csv; charset=utf-8", headers=found.file_headers)
