"""A taxpayer's months in figures, for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.money import format_amount
from acuse.mx.archivo import Direction
from acuse.mx.contribuyentes import as_choices
from acuse.mx.resumen.model import Resumen, Total
from acuse.mx.resumen.schemas import ResumenOut
from acuse.mx.resumen.service import ResumenService
from acuse.webkit.formats import month_text
from acuse.webkit.pages import render
from acuse.webkit.plots import Plot, Series, bars
from acuse.webkit.services import provide

HOME: Final = "/app/resumen"

router = page_router(HOME)
Service = Annotated[ResumenService, provide(ResumenService)]
RfcQuery = Annotated[str, Query(max_length=20)]
YearQuery = Annotated[str, Query(max_length=4)]


@router.get("")
@needs(Right.CFDI_READ)
async def home(
    request: Request, caller: Caller, service: Service, rfc: RfcQuery = "", year: YearQuery = ""
) -> Response:
    """Show the year of a taxpayer, the first by RFC when none was chosen."""
    taxpayers = await service.taxpayers(caller)
    if not taxpayers:
        return render(request, "resumen/home.html", found=None)
    found = await service.year(caller, rfc or str(taxpayers[0].rfc), _year(year))
    years = {*await service.years(caller, found.rfc), found.year}
    return render(
        request,
        "resumen/home.html",
        found=found,
        taxpayers=as_choices(taxpayers),
        years=[(str(each), str(each)) for each in sorted(years, reverse=True)],
        pesos=partial(format_amount, symbol=True),
        plots=_plots(found),
        month_name=lambda index: month_text(date(found.year, index, 1), long=False),
    )


@router.get("/csv")
@needs(Right.CFDI_READ)
async def download(caller: Caller, service: Service, rfc: RfcQuery, year: YearQuery = "") -> Response:
    """Hand out the year as CSV."""
    found = ResumenOut.of(await service.year(caller, rfc, _year(year)))
    return Response(found.csv(), media_type="text/csv; charset=utf-8", headers=found.file_headers)


def _year(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and 2000 <= int(text) <= 2100 else None  # noqa: PLR2004


def _plots(found: Resumen) -> Sequence[Plot]:
    """Answer the figures that have anything to show."""
    sides = {side.direction: side.months for side in found.sides}
    issued, received = sides[Direction.EMITIDO], sides[Direction.RECIBIDO]
    wanted: Sequence[tuple[str, Sequence[tuple[str, Sequence[Total], Callable[[Total], Decimal]]]]] = [
        ("Emitido y recibido, neto", [("Emitido", issued, _neto), ("Recibido", received, _neto)]),
        ("IVA trasladado", [("En lo emitido", issued, _iva), ("En lo recibido", received, _iva)]),
        ("Ingresos emitidos por método de pago", [("PUE", issued, _pue), ("PPD", issued, _ppd)]),
        ("Pagos", [("Cobrado", issued, _pagos), ("Pagado", received, _pagos)]),
    ]
    labels = [month_text(date(found.year, month, 1), long=False) for month in range(1, 13)]
    return [
        bars(
            title, labels, [Series(name, [float(of(each)) for each in months]) for name, months, of in rows], unit="MXN"
        )
        for title, rows in wanted
        if any(of(each) for _, months, of in rows for each in months)
    ]


def _neto(month: Total) -> Decimal:
    return month.neto


def _iva(month: Total) -> Decimal:
    return month.iva_trasladado


def _pue(month: Total) -> Decimal:
    return month.pue


def _ppd(month: Total) -> Decimal:
    return month.ppd


def _pagos(month: Total) -> Decimal:
    return month.pagos
