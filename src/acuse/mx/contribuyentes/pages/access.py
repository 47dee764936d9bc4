"""Pages over who may see or act for a taxpayer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import Response

from acuse.accounts.guards import Caller, needs, page_router
from acuse.accounts.rights import Right
from acuse.kernel.errors import Conflict, InvalidInput
from acuse.mx.contribuyentes.errors import UserUnknown
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.pages.addresses import HOME, address
from acuse.mx.contribuyentes.pages.detail import draw_detail
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.webkit.pages import redirect
from acuse.webkit.services import provide

router = page_router(HOME)
Service = Annotated[ContribuyentesService, provide(ContribuyentesService)]
Text = Annotated[str, Form(max_length=1000)]


@router.post("/{rfc}/accesos")
@needs(Right.SAT_OWN)
async def give(
    request: Request, rfc: str, caller: Caller, service: Service, usuario: Text = "", nivel: Text = ""
) -> Response:
    """Give a user access, or another level than before."""
    try:
        await service.invite(caller, rfc, usuario, _level(nivel))
    except (InvalidInput, Conflict) as fault:
        if isinstance(fault, UserUnknown):
            fault = UserUnknown(**fault.details, fields={"usuario": fault.text})
        values = {"usuario": usuario, "nivel": nivel}
        return await draw_detail(request, rfc, caller, service, fault=fault, values=values)
    return redirect(request, address(rfc), note="El acceso quedó guardado.")


@router.post("/{rfc}/accesos/{id_usuario}/quitar")
@needs(Right.SAT_OWN)
async def take_away(request: Request, rfc: str, id_usuario: int, caller: Caller, service: Service) -> Response:
    """Take a user's access away; whoever gives up their own goes back to the list."""
    try:
        await service.revoke_access(caller, rfc, id_usuario)
    except Conflict as fault:
        return await draw_detail(request, rfc, caller, service, fault=fault)
    place = HOME if id_usuario == caller.user_id else address(rfc)
    return redirect(request, place, note="El acceso se quitó.")


def _level(text: str) -> AccessLevel:
    if text not in set(AccessLevel):
        raise InvalidInput(fields={"nivel": "Elige un nivel de la lista."})
    return AccessLevel(text)
