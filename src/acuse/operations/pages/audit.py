"""The audit for people: who did what, before and after, and whether nobody touched it."""

from operator import itemgetter
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.audit import AuditAction, AuditFilter
from acuse.kernel.csv import CsvStyle
from acuse.kernel.errors import InvalidInput
from acuse.operations.pages.targets import target_text
from acuse.operations.schemas import BUENOS_AIRES, AuditQuery
from acuse.operations.service import AuditDesk
from acuse.webkit.lists import csv_answer
from acuse.webkit.pages import redirect, render
from acuse.webkit.services import provide

AUDIT_PATH: Final = "/app/auditoria"
_SIZE: Final = 50

Desk = Annotated[AuditDesk, provide(AuditDesk)]

router = page_router(AUDIT_PATH)


@router.get("")
@needs(Right.AUDIT_READ)
async def browser(request: Request, desk: Desk, page: Annotated[int, Query(ge=1, le=1_000_000_000)] = 1) -> Response:
    """List acts, newest first."""
    sent = _sent(request)
    wanted, fault = AuditFilter(), None
    try:
        wanted = sent.filter()
    except InvalidInput as error:
        fault = error
    entries, total = ([], 0) if fault else await desk.page(wanted, number=page, size=_SIZE)
    asked = {name: value for name, value in sent.model_dump().items() if value}
    return render(
        request,
        "operations/audit.html",
        status=400 if fault else 200,
        entries=entries,
        total=total,
        archived=await desk.archived(),
        page=page,
        pages=-(-total // _SIZE),
        sent=sent,
        errors=fault.fields if fault else {},
        actions=[("", "Todas"), *((each.value, each.caption) for each in AuditAction)],
        types=[
            ("", "Todos"),
            *sorted(((each, target_text(each)) for each in await desk.target_types()), key=itemgetter(1)),
        ],
        target_text=target_text,
        csv_path=f"{AUDIT_PATH}/csv?{urlencode(asked)}",
    )


@router.get("/csv")
@needs(Right.AUDIT_READ)
async def export(request: Request, caller: Caller, desk: Desk) -> Response:
    """Hand out the filtered list as a file."""
    day = request.app.state.clock.now().astimezone(BUENOS_AIRES).date()
    return await csv_answer("auditoria", day, desk.export(_sent(request).filter(), CsvStyle(), actor=caller.actor))


@router.post("/verificar")
@needs(Right.AUDIT_READ)
async def verify(request: Request, caller: Caller, desk: Desk) -> Response:
    """Verify the whole chain and tell what was found."""
    report = await desk.verify(actor=caller.actor)
    return redirect(request, AUDIT_PATH, note=report.text, state="done" if report.is_intact else "failed")


@router.get("/{entry_id}")
@needs(Right.AUDIT_READ)
async def entry_page(request: Request, desk: Desk, entry_id: UUID) -> Response:
    """Show one act with everything it changed."""
    return render(request, "operations/audit_entry.html", entry=await desk.get(entry_id), target_text=target_text)


def _sent(request: Request) -> AuditQuery:
    sent = {name: request.query_params.get(name, "").strip()[:200] for name in AuditQuery.model_fields}
    return AuditQuery.model_construct(None, **sent)
