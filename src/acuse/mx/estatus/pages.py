"""The SAT's word on CFDIs for people: a panel on the page of a CFDI, and the batches."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import Form, Request
from fastapi.responses import Response
from pydantic import ValidationError

from acuse.accounts.guards import Caller, Identity, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import InvalidInput, Outside
from acuse.mx.archivo import CfdiDetail
from acuse.mx.archivo.schemas import CfdiQuery, in_words, whose
from acuse.mx.contribuyentes import as_filter
from acuse.mx.estatus.model import Consulta
from acuse.mx.estatus.service import MOST_FINDINGS, EstatusService, LoteService
from acuse.mx.outside.sat_consulta.wire import Asked, expression
from acuse.mx.rfc import Rfc
from acuse.webkit.blocks import State, Step
from acuse.webkit.pages import fragment, redirect, render
from acuse.webkit.services import provide
from acuse.webkit.validation import as_invalid_input

HOME: Final = "/app/estatus"
_FIELDS: Final = ("rfc", "tipo_comprobante", "estado", "fecha_inicio", "fecha_fin")

router = page_router(HOME)
Service = Annotated[EstatusService, provide(EstatusService)]
Lotes = Annotated[LoteService, provide(LoteService)]
Text = Annotated[str, Form()]


@router.get("")
@needs(Right.CFDI_READ)
async def home(request: Request, caller: Caller, service: Service, lotes: Lotes) -> Response:
    """Show the batches and the form of a new one."""
    return await _home(request, caller, service, lotes, {}, None)


@router.post("/lotes")
@needs(Right.SAT_OPERATE)
async def create(
    request: Request,
    caller: Caller,
    service: Service,
    lotes: Lotes,
    rfc: Text = "",
    tipo_comprobante: Text = "",
    estado: Text = "",
    fecha_inicio: Text = "",
    fecha_fin: Text = "",
) -> Response:
    """Start a batch and go to it."""
    sent = {
        "rfc": rfc,
        "tipo_comprobante": tipo_comprobante,
        "estado": estado,
        "fecha_inicio": fecha_inicio,
        "fecha_fin": fecha_fin,
    }
    try:
        lote = await lotes.create(caller, CfdiQuery.model_validate(sent))
    except ValidationError as error:
        return await _home(request, caller, service, lotes, sent, as_invalid_input(error.errors()))
    except InvalidInput as fault:
        return await _home(request, caller, service, lotes, sent, fault)
    return redirect(request, f"{HOME}/lotes/{lote.id}", note="La consulta quedó en camino.")


@router.get("/lotes/{lote_id}")
@needs(Right.CFDI_READ)
async def lote_page(request: Request, lote_id: UUID, caller: Caller, lotes: Lotes) -> Response:
    """Show how far a batch is and what it found."""
    return await _draw_lote(request, caller, lotes, lote_id, "estatus/lote.html")


@router.get("/lotes/{lote_id}/avance")
@needs(Right.CFDI_READ)
async def lote_progress(request: Request, lote_id: UUID, caller: Caller, lotes: Lotes) -> Response:
    """Answer the same without its frame, for htmx."""
    return await _draw_lote(request, caller, lotes, lote_id, "estatus/lote_state.html")


@router.post("/lotes/{lote_id}/reanudar")
@needs(Right.SAT_OPERATE)
async def resume(request: Request, lote_id: UUID, caller: Caller, lotes: Lotes) -> Response:
    """Go on with a batch."""
    await lotes.resume(caller, lote_id)
    return redirect(request, f"{HOME}/lotes/{lote_id}", note="La consulta continúa donde se quedó.")


@router.post("/{rfc}/{uuid}")
@needs(Right.SAT_OPERATE)
async def consult(request: Request, rfc: str, uuid: str, caller: Caller, service: Service) -> Response:
    """Ask the SAT about one CFDI and come back to its page."""
    parsed = Rfc.parse(rfc)
    try:
        found = await service.consult(caller, uuid, rfc=str(parsed))
    except Outside as fault:
        note, state = fault.text, "failed"
        back = f"/app/cfdi/{parsed.path_segment}/{uuid}"
    else:
        note, state = found.meaning, tone(found)
        back = f"/app/cfdi/{parsed.path_segment}/{str(found.uuid).upper()}"
    return redirect(request, back, note=note, state=state)


async def document_panel(request: Request, found: CfdiDetail) -> str:
    """Draw on the page of a CFDI what the SAT said of it, and the button to ask."""
    service: EstatusService = request.app.state.services[EstatusService]
    identity: Identity = request.state.identity
    told = await service.history(identity, found.uuid, rfc=found.rfc)
    printed = expression(
        Asked(
            uuid=found.uuid,
            emisor=found.emisor_rfc,
            receptor=found.receptor_rfc,
            total=found.total,
            version=found.version,
            sello_final=found.sello_final,
        )
    )
    return fragment(
        request,
        "estatus/panel.html",
        found=found,
        last=told[0] if told else None,
        tone=tone(told[0]) if told else "neutral",
        steps=[_step(each) for each in told],
        action=f"{HOME}/{Rfc.parse(found.rfc).path_segment}/{found.folio_fiscal}",
        may_ask=identity.may(Right.SAT_OPERATE),
        portal=printed if printed.startswith("https://") else "",
    )


def tone(found: Consulta) -> State:
    """Answer the colour of an answer."""
    if found.is_cancelled:
        return "failed"
    if found.is_in_force:
        return "attention" if found.answer.estatus_cancelacion or found.answer.is_listed else "done"
    return "attention"


def _step(found: Consulta) -> Step:
    title = found.answer.estado or "Sin estado"
    if found.answer.estatus_cancelacion:
        title = f"{title} · {found.answer.estatus_cancelacion}"
    return Step(
        title=title,
        at=found.asked_at,
        state=tone(found),
        text=found.meaning,
        said=found.answer.codigo_estatus,
        who=found.asked_by,
    )


async def _draw_lote(request: Request, caller: Identity, lotes: LoteService, lote_id: UUID, template: str) -> Response:
    return render(
        request,
        template,
        lote=await lotes.get(caller, lote_id),
        findings=await lotes.findings(caller, lote_id),
        most=MOST_FINDINGS,
        tone=tone,
        address=lambda row: f"/app/cfdi/{Rfc.parse(row.rfc).path_segment}/{row.folio_fiscal}",
        told=in_words,
        whose=whose,
        home=HOME,
    )


async def _home(
    request: Request,
    caller: Identity,
    service: EstatusService,
    lotes: LoteService,
    sent: dict[str, str],
    fault: InvalidInput | None,
) -> Response:
    visible = await service.taxpayers(caller)
    return render(
        request,
        "estatus/home.html",
        status=400 if fault else 200,
        lotes=await lotes.list(caller),
        sent=dict.fromkeys(_FIELDS, "") | sent,
        fault=fault,
        errors=dict(fault.fields) if fault else {},
        may_ask=caller.may(Right.SAT_OPERATE),
        told=in_words,
        whose=whose,
        taxpayers=as_filter(visible),
        home=HOME,
    )
