"""Cancellations that were news, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.cancelaciones.schemas import CancelacionesOut, CancelacionOut
from acuse.mx.cancelaciones.service import CancelacionesService
from acuse.webkit.services import provide

router = api_router("/api/v1/sat/cancelaciones", tags=["SAT · Estado de los CFDI"])
Service = Annotated[CancelacionesService, provide(CancelacionesService)]


@router.get("", summary="CFDI cancelados recientemente")
@needs(Right.CFDI_READ)
async def recent(
    caller: Caller,
    service: Service,
    rfc: Annotated[str | None, Query(description="Sólo los de este contribuyente.", max_length=20)] = None,
    dias: Annotated[int, Query(description="Encontrados en los últimos días.", ge=1, le=3650)] = 30,
) -> CancelacionesOut:
    """Los CFDI que se tenían por vigentes y el SAT dio por cancelados, del hallazgo más reciente al más antiguo."""
    found = await service.recent(caller, rfc=rfc, days=dias)
    return CancelacionesOut(cancelaciones=[CancelacionOut.of(each) for each in found])
