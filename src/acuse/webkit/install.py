"""Dresses an application: middlewares, fault handlers, static files, API description."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acuse.webkit.answers import answer
from acuse.webkit.assets import favicon, static_file
from acuse.webkit.csrf import SameOrigin
from acuse.webkit.headers import SecurityHeaders
from acuse.webkit.limits import DEFAULT_LIMIT_BYTES, BodyLimit
from acuse.webkit.openapi import describe
from acuse.webkit.pages import Pages
from acuse.webkit.trace import Trace


def install(
    app: FastAPI,
    *,
    pages: Pages,
    public_url: str = "",
    cors_origins: Sequence[str] = (),
    body_limit_bytes: int = DEFAULT_LIMIT_BYTES,
) -> None:
    """Dress a bare application. Call it once, before it serves.

    Build the app as `FastAPI(docs_url=None, redoc_url=None, openapi_url=None)`. `app.state.frame`, `.services`
    and `.clock` are set by the caller; `app.state.pages` is set here. Outermost first: request number, security
    headers, last resort, CORS (only when origins are given), body limit, same origin.
    """
    app.state.pages = pages
    app.add_middleware(SameOrigin, public_url=public_url)
    app.add_middleware(BodyLimit, limit_bytes=body_limit_bytes)
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=["X-Request-ID", "Retry-After"],
        )
    app.add_middleware(LastResort)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Trace)
    app.add_exception_handler(HTTPException, _told)
    app.router.routes.extend(
        (
            Route("/static/{hash}/{name}", static_file, include_in_schema=False),
            Route("/favicon.ico", favicon, include_in_schema=False),
            Route("/favicon.svg", favicon, include_in_schema=False),
        )
    )
    describe(app)


class LastResort:
    """Tells what no route told: refusals of middlewares and bugs outside the route classes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer what comes up, unless an answer was begun."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as fault:
            if begun:
                raise
            response = answer(Request(scope, receive), fault)
            await response(scope, receive, send)


async def _told(request: Request, fault: Exception) -> Response:
    return answer(request, fault)
