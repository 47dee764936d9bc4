"""JSON of the audit: its pages, its CSV, its verification."""

from typing import Annotated

from fastapi import Query, Request, Response

from acuse.accounts.guards import Caller, api_router, needs
from acuse.accounts.rights import Right
from acuse.kernel.paging import Cursor, row_number
from acuse.operations.schemas import BUENOS_AIRES, AuditOut, AuditQuery, AuditsOut, VerifiedOut, VerifyIn
from acuse.operations.service import AuditDesk
from acuse.webkit.lists import PageNumber, PageSize, Pagination, Style, csv_answer
from acuse.webkit.routes import CRS_ENVELOPE
from acuse.webkit.services import provide

Desk = Annotated[AuditDesk, provide(AuditDesk)]
Text = Annotated[str, Query(max_length=200)]

router = api_router("/audit", envelope=CRS_ENVELOPE, tags=["Auditoría"])
reports = api_router("/reportes", envelope=CRS_ENVELOPE, tags=["Reportes"])


@router.get("", summary="Consultar historial de auditoría")
@needs(Right.AUDIT_READ)
async def list_audit(
    desk: Desk,
    page: PageNumber = 1,
    limit: PageSize = 50,
    accion: Text = "",
    actor_id: Text = "",
    objetivo_tipo: Text = "",
    objetivo_id: Text = "",
    desde: Text = "",
    hasta: Text = "",
    cursor: Annotated[str | None, Query(max_length=200, description="Seguir desde la última fila leída.")] = None,
) -> AuditsOut:
    """Answer one page of acts, newest first. Days are whole days of Buenos Aires."""
    wanted = _query(accion, actor_id, objetivo_tipo, objetivo_id, desde, hasta).filter()
    below = Cursor.decode(cursor, row_number)[0] if cursor else None
    entries, total = await desk.page(wanted, number=page, size=limit, below=below)
    following = Cursor((entries[-1].seq,)).encode() if len(entries) == limit else None
    return AuditsOut(
        auditorias=[AuditOut.of(entry) for entry in entries],
        pagination=Pagination.of(page, limit, total),
        cursor=following,
    )


@router.post("/verify", summary="Comprobar que la auditoría está completa")
@needs(Right.AUDIT_READ)
async def verify(caller: Caller, desk: Desk, body: VerifyIn | None = None) -> VerifiedOut:
    """Read the whole chain again and hold it against every signed checkpoint: kept here, outside, and those sent."""
    return VerifiedOut.of(await desk.verify(actor=caller.actor, given=body.puntos if body else ()))


@reports.get("/auditoria/csv", summary="Exportar auditoría en CSV", response_class=Response)
@needs(Right.AUDIT_READ)
async def audit_csv(
    request: Request,
    caller: Caller,
    desk: Desk,
    style: Style,
    accion: Text = "",
    actor_id: Text = "",
    objetivo_tipo: Text = "",
    objetivo_id: Text = "",
    desde: Text = "",
    hasta: Text = "",
) -> Response:
    """Answer all acts of the list as a file, oldest first. The export is audited with its filters and rows."""
    wanted = _query(accion, actor_id, objetivo_tipo, objetivo_id, desde, hasta).filter()
    day = request.app.state.clock.now().astimezone(BUENOS_AIRES).date()
    return await csv_answer("auditoria", day, desk.export(wanted, style, actor=caller.actor))


def _query(action: str, actor_id: str, target_type: str, target_id: str, since: str, until: str) -> AuditQuery:
    return AuditQuery.model_construct(
        accion=action,
        actor_id=actor_id,
        objetivo_tipo=target_type,
        objetivo_id=target_id,
        desde=since,
        hasta=until,
    )
