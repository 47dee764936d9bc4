"""The explorer of stored CFDIs for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final

from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError

from acuse.accounts.guards import Caller, Identity, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import InvalidInput
from acuse.kernel.paging import Page
from acuse.mx.archivo.model import (
    CfdiDetail,
    Direction,
    DocumentPanels,
    Efecto,
    EstadoCfdi,
    ExplorerTools,
    MonthSummary,
    StoredCfdi,
)
from acuse.mx.archivo.pages import cells
from acuse.mx.archivo.pages.cells import HOME
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.archivo.service import ArchivoService, DocumentosService
from acuse.mx.contribuyentes import as_filter
from acuse.webkit.formats import month_text
from acuse.webkit.pages import fragment, render
from acuse.webkit.plots import Plot, Series, bars
from acuse.webkit.services import provide
from acuse.webkit.validation import as_invalid_input

router = page_router(HOME)
Service = Annotated[ArchivoService, provide(ArchivoService)]
Documents = Annotated[DocumentosService, provide(DocumentosService)]

_DIRECTIONS: Final = [("", "Todos"), *((each.value, f"{each.label}s") for each in Direction)]
_EFECTOS: Final = [("", "Todos"), *((each.value, each.label) for each in Efecto)]
_ESTADOS: Final = [("", "Todos"), *((each.value, each.value.capitalize()) for each in EstadoCfdi)]
_XML: Final = [("", "Todos"), ("true", "Con XML"), ("false", "Sin XML")]


@router.get("")
@needs(Right.CFDI_READ)
async def explorer(request: Request, caller: Caller, service: Service) -> Response:
    """Show the CFDIs that match the filters."""
    sent = {name: request.query_params.get(name, "") for name in CfdiQuery.model_fields}
    page: Page[StoredCfdi] = Page([])
    errors = {}
    fault: InvalidInput | None = None
    try:
        query = CfdiQuery.model_validate(sent)
        page = await service.search(caller, query.filter(), rfc=query.rfc, cursor=query.cursor, limit=query.limite)
    except ValidationError as error:
        fault = as_invalid_input(error.errors())
    except InvalidInput as error:
        fault = error
    if fault is not None:
        errors = dict(fault.fields)
    visible = await service.taxpayers(caller)
    tools: ExplorerTools = request.app.state.services[ExplorerTools]
    return render(
        request,
        "archivo/explorer.html",
        status=400 if fault else 200,
        page=page,
        sent=sent,
        fault=fault,
        errors=errors,
        filtered=any(value for name, value in sent.items() if name != "cursor"),
        taxpayers=as_filter(visible),
        directions=_DIRECTIONS,
        efectos=_EFECTOS,
        estados=_ESTADOS,
        xml=_XML,
        tools=await tools.render(request) if page.items else [],
        below=await tools.render_below(request),
        parts=cells,
    )


@router.get("/{rfc}/{uuid}")
@needs(Right.CFDI_READ)
async def document(request: Request, rfc: str, uuid: str, caller: Caller, documents: Documents) -> Response:
    """Show one CFDI as people read it, and its XML."""
    cfdi = await documents.read(caller, uuid, rfc=rfc)
    panels = await panels_of(request, cfdi.found)
    return render(request, "archivo/document.html", cfdi=cfdi, found=cfdi.found, panels=panels, parts=cells)


@router.get("/{rfc}/{uuid}/pdf")
@needs(Right.CFDI_READ)
async def download_pdf(rfc: str, uuid: str, caller: Caller, documents: Documents) -> Response:
    """Hand out the printed form as a file."""
    found = await documents.pdf(caller, uuid, rfc=rfc)
    headers = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return Response(found.content, media_type="application/pdf", headers=headers)


@router.get("/{rfc}/{uuid}/xml")
@needs(Right.CFDI_READ)
async def download(rfc: str, uuid: str, caller: Caller, service: Service) -> Response:
    """Hand out the XML as a file."""
    found = await service.xml(caller, uuid, rfc=rfc)
    headers = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return Response(found.content, media_type="application/xml", headers=headers)


async def panels_of(request: Request, found: CfdiDetail) -> list[str]:
    """Draw what other features tell of a CFDI."""
    panels: DocumentPanels = request.app.state.services[DocumentPanels]
    return await panels.render(request, found)


async def home_panel(request: Request) -> str:
    """Draw what the home page says about CFDIs: how many there are, and the year of the newest in bars."""
    service: ArchivoService = request.app.state.services[ArchivoService]
    identity: Identity = request.state.identity
    counts = await service.counts(identity)
    if not counts.total:
        return ""
    months = await service.summary(identity)
    return str(fragment(request, "archivo/home.html", counts=counts, plot=_bars(months)))


def _bars(months: Sequence[MonthSummary]) -> Plot:
    year = months[0].month.year
    found = {(each.month.month, each.direction): each.count for each in months}
    series = [
        Series(f"{direction.label}s", [found.get((month, direction), 0) for month in range(1, 13)])
        for direction in Direction
    ]
    labels = [month_text(date(year, month, 1), long=False) for month in range(1, 13)]
    return bars(f"CFDI de {year}", labels, series, unit="por mes de emisión")
