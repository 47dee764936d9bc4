"""The theme switch: a form that remembers light, dark or the system's choice in a cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from acuse.webkit.pages import THEME_COOKIE, redirect, safe_return

_YEAR_SECONDS = 31_536_000
Guard = Callable[[Callable[..., Any]], Callable[..., Any]]


def theme_switch(router: APIRouter, guard: Guard) -> None:
    """Add `POST /app/apariencia` to a page router; `guard` is the mark that says who may call it (everybody)."""

    @router.post("/app/apariencia", include_in_schema=False)
    @guard
    async def choose_theme(
        request: Request,
        tema: Annotated[Literal["light", "dark", "system"], Form()],
        volver: Annotated[str, Form()] = "/app",
    ) -> Response:
        """Remember the theme and go back to the page."""
        response = redirect(request, safe_return(volver, "/app"))
        response.set_cookie(
            THEME_COOKIE,
            tema,
            max_age=_YEAR_SECONDS,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response
