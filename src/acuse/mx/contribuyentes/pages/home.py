"""What the home page says before there is a first taxpayer; e.firmas that need somebody are among the alerts."""

from __future__ import annotations

from fastapi import Request

from acuse.accounts.model import Role
from acuse.accounts.rights import Identity
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.webkit.pages import fragment


async def home_panel(request: Request) -> str:
    """Draw the way to the first e.firma."""
    service: ContribuyentesService = request.app.state.services[ContribuyentesService]
    identity: Identity = request.state.identity
    if identity.role is not Role.CONTRIBUYENTE or await service.visible_to(identity):
        return ""
    return str(fragment(request, "contribuyentes/home.html"))
