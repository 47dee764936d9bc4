"""The frame around every page, for the person who looks at it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from starlette.requests import Request

from acuse.accounts.guards import Identity
from acuse.kernel.feature import MenuEntry
from acuse.webkit.frame import Frame, Surroundings, build_menu

LOGOUT_PATH: Final = "/app/logout"
ACCOUNT_PATH: Final = "/app/cuenta"
_ZONES: Final = {
    "mx": ZoneInfo("America/Mexico_City"),
    "ec": ZoneInfo("America/Guayaquil"),
    "ar": ZoneInfo("America/Argentina/Buenos_Aires"),
}


def frame_parts(request: Request, *, menu: Iterable[MenuEntry], surroundings: Surroundings) -> Frame:
    """Answer the frame for this request: the visitor's, or that of whoever's cookie it carries.

    Reads what the guard found; draws no rail for somebody who must change the password first.
    """
    identity: Identity | None = getattr(request.state, "cookie_identity", None)
    if identity is None:
        return Frame(surroundings=surroundings, logout_path=LOGOUT_PATH)
    kept_out = identity.must_change_password or identity.owes_second_factor
    return Frame(
        user_name=identity.name,
        role_name=identity.role.label,
        menu=() if kept_out else build_menu(menu, may=identity.may, path=request.url.path),
        surroundings=surroundings,
        theme=identity.theme,
        zone=_ZONES[identity.country],
        logout_path=LOGOUT_PATH,
        account_path=ACCOUNT_PATH,
    )
