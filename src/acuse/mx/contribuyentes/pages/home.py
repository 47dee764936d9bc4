"""What the home page says about e.firmas."""

from __future__ import annotations

from fastapi import Request

from acuse.accounts.model import Role
from acuse.accounts.rights import Identity
from acuse.mx.contribuyentes.model import needs_attention
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.webkit.pages import fragment


async def home_panel(request: Request) -> str:
    """Draw what the home page says about e.firmas: load the first one, or those missing, ended or about to end."""
    service: ContribuyentesService = request.app.state.services[ContribuyentesService]
    identity: Identity = request.state.identity
    found = await service.visible_to(identity)
    waiting = [item for item in found if needs_attention(item)]
    first = not found and identity.role is Role.CONTRIBUYENTE
    if not waiting and not first:
        return ""
    return str(fragment(request, "contribuyentes/home.html", found=found, waiting=waiting))
