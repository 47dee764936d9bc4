"""The theme switch: a form that remembers light, dark or the system's choice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from acuse.webkit.frame import Theme
from acuse.webkit.pages import THEME_COOKIE, redirect, safe_return

_YEAR_SECONDS = 31_536_000
Guard = Callable[[Callable[..., Any]], Callable[..., Any]]
Remember = Callable[[Request, Theme], Awaitable[None]]


def theme_switch(router: APIRouter, guard: Guard, *, remember: Remember | None = None) -> None:
    """Add `POST /app/apariencia` to a page router; `guard` is the mark that says who may call it (everybody).

    The browser keeps the choice in a cookie; `remember` may keep it in the account of whoever asks, where there is one.
    """

    @router.post("/app/apariencia", include_in_schema=False)
    @guard
    async def choose_theme(
        request: Request, tema: Annotated[Theme, Form()], volver: Annotated[str, Form()] = "/app"
    ) -> Response:
        """Remember the theme and go back to the page."""
        if remember is not None:
            await remember(request, tema)
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
