"""Completeness by month for people: the grid of all clients, and one client's year with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Form, Path, Query, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, Identity, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import AppError, NotFound
from acuse.mx.archivo import Direction, Efecto, EstadoCfdi
from acuse.mx.completitud.model import EstadoMes, Mes, periodo_of, read_month
from acuse.mx.completitud.service import CompletitudService, Fila
from acuse.mx.descarga.model.periodo import months
from acuse.mx.descarga.service import Errand, MissingService
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido
from acuse.mx.rfc import Rfc
from acuse.webkit.formats import month_text
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide

HOME: Final = "/app/completitud"
STOP_POLLING: Final = 286
_MOST_ROWS: Final = 200
_ON_HOME: Final = 24
_HALF: Final = 6

router = page_router(HOME)
Service = Annotated[CompletitudService, provide(CompletitudService)]
Missing = Annotated[MissingService, provide(MissingService)]
Text = Annotated[str, Form(max_length=40)]
YearPath = Annotated[int, Path(ge=2000, le=2099)]


@dataclass(frozen=True)
class Line:
    """A month on the page of one client, and what fetching its missing would spend."""

    mes: Mes
    errand: Errand | None


@router.get("")
@needs(Right.SAT_READ)
async def grid(
    request: Request,
    caller: Caller,
    service: Service,
    year: Annotated[str, Query(max_length=4)] = "",
    texto: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show the months of a year of all clients, one square each."""
    wanted = _year(service, year)
    rows = await service.year(caller, wanted, text=texto)
    return render(
        request,
        "completitud/grid.html",
        rows=rows[:_MOST_ROWS],
        left_out=len({row.taxpayer.id for row in rows} - {row.taxpayer.id for row in rows[:_MOST_ROWS]}),
        year=wanted,
        years=[(str(each), str(each)) for each in service.years()],
        chosen={"year": str(wanted), "texto": texto},
        totals=_totals(rows),
        **_words(wanted),
    )


@router.get("/{rfc}/{year}")
@needs(Right.SAT_READ)
async def client(
    request: Request, rfc: str, year: YearPath, caller: Caller, service: Service, missing: Missing
) -> Response:
    """Show the year of one client with what is missing and the way to get it."""
    return await _client(request, caller, service, missing, rfc, year)


@router.get("/{rfc}/{year}/avance")
@needs(Right.SAT_READ)
async def progress(
    request: Request, rfc: str, year: YearPath, caller: Caller, service: Service, missing: Missing
) -> Response:
    """Answer the tables again for htmx; status 286 ends its asking."""
    context = await _context(caller, service, missing, rfc, year)
    status = 200 if context["going"] else STOP_POLLING
    return render(request, "completitud/tables.html", status=status, **context)


@router.post("/{rfc}/{year}/faltantes")
@needs(Right.SAT_OPERATE)
async def fetch(
    request: Request,
    rfc: str,
    year: YearPath,
    caller: Caller,
    service: Service,
    missing: Missing,
    familia: Text = "",
    sentido: Text = "",
    mes: Text = "",
) -> Response:
    """Ask for what is missing of a month, or of the year's months, and come back."""
    try:
        made = 0
        asked = _familia(familia)
        for direction, month in await _asked_months(caller, service, rfc, year, asked, sentido, mes):
            made += len(await missing.fetch(caller, rfc, Sentido(direction.value), periodo_of(month), familia=asked))
    except NotFound:
        raise
    except AppError as fault:
        return await _client(request, caller, service, missing, rfc, year, fault)
    return redirect(request, _address(rfc, year), note=_note(made, "Ya iba en camino: no se pidió nada otra vez."))


@router.post("/{rfc}/{year}/metadata")
@needs(Right.SAT_OPERATE)
async def ask_metadata(
    request: Request,
    rfc: str,
    year: YearPath,
    caller: Caller,
    service: Service,
    missing: Missing,
    familia: Text = "",
    sentido: Text = "",
    mes: Text = "",
) -> Response:
    """Ask the SAT what there is in a month, or in the year by halves, and come back."""
    try:
        made = 0
        sentidos = [Sentido(sentido)] if sentido in set(Sentido) else list(Sentido)
        month = read_month(mes) if mes else None
        for each in sentidos:
            for periodo in [periodo_of(month)] if month else _halves(service, year):
                made += len(await missing.ask_metadata(caller, rfc, each, periodo, familia=_familia(familia)))
    except NotFound:
        raise
    except AppError as fault:
        return await _client(request, caller, service, missing, rfc, year, fault)
    return redirect(
        request, _address(rfc, year), note=_note(made, "Ya se le preguntó al SAT: la respuesta va en camino.")
    )


async def home_panel(request: Request) -> str:
    """Draw the months of the clients that need somebody, for the home page."""
    service: CompletitudService = request.app.state.services[CompletitudService]
    identity: Identity = request.state.identity
    year = service.year_shown()
    rows = [row for row in await service.year(identity, year) if row.taxpayer.efirma is not None]
    if not rows:
        return ""
    rows = sorted(
        rows, key=lambda row: (not row.missing, not row.unasked, str(row.taxpayer.rfc), row.familia, row.direction)
    )
    return fragment(
        request,
        "completitud/home.html",
        rows=rows[:_ON_HOME],
        more=max(0, len(rows) - _ON_HOME),
        year=year,
        totals=_totals(rows),
        **_words(year),
    )


async def _asked_months(
    caller: Identity, service: CompletitudService, rfc: str, year: int, familia: Familia, sentido: str, mes: str
) -> Sequence[tuple[Direction, date]]:
    sides = [Direction(sentido)] if sentido in set(Direction) else list(Direction)
    if mes:
        month = read_month(mes)
        return [(side, month) for side in sides]
    rows = [row for row in await service.year(caller, year, rfc=rfc) if row.familia is familia]
    return [(row.direction, one.month) for row in rows if row.direction in sides for one in row.meses if one.missing]


def _familia(text: str) -> Familia:
    return Familia(text) if text in set(Familia) else Familia.CFDI


async def _client(
    request: Request,
    caller: Identity,
    service: CompletitudService,
    missing: MissingService,
    rfc: str,
    year: int,
    fault: AppError | None = None,
) -> Response:
    return render(
        request,
        "completitud/client.html",
        status=fault.http_status if fault else 200,
        fault=fault,
        years=[(str(each), str(each)) for each in service.years()],
        **await _context(caller, service, missing, rfc, year),
    )


async def _context(
    caller: Identity, service: CompletitudService, missing: MissingService, rfc: str, year: int
) -> dict[str, Any]:
    rows = await service.year(caller, year, rfc=rfc)
    sides = []
    for row in rows:
        lines = []
        for mes in row.meses:
            errand = None
            if mes.missing:
                sentido = Sentido(row.direction.value)
                errand = await missing.preview(caller, mes.rfc, sentido, mes.periodo, familia=row.familia)
            lines.append(Line(mes, errand))
        sides.append((row, lines))
    return {
        "sides": sides,
        "taxpayer": rows[0].taxpayer,
        "retenciones": any(row.familia is Familia.RETENCIONES for row in rows),
        "year": year,
        "totals": _totals(rows),
        "going": sum(row.going for row in rows),
        "may_ask": caller.may(Right.SAT_OPERATE) and rows[0].taxpayer.may_operate,
        "address": _address(rfc, year),
        "explorer": _explorer,
        "missing_of": _missing,
        **_words(year),
    }


def _words(year: int) -> dict[str, Any]:
    return {
        "names": [month_text(date(year, month, 1), long=False) for month in range(1, 13)],
        "long_name": lambda month: month_text(month, long=True),
        "estados": list(EstadoMes),
        "address_of": _address,
    }


def _totals(rows: Sequence[Fila]) -> Mapping[str, int]:
    months_ = [mes for row in rows for mes in row.meses]
    return {
        "known": sum(mes.known for mes in months_),
        "missing": sum(mes.missing for mes in months_),
        "gone": sum(mes.gone for mes in months_),
        "complete": sum(mes.is_complete for mes in months_),
        "unasked": sum(mes.estado in {EstadoMes.SIN_PEDIR, EstadoMes.EN_PARTE} for mes in months_),
        "closed": sum(mes.estado not in {EstadoMes.FUTURO, EstadoMes.EN_CURSO} for mes in months_),
    }


def _year(service: CompletitudService, text: str) -> int:
    return next((each for each in service.years() if str(each) == text), service.year_shown())


def _halves(service: CompletitudService, year: int) -> Sequence[Any]:
    """Answer the halves of a year that have begun."""
    return [half for half in (months(year, 1, _HALF), months(year, _HALF + 1, _HALF)) if service.has_begun(half)]


def _note(made: int, nothing: str) -> str:
    return f"{made} solicitudes van en camino." if made > 1 else "La solicitud va en camino." if made else nothing


def _explorer(mes: Mes, **more: str) -> str:
    """Answer where the explorer shows the CFDIs of a month."""
    first, last = mes.periodo.inicio.date(), mes.periodo.fin.date()
    if mes.familia is Familia.RETENCIONES:
        more |= {"efecto": Efecto.RETENCION.value}
    query = {"rfc": mes.rfc, "tipo_comprobante": mes.direction.value, "fecha_inicio": first, "fecha_fin": last, **more}
    return "/app/cfdi?" + urlencode(query)


def _missing(mes: Mes) -> str:
    """Answer where the explorer shows what is missing of a month: of the received ones, those in force."""
    in_force = {"estado": EstadoCfdi.VIGENTE.value} if mes.direction is Direction.RECIBIDO else {}
    return _explorer(mes, con_xml="false", **in_force)


def _address(rfc: str | Rfc, year: int) -> str:
    return f"{HOME}/{Rfc.parse(str(rfc)).path_segment}/{year}"
