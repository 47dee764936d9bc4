"""Completeness by month over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.mx.completitud.model import periodo_of, read_month
from acuse.mx.completitud.schemas import CompletitudOut, FaltantesOut, MesIn, PedidasOut
from acuse.mx.completitud.service import CompletitudService
from acuse.mx.descarga.service import MissingService
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido
from acuse.webkit.services import provide

router = api_router("/api/v1/sat/completitud", tags=["SAT · Completitud"])
Service = Annotated[CompletitudService, provide(CompletitudService)]
Missing = Annotated[MissingService, provide(MissingService)]
MonthQuery = Annotated[str | None, Query(description="AAAA-MM.", max_length=20)]


@router.get("", summary="Completitud por mes")
@needs(Right.SAT_READ)
async def rows(
    caller: Caller,
    service: Service,
    rfc: Annotated[str | None, Query(description="Sólo este contribuyente.", max_length=20)] = None,
    desde: MonthQuery = None,
    hasta: MonthQuery = None,
) -> CompletitudOut:
    """Qué conoce el SAT de cada mes, qué está aquí y qué falta, emitidos y recibidos aparte.

    Las retenciones vienen después de los CFDI, en renglones de su `familia`, donde se conoce o se pidió alguna.
    Sin meses se responde un año: el último cerrado hasta marzo, después el corriente. Un mes está completo cuando su
    Metadata cubre el mes entero, se pidió 72 horas después de terminar, y no falta ningún XML que el SAT entregue.
    """
    year = service.year_shown()
    first = read_month(desde) if desde else read_month(hasta or f"{year}-01").replace(month=1)
    last = read_month(hasta) if hasta else first.replace(month=12)
    return CompletitudOut.of(await service.rows(caller, first, last, rfc=rfc))


@router.get("/faltantes", summary="Qué costaría traer lo que falta")
@needs(Right.SAT_READ)
async def preview(
    caller: Caller,
    missing: Missing,
    rfc: Annotated[str, Query(max_length=20)],
    mes: Annotated[str, Query(description="AAAA-MM.", max_length=20)],
    tipo_comprobante: Sentido,
    familia: Familia = Familia.CFDI,
) -> FaltantesOut:
    """Cuántas solicitudes se enviarían y qué gastan del límite de por vida del SAT. No envía nada."""
    periodo = periodo_of(read_month(mes))
    return FaltantesOut.of(await missing.preview(caller, rfc, tipo_comprobante, periodo, familia=familia))


@router.post("/faltantes", status_code=202, summary="Traer lo que falta de un mes")
@needs(Right.SAT_OPERATE)
async def fetch(wanted: MesIn, caller: Caller, missing: Missing) -> PedidasOut:
    """Pide los XML que faltan: por folio, o con una solicitud de CFDI cuando son muchos. Repetirlo no duplica."""
    periodo = periodo_of(read_month(wanted.mes))
    made = await missing.fetch(caller, wanted.rfc, wanted.tipo_comprobante, periodo, familia=wanted.familia)
    return PedidasOut.of(made)


@router.post("/metadata", status_code=202, summary="Preguntar al SAT qué hay en un mes")
@needs(Right.SAT_OPERATE)
async def ask_metadata(wanted: MesIn, caller: Caller, missing: Missing) -> PedidasOut:
    """Pide, otra vez si hace falta, la Metadata de un mes hasta donde ha pasado. No gasta intentos de por vida."""
    periodo = periodo_of(read_month(wanted.mes))
    made = await missing.ask_metadata(caller, wanted.rfc, wanted.tipo_comprobante, periodo, familia=wanted.familia)
    return PedidasOut.of(made)
