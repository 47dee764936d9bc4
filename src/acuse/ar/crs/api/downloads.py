"""Downloads over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Path, Query, Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.ar.crs.api.envelope import ENVELOPE
from acuse.ar.crs.model import DescargaFilter
from acuse.ar.crs.schemas import (
    BatchIn,
    BatchOut,
    DescargaOut,
    DescargasOut,
    EstadoIn,
    LimitIn,
    LimitsOut,
    ListQuery,
    MessageOut,
    PageQuery,
    PaginationOut,
    StartIn,
    StartOut,
    StatusOut,
    SummaryOut,
)
from acuse.ar.crs.service import BillingService, DownloadService, QuotaService
from acuse.ar.crs.service.downloads import next_cursor
from acuse.webkit.services import provide

router = api_router("/downloads", envelope=ENVELOPE, tags=["CRS · Descargas"])
Downloads = Annotated[DownloadService, provide(DownloadService)]
Billing = Annotated[BillingService, provide(BillingService)]
Quotas = Annotated[QuotaService, provide(QuotaService)]
UserId = Annotated[int, Path(ge=1, le=2**62, description="Número de usuario.")]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="Repetir el mismo inicio con la misma clave da la primera respuesta."),
]


@router.post("/start", summary="Iniciar la descarga de un certificado")
@needs(Right.CRS_DOWNLOAD)
async def start(body: StartIn, caller: Caller, service: Downloads, key: Key = None) -> StartOut:
    """Cuenta una descarga pendiente de facturar. Entregar el archivo después es gratis, las veces que haga falta.

    Con el límite alcanzado responde 403 con `pendingCount` y `limit`.
    """
    return StartOut.of(await service.start(caller, body.certificateId, key=key))


@router.get("", summary="Todas las descargas")
@needs(Right.CRS_MANAGE)
async def list_downloads(query: Annotated[ListQuery, Query()], _: Caller, service: Downloads) -> DescargasOut:
    """Las más recientes primero. Con `cursor` se lee a cualquier profundidad; con `page` se salta a una página."""
    wanted = query.wanted
    if query.cursor is not None:
        total = await service.total(wanted)
        behind = await service.after(wanted, cursor=query.cursor, limit=query.limit)
        rows, cursor = behind.items, behind.next_cursor
    else:
        rows, total = await service.page(wanted, page=query.page, limit=query.limit)
        cursor = next_cursor(rows) if query.page * query.limit < total else None
    return DescargasOut(
        descargas=[DescargaOut.of(row) for row in rows],
        pagination=PaginationOut.of(page=query.page, limit=query.limit, total=total, cursor=cursor),
    )


@router.get("/my-downloads", summary="Las descargas propias")
@needs(Right.CRS_DOWNLOAD)
async def my_downloads(query: Annotated[PageQuery, Query()], caller: Caller, service: Downloads) -> DescargasOut:
    """Las de quien pregunta, las más recientes primero."""
    rows, total = await service.page(DescargaFilter(usuario_id=caller.user_id), page=query.page, limit=query.limit)
    return DescargasOut(
        descargas=[DescargaOut.of(row) for row in rows],
        pagination=PaginationOut.of(page=query.page, limit=query.limit, total=total, cursor=None),
    )


@router.get("/limits", summary="El cupo propio")
@needs(Right.CRS_DOWNLOAD)
async def limits(caller: Caller, quotas: Quotas) -> LimitsOut:
    """Límite, pendientes y disponibles de quien pregunta."""
    return LimitsOut.of(await quotas.of(caller.user_id))


@router.put("/batch/estado", summary="Cambiar el estado de muchas descargas")
@needs(Right.CRS_MANAGE)
async def set_states(body: BatchIn, caller: Caller, billing: Billing) -> BatchOut:
    """Todas o ninguna, hasta 1000. Si algún identificador no existe responde 404 con `notFound` y no cambia nada."""
    done = await billing.set_states(body.ids, body.estado, actor=caller.actor)
    return BatchOut.of(done.changed, body.estado)


@router.get("/usuario/{user_id}", summary="Las descargas de un usuario")
@needs(Right.CRS_DOWNLOAD)
async def of_user(
    user_id: UserId, query: Annotated[PageQuery, Query()], caller: Caller, service: Downloads, quotas: Quotas
) -> list[DescargaOut]:
    """Las más recientes primero. Las de otro usuario, sólo para un administrador."""
    await quotas.visible(caller, user_id)
    rows, _ = await service.page(DescargaFilter(usuario_id=user_id), page=query.page, limit=query.limit)
    return [DescargaOut.of(row) for row in rows]


@router.get("/usuario/{user_id}/summary", summary="Resumen de descargas de un usuario")
@needs(Right.CRS_DOWNLOAD)
async def summary(user_id: UserId, caller: Caller, quotas: Quotas) -> SummaryOut:
    """Totales, límite y uso. Los de otro usuario, sólo para un administrador."""
    user, quota = await quotas.visible(caller, user_id)
    return SummaryOut.of(user.name, quota)


@router.put("/usuario/{user_id}/limite", summary="Cambiar el límite de un usuario")
@needs(Right.CRS_MANAGE)
async def set_limit(user_id: UserId, body: LimitIn, caller: Caller, quotas: Quotas) -> LimitsOut:
    """Bajarlo de lo pendiente no deshace nada: sólo impide iniciar más."""
    return LimitsOut.of(await quotas.set_limit(user_id, body.limite_descargas, actor=caller.actor))


@router.get("/{download_id}/status", summary="Estado y registro de una descarga")
@needs(Right.CRS_DOWNLOAD)
async def status(download_id: UUID, caller: Caller, service: Downloads) -> StatusOut:
    """La propia, o cualquiera para un administrador; la de otro no existe."""
    return StatusOut.of(await service.status(caller, download_id))


@router.get("/{download_id}/file", summary="El archivo de una descarga", response_class=Response)
@needs(Right.CRS_DOWNLOAD)
async def file(download_id: UUID, caller: Caller, service: Downloads) -> Response:
    """El certificado con su intermedio, en PEM. Se puede pedir las veces que haga falta: sólo contó el inicio."""
    delivery = await service.deliver(caller, download_id)
    return Response(delivery.content, media_type=delivery.media_type, headers=delivery.headers)


@router.put("/{download_id}/estado", summary="Cambiar el estado de una descarga")
@needs(Right.CRS_MANAGE)
async def set_state(download_id: UUID, body: EstadoIn, caller: Caller, billing: Billing) -> MessageOut:
    """Entre `Pendiente de Facturar` y `Facturado`, en los dos sentidos."""
    changed = await billing.set_state(download_id, body.estado, actor=caller.actor)
    return MessageOut(message=f"La descarga {'quedó' if changed else 'ya estaba'} en «{body.estado.value}»")
