"""The API page, /docs: our own drawing of /openapi.json, since the stock one loads scripts from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from acuse.webkit.api_reading import read_groups
from acuse.webkit.pages import render

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]


def description(router: APIRouter, guard: Guard) -> None:
    """Add `GET /openapi.json` to a JSON router, for programs and for the page; `guard` marks who may read it."""

    @router.get("/openapi.json", summary="Esta descripción, en OpenAPI 3.1")
    @guard
    async def openapi(request: Request) -> Response:
        """Todas las llamadas con sus campos, respuestas y errores, para programas y generadores de clientes."""
        return JSONResponse(request.app.openapi())


def docs_page(router: APIRouter, guard: Guard) -> None:
    """Add `GET /docs` to a page router; `guard` marks who may read it."""

    @router.get("/docs", include_in_schema=False)
    @guard
    async def docs(request: Request, q: Annotated[str, Query(max_length=100)] = "") -> Response:
        """The same for people, grouped and searchable."""
        schema = request.app.openapi()
        server = f"{request.url.scheme}://{request.url.netloc}"
        return render(
            request,
            "webkit/docs.html",
            groups=read_groups(schema, server=server, query=q),
            every=read_groups(schema, server=server),
            query=q,
            version=schema["info"]["version"],
            about=schema["info"].get("description", ""),
        )
