"""The routes of the pages: read the form, call one service method, draw or send on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Form, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import ValidationError

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import AppError, Conflict, InvalidInput, NotFound
from acuse.mx.contribuyentes import Contribuyente, as_choices
from acuse.mx.descarga.errors import SolicitudDuplicada
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.pages.views import TONES, steps_of
from acuse.mx.descarga.schemas import SolicitudIn
from acuse.mx.descarga.service import (
    FetchingService,
    ReadingService,
    RepeatingService,
    SatSessions,
    SendingService,
    VerifyingService,
    repeatable,
    skew_text,
)
from acuse.mx.descarga.store import Filtros
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide

HOME = "/app/sat"
STOP_POLLING = 286
_PLANS = 6

router = page_router(HOME)
Sending = Annotated[SendingService, provide(SendingService)]
Verifying = Annotated[VerifyingService, provide(VerifyingService)]
Repeating = Annotated[RepeatingService, provide(RepeatingService)]
Fetching = Annotated[FetchingService, provide(FetchingService)]
Reading = Annotated[ReadingService, provide(ReadingService)]
Sessions = Annotated[SatSessions, provide(SatSessions)]
Text = Annotated[str, Form()]


@router.get("")
@needs(Right.SAT_READ)
async def list_page(
    request: Request,
    caller: Caller,
    reading: Reading,
    sessions: Sessions,
    rfc: str = "",
    estado: str = "",
    tipo: str = "",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Show the plans in course, the form of the fourteen and the solicitudes."""
    filtros = Filtros(
        estado=next((found for found in Estado if found == estado), None),
        tipo=next((found for found in TipoSolicitud if found == tipo), None),
        whole=not estado,
    )
    page = await reading.solicitudes(caller, rfc=rfc or None, filtros=filtros, cursor=cursor)
    plans = [] if cursor else await reading.plans(caller, rfc=rfc or None, limit=_PLANS + 1)
    operable = await reading.operable(caller)
    return render(
        request,
        "descarga/list.html",
        page=page,
        skew=skew_text(await sessions.skew()),
        plans=plans[:_PLANS],
        more_plans=len(plans) > _PLANS,
        tones=TONES,
        estados=list(Estado),
        chosen={"rfc": rfc, "estado": estado, "tipo": tipo},
        taxpayers=as_choices(await reading.visible(caller)),
        **_choices(operable, reading),
    )


@router.post("/anual")
@needs(Right.SAT_OPERATE)
async def send_year(
    request: Request,
    caller: Caller,
    sending: Sending,
    reading: Reading,
    rfc: Text = "",
    year: Text = "",
    sentido: Text = "E",
) -> Response:
    """Send the fourteen and go to their plan."""
    try:
        plan = await sending.send_year(caller, rfc, _year(year), _sentido(sentido))
    except (InvalidInput, Conflict) as fault:
        values = {"rfc": rfc, "year": year, "sentido": sentido}
        return await _form(request, caller, reading, "descarga/year.html", values, fault)
    quedaron = "quedó" if plan.created == 1 else "quedaron"
    note = (
        f"{plan.created} de las 14 {quedaron} en camino." if plan.created else "Las 14 ya existían: no se envió nada."
    )
    return redirect(request, f"{HOME}/planes/{plan.plan.id}", note=note)


@router.get("/planes/{plan_id}")
@needs(Right.SAT_READ)
async def plan_page(request: Request, plan_id: UUID, caller: Caller, reading: Reading) -> Response:
    """Show the fourteen of a year."""
    plan = await reading.plan(caller, plan_id)
    return render(request, "descarga/plan.html", plan=plan, tones=TONES)


@router.get("/planes/{plan_id}/avance")
@needs(Right.SAT_READ)
async def plan_progress(
    request: Request, plan_id: UUID, caller: Caller, reading: Reading, barra: Annotated[str, Query(max_length=1)] = ""
) -> Response:
    """Answer the progress of a plan for htmx, with `barra` only its bar; status 286 ends its asking."""
    plan = await reading.plan(caller, plan_id)
    status = STOP_POLLING if plan.is_resting else 200
    return render(request, "descarga/plan_progress.html", status=status, plan=plan, tones=TONES, barra=barra)


@router.get("/nueva")
@needs(Right.SAT_OPERATE)
async def new_page(request: Request, caller: Caller, reading: Reading, rfc: str = "", familia: str = "") -> Response:
    """Show the form of a single solicitud."""
    values = {"rfc": rfc, "familia": familia if familia in set(Familia) else Familia.CFDI.value}
    return await _form(request, caller, reading, "descarga/new.html", values)


@router.post("/nueva")
@needs(Right.SAT_OPERATE)
async def send(
    request: Request,
    caller: Caller,
    sending: Sending,
    reading: Reading,
    rfc: Text = "",
    tipo_solicitud: Text = "",
    tipo_comprobante: Text = "",
    fecha_inicio: Text = "",
    fecha_fin: Text = "",
    efecto: Text = "",
    estado_comprobante: Text = "",
    rfc_contraparte: Text = "",
    familia: Text = "CFDI",
    complemento: Text = "",
    rfc_a_cuenta_terceros: Text = "",
) -> Response:
    """Send a single solicitud and go to it."""
    values = {
        "rfc": rfc,
        "tipo_solicitud": tipo_solicitud,
        "tipo_comprobante": tipo_comprobante,
        "fecha_inicio": fecha_inicio,
        "fecha_fin": fecha_fin,
        "efecto": efecto,
        "estado_comprobante": estado_comprobante,
        "rfc_contraparte": rfc_contraparte,
        "familia": familia,
        "complemento": complemento,
        "rfc_a_cuenta_terceros": rfc_a_cuenta_terceros,
    }
    try:
        row = await sending.send(caller, rfc, _wanted(values).parametros())
    except (InvalidInput, Conflict, NotFound) as fault:
        return await _form(request, caller, reading, "descarga/new.html", values, fault)
    return redirect(request, f"{HOME}/solicitudes/{row.id}", note=f"La solicitud quedó «{row.estado.caption}».")


@router.get("/solicitudes/{solicitud_id}")
@needs(Right.SAT_READ)
async def detail_page(request: Request, solicitud_id: UUID, caller: Caller, reading: Reading) -> Response:
    """Show one solicitud: what was asked, its story, its packages."""
    return await _detail(request, solicitud_id, caller, reading)


@router.post("/solicitudes/{solicitud_id}/verificar")
@needs(Right.SAT_OPERATE)
async def verify(
    request: Request, solicitud_id: UUID, caller: Caller, verifying: Verifying, reading: Reading
) -> Response:
    """Ask the SAT now and come back to the solicitud."""
    try:
        row = await verifying.verify(caller, solicitud_id)
    except NotFound:
        raise
    except AppError as fault:
        return await _detail(request, solicitud_id, caller, reading, fault)
    return redirect(request, f"{HOME}/solicitudes/{solicitud_id}", note=f"El SAT respondió: {row.estado.caption}.")


@router.get("/solicitudes/{solicitud_id}/repetir")
@needs(Right.SAT_OPERATE)
async def repeat_page(request: Request, solicitud_id: UUID, caller: Caller, repeating: Repeating) -> Response:
    """Show what asking again would ask and spend, before anything is spent."""
    planned = await repeating.preview(caller, solicitud_id)
    return render(request, "descarga/repeat.html", planned=planned, row=planned.original)


@router.post("/solicitudes/{solicitud_id}/repetir")
@needs(Right.SAT_OPERATE)
async def repeat(
    request: Request, solicitud_id: UUID, caller: Caller, repeating: Repeating, reading: Reading
) -> Response:
    """Ask again and go to the new solicitud."""
    try:
        row = await repeating.repeat(caller, solicitud_id)
    except Conflict as fault:
        return await _detail(request, solicitud_id, caller, reading, fault)
    return redirect(request, f"{HOME}/solicitudes/{row.id}", note=f"La solicitud nueva quedó «{row.estado.caption}».")


@router.post("/folio")
@needs(Right.SAT_OPERATE)
async def send_folio(
    request: Request,
    caller: Caller,
    sending: Sending,
    reading: Reading,
    rfc: Text = "",
    uuid: Text = "",
    familia: Text = "CFDI",
) -> Response:
    """Send for one CFDI and go to its solicitud."""
    values = {"rfc": rfc, "uuid": uuid, "familia": familia}
    try:
        row = await sending.send_folio(caller, rfc, uuid, familia=_familia(familia))
    except (InvalidInput, Conflict, NotFound) as fault:
        return await _form(request, caller, reading, "descarga/folio.html", values, fault)
    return redirect(request, f"{HOME}/solicitudes/{row.id}", note=f"La solicitud quedó «{row.estado.caption}».")


@router.get("/folio")
@needs(Right.SAT_OPERATE)
async def folio_page(request: Request, caller: Caller, reading: Reading, rfc: str = "", uuid: str = "") -> Response:
    """Show the form of one CFDI."""
    return await _form(request, caller, reading, "descarga/folio.html", {"rfc": rfc, "uuid": uuid})


@router.post("/paquetes/{paquete_id}/descargar")
@needs(Right.SAT_OPERATE)
async def download(
    request: Request, paquete_id: UUID, caller: Caller, fetching: Fetching, reading: Reading
) -> Response:
    """Download a package from the SAT and come back to its solicitud."""
    try:
        paquete = await fetching.download(caller, paquete_id)
    except NotFound:
        raise
    except AppError as fault:
        return await _detail(request, await reading.solicitud_of(paquete_id), caller, reading, fault)
    return redirect(request, f"{HOME}/solicitudes/{paquete.solicitud_id}", note="El paquete quedó guardado.")


@router.get("/paquetes/{paquete_id}/archivo")
@needs(Right.SAT_READ)
async def paquete_file(paquete_id: UUID, caller: Caller, reading: Reading) -> Response:
    """Hand out the ZIP as the SAT sent it."""
    paquete, content = await reading.paquete_file(caller, paquete_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{paquete.id}.zip"',
        "Content-Length": str(paquete.size_bytes),
    }
    return StreamingResponse(content, media_type="application/zip", headers=headers)


async def home_panel(request: Any) -> str:
    """Draw the tiles of descarga masiva for the home page."""
    reading: ReadingService = request.app.state.services[ReadingService]
    caller = request.state.identity
    overview = await reading.overview(caller)
    plans = await reading.plans(caller, limit=3)
    if not overview.by_estado and not plans:
        return ""
    return fragment(request, "descarga/home.html", overview=overview, plans=plans)


async def _detail(
    request: Request, solicitud_id: UUID, caller: Caller, reading: ReadingService, fault: AppError | None = None
) -> Response:
    detail = await reading.solicitud(caller, solicitud_id)
    return render(
        request,
        "descarga/detail.html",
        status=fault.http_status if fault else 200,
        detail=detail,
        row=detail.solicitud,
        steps=steps_of(detail),
        branches=[branch for part in detail.parts for branch in part.walk()],
        tones=TONES,
        fault=fault,
        may_operate=detail.contribuyente.may_operate,
        may_repeat=detail.repeated_by is None and repeatable(detail.solicitud, reading.now()),
    )


async def _form(
    request: Request,
    caller: Caller,
    reading: ReadingService,
    template: str,
    values: dict[str, str],
    fault: InvalidInput | Conflict | NotFound | None = None,
) -> Response:
    errors = dict(fault.fields) if isinstance(fault, InvalidInput) else {}
    twin = str(fault.details.get("id", "")) if isinstance(fault, SolicitudDuplicada) else ""
    return render(
        request,
        template,
        status=fault.http_status if fault else 200,
        values=values,
        fault=fault,
        errors=errors,
        twin=twin,
        **_choices(await reading.operable(caller), reading),
    )


def _choices(operable: Sequence[Contribuyente], reading: ReadingService) -> dict[str, Any]:
    return {
        "operable": as_choices(operable),
        "without_efirma": [str(found.rfc) for found in operable if not found.can_sign],
        "years": [(str(year), str(year)) for year in reading.years()],
        "year_shown": str(reading.year_shown()),
    }


def _year(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise InvalidInput(fields={"year": "Elige un año de la lista."})
    return int(text)


def _sentido(text: str) -> Sentido:
    if text not in set(Sentido):
        raise InvalidInput(fields={"sentido": "Elige emitidos o recibidos."})
    return Sentido(text)


def _familia(text: str) -> Familia:
    if text not in set(Familia):
        raise InvalidInput(fields={"familia": "Elige CFDI o Retenciones."})
    return Familia(text)


def _wanted(values: dict[str, str]) -> SolicitudIn:
    """Read the form as the API would, telling each fault beside its field."""
    filled: dict[str, Any] = {name: value.strip() for name, value in values.items() if value.strip()}
    filled["rfc_contraparte"] = values["rfc_contraparte"].replace(",", " ").split()
    try:
        return SolicitudIn.model_validate(filled)
    except ValidationError as error:
        fields = {str(fault["loc"][0]): "Elige o escribe un valor válido." for fault in error.errors()}
        raise InvalidInput(fields=fields) from error
