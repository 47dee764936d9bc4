"""The CRS for people: catalogue and own downloads for resellers, billing and figures for administrators."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fastapi import Depends, File, Form, Query, Request, UploadFile
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Identity, Right
from acuse.ar.controladores import ControladorId, InvalidControlador
from acuse.ar.crs.errors import ArchiveUnreadable, DatesReversed, DescargasNotFound, DownloadBlocked, NothingToUpload
from acuse.ar.crs.model import RADAR_DAYS, ZONE, DescargaFilter, EstadoDescarga
from acuse.ar.crs.pages import cells
from acuse.ar.crs.pages.cells import HOME
from acuse.ar.crs.service import (
    BillingService,
    CatalogueService,
    DownloadService,
    QuotaService,
    Radar,
    ReportService,
)
from acuse.ar.crs.service.unpacking import UPLOAD_LIMIT_BYTES, Piece
from acuse.kernel.csv import CsvStyle
from acuse.kernel.errors import InvalidInput
from acuse.webkit import plots
from acuse.webkit.formats import plural
from acuse.webkit.limits import takes
from acuse.webkit.lists import csv_answer
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide

_PAGE = 50
_RECENT = 10

router = page_router(HOME)
Catalogue = Annotated[CatalogueService, provide(CatalogueService)]
Downloads = Annotated[DownloadService, provide(DownloadService)]
Billing = Annotated[BillingService, provide(BillingService)]
Quotas = Annotated[QuotaService, provide(QuotaService)]
Reports = Annotated[ReportService, provide(ReportService)]
Expiring = Annotated[Radar, provide(Radar)]


@router.get("")
@needs(Right.CRS_DOWNLOAD)
async def catalogue_page(
    request: Request,
    caller: Caller,
    catalogue: Catalogue,
    quotas: Quotas,
    buscar: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show the certificates to download, with the caller's quota."""
    found = await catalogue.available(caller, search=buscar, limit=_PAGE + 1)
    return render(
        request,
        "crs/catalogue.html",
        found=found[:_PAGE],
        more=len(found) > _PAGE,
        buscar=buscar,
        quota=await quotas.of(caller.user_id),
        now=request.app.state.clock.now(),
        manages=caller.may(Right.CRS_MANAGE),
    )


@router.post("/certificados/{certificate_id}/descargar")
@needs(Right.CRS_DOWNLOAD)
async def start(
    request: Request,
    certificate_id: UUID,
    caller: Caller,
    downloads: Downloads,
    key: Annotated[str | None, Form(max_length=200)] = None,
) -> Response:
    """Start a download and show it; at the limit say what to do."""
    try:
        started = await downloads.start(caller, certificate_id, key=key or None)
    except DownloadBlocked as fault:
        return render(request, "crs/blocked.html", status=fault.http_status, fault=fault)
    note = f"Descarga iniciada: {started.pending} de {started.limite} pendientes."
    return redirect(request, f"{HOME}/descargas/{started.id}", note=note)


@router.get("/certificados/{certificate_id}")
@needs(Right.CRS_DOWNLOAD)
async def certificate_page(
    request: Request, certificate_id: UUID, caller: Caller, catalogue: Catalogue, quotas: Quotas
) -> Response:
    """Show one certificate before it is downloaded."""
    found = await catalogue.preview(caller, certificate_id)
    return render(
        request,
        "crs/certificate.html",
        found=found,
        quota=await quotas.of(caller.user_id),
        manages=caller.may(Right.CRS_MANAGE),
        key=uuid4(),  # pressed twice, or sent again by the browser, the form is still one download
        now=request.app.state.clock.now(),
    )


@router.get("/mis-descargas")
@needs(Right.CRS_DOWNLOAD)
async def mine_page(
    request: Request,
    caller: Caller,
    downloads: Downloads,
    quotas: Quotas,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the caller's own downloads."""
    rows, total = await downloads.page(DescargaFilter(usuario_id=caller.user_id), page=page, limit=_PAGE)
    pages = -(-total // _PAGE)
    quota = await quotas.of(caller.user_id)
    return render(request, "crs/mine.html", rows=rows, total=total, page=page, pages=pages, quota=quota, cells=cells)


@router.get("/por-vencer")
@needs(Right.CRS_DOWNLOAD)
async def ending_page(request: Request, caller: Caller, radar: Expiring) -> Response:
    """Show the certificates about to end: all of them to an administrator, else those of one's own devices."""
    manages = caller.may(Right.CRS_MANAGE)
    return render(
        request,
        "crs/ending.html",
        found=await radar.ending(None if manages else caller.user_id),
        days=RADAR_DAYS[-1],
        manages=manages,
        now=request.app.state.clock.now(),
    )


@router.get("/descargas/{download_id}")
@needs(Right.CRS_DOWNLOAD)
async def download_page(request: Request, download_id: UUID, caller: Caller, downloads: Downloads) -> Response:
    """Show one download with its log."""
    found = await downloads.status(caller, download_id)
    own = found.id_usuario == caller.user_id
    story = [(datetime.fromisoformat(line["timestamp"]), line["step"], line["message"]) for line in found.logs]
    return render(request, "crs/download.html", found=found, story=story, own=own, cells=cells)


@router.get("/descargas/{download_id}/archivo")
@needs(Right.CRS_DOWNLOAD)
async def file(download_id: UUID, caller: Caller, downloads: Downloads) -> Response:
    """Hand out the file: free, as often as asked."""
    delivery = await downloads.deliver(caller, download_id)
    return Response(delivery.content, media_type=delivery.media_type, headers=delivery.headers)


def _typed(
    cuit: Annotated[str, Query(max_length=20)] = "",
    controlador: Annotated[str, Query(max_length=40)] = "",
    estado: Annotated[str, Query(max_length=40)] = "",
    desde: Annotated[str, Query(max_length=10)] = "",
    hasta: Annotated[str, Query(max_length=10)] = "",
) -> dict[str, str]:
    """Answer the filters of downloads as they were typed."""
    return {"cuit": cuit, "controlador": controlador, "estado": estado, "desde": desde, "hasta": hasta}


Typed = Annotated[dict[str, str], Depends(_typed)]


@router.get("/descargas")
@needs(Right.CRS_MANAGE)
async def downloads_page(
    request: Request,
    downloads: Downloads,
    typed: Typed,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Show all downloads with filters, to be billed in bulk."""
    errors: dict[str, str] = {}
    wanted = _filter(typed, errors)
    page = await downloads.after(wanted, cursor=cursor, limit=_PAGE)
    return render(
        request,
        "crs/downloads.html",
        page=page,
        typed=typed,
        errors=errors,
        estados=list(EstadoDescarga),
        query=_query(request),
        csv=f"{HOME}/descargas.csv?{urlencode({name: value for name, value in typed.items() if value})}",
        cells=cells,
    )


@router.get("/descargas.csv")
@needs(Right.CRS_MANAGE)
async def downloads_csv(
    request: Request,
    caller: Caller,
    reports: Reports,
    typed: Typed,
) -> Response:
    """Hand out all downloads of the filter as a file for Excel in Argentina."""
    errors: dict[str, str] = {}
    wanted = _filter(typed, errors)
    if errors:
        raise InvalidInput(fields=errors)
    pieces = reports.export(wanted, CsvStyle(separator=";"), actor=caller.actor)
    return await csv_answer("descargas", request.app.state.clock.now().astimezone(ZONE).date(), pieces)


@router.post("/descargas/estado")
@needs(Right.CRS_MANAGE)
async def set_states(
    request: Request,
    caller: Caller,
    billing: Billing,
    estado: Annotated[EstadoDescarga, Form()],
    ids: Annotated[list[UUID] | None, Form(max_length=1000)] = None,
) -> Response:
    """Put the chosen downloads into a state, all or none, and go back to the list as it was filtered."""
    back = f"{HOME}/descargas{_query(request)}"
    if not ids:
        return redirect(request, back, note="Elige antes las descargas.", state="attention")
    try:
        done = await billing.set_states(ids, estado, actor=caller.actor)
    except DescargasNotFound as fault:
        return redirect(request, back, note=fault.text, state="failed")
    number = plural(len(done.changed), "descarga quedó", "descargas quedaron")
    return redirect(request, back, note=f"{number} en «{estado.value}».")


@router.get("/subir")
@needs(Right.CRS_MANAGE)
async def upload_page(request: Request) -> Response:
    """Show the form that takes certificates."""
    return render(request, "crs/upload.html", received=None, fault=None)


@router.post("/subir")
@needs(Right.CRS_MANAGE)
@takes(UPLOAD_LIMIT_BYTES)
async def upload(
    request: Request,
    caller: Caller,
    catalogue: Catalogue,
    archivos: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Take certificates and tell what became of each file."""
    sent = [Piece(one.filename or "archivo", await one.read()) for one in archivos or ()]
    try:
        received = await catalogue.receive(caller.actor, sent)
    except (NothingToUpload, ArchiveUnreadable) as fault:
        return render(request, "crs/upload.html", status=fault.http_status, received=None, fault=fault)
    return render(request, "crs/upload.html", received=received, fault=None)


@router.get("/metricas")
@needs(Right.CRS_MANAGE)
async def metrics_page(request: Request, reports: Reports, quotas: Quotas) -> Response:
    """Show the figures with plots."""
    found, months = await reports.metrics(), await reports.months()
    by_month = plots.bars(
        "Descargas por mes",
        [month.name for month in months],
        [plots.Series("Descargas", [month.downloads for month in months])],
        unit="descargas",
    )
    billed = found.total_descargas - found.pendientes
    shares = [plots.Part("Facturadas", billed, "done"), plots.Part("Pendientes", found.pendientes, "attention")]
    by_state = plots.state_bar("Facturación", shares, unit="descargas")
    near = await quotas.near_limit()
    return render(request, "crs/metrics.html", found=found, by_month=by_month, by_state=by_state, near=near)


async def home_panel(request: Request) -> str:
    """Draw what the home page says to a reseller: limit bar, search, last downloads, devices about to expire."""
    identity: Identity = request.state.identity
    services = request.app.state.services
    rows, _ = await services[DownloadService].page(DescargaFilter(usuario_id=identity.user_id), page=1, limit=5)
    manages = identity.may(Right.CRS_MANAGE)
    quotas: QuotaService = services[QuotaService]
    return str(
        fragment(
            request,
            "crs/home.html",
            quota=await quotas.of(identity.user_id),
            rows=rows,
            ending=(await services[Radar].ending(None if manages else identity.user_id))[:_RECENT],
            near=await quotas.near_limit() if manages else (),
            manages=manages,
            now=request.app.state.clock.now(),
            cells=cells,
        )
    )


def _query(request: Request) -> str:
    return f"?{request.url.query}" if request.url.query else ""


def _filter(typed: dict[str, str], errors: dict[str, str]) -> DescargaFilter:
    """Read the filter as far as it can be read; what cannot is told beside its field."""
    controlador, days = None, {}
    if typed["controlador"]:
        try:
            controlador = str(ControladorId.parse(typed["controlador"]))
        except InvalidControlador as fault:
            errors["controlador"] = fault.text
    for name in ("desde", "hasta"):
        try:
            days[name] = date.fromisoformat(typed[name]) if typed[name] else None
        except ValueError:
            errors[name], days[name] = "Debe ser una fecha.", None
    cuit = "".join(letter for letter in typed["cuit"] if letter.isdigit())
    estado = next((one for one in EstadoDescarga if one.value == typed["estado"]), None)
    try:
        return DescargaFilter(
            estado=estado, controlador=controlador, cuit=cuit or None, desde=days["desde"], hasta=days["hasta"]
        )
    except (DatesReversed, InvalidInput) as fault:
        errors["hasta"] = fault.text
        return DescargaFilter(estado=estado, controlador=controlador, cuit=cuit or None)
