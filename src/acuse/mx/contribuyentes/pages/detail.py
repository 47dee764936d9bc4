"""Draws the page of one taxpayer, as it stands or with what went wrong."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from acuse.accounts.rights import Identity, Right
from acuse.kernel.errors import Conflict, InvalidInput
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.service import ContribuyentesService, Departures
from acuse.webkit.pages import render


async def draw_detail(
    request: Request,
    rfc: str,
    caller: Identity,
    service: ContribuyentesService,
    *,
    fault: InvalidInput | Conflict | None = None,
    values: dict[str, str] | None = None,
) -> Response:
    """Draw one taxpayer for this caller: what they may not do is not offered."""
    found = await service.require_access(caller, rfc)
    departures: Departures = request.app.state.services[Departures]
    owns = found.level is AccessLevel.DUENO and caller.may(Right.SAT_OWN)
    return render(
        request,
        "contribuyentes/detail.html",
        status=200 if fault is None else fault.http_status,
        found=found,
        owns=owns,
        operates=found.may_operate and caller.may(Right.SAT_OPERATE),
        accesos=await service.accesos(caller, rfc) if owns else [],
        me=caller.user_id,
        export_path=departures.export_path,
        export_life_h=departures.export_life_h,
        kept=await departures.kept(found.id) if owns else None,
        levels=[(level.value, level.caption) for level in AccessLevel],
        values=values or {},
        errors=dict(fault.fields) if isinstance(fault, InvalidInput) else {},
        fault=fault,
    )
