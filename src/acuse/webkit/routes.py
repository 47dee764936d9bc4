"""Route classes: every fault of an endpoint is told once, in the shape of its router."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ClassVar, Self, TypeVar

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from acuse.webkit.answers import json_answer, page_answer
from acuse.webkit.envelopes import CRS_ENVELOPE as CRS_ENVELOPE
from acuse.webkit.envelopes import SAT_ENVELOPE as SAT_ENVELOPE
from acuse.webkit.envelopes import Envelope as Envelope
from acuse.webkit.limits import apply_limit

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
F = TypeVar("F", bound=Callable[..., Any])
_PUBLIC = "acuse_public"


class ToldRoute(APIRoute):
    """Checks size, then rights, then reads the body and runs the endpoint; tells whatever goes wrong."""

    async def authorize(self, request: Request, endpoint: Callable[..., Any]) -> None:
        """Refuse the caller before a byte of the body is read. Overridden where identities are known.

        `endpoint` is the function about to be called. Raises AppError to refuse.
        """

    async def tell(self, request: Request, fault: Exception) -> Response:
        """Answer this fault in the manner of the route."""
        return json_answer(request, fault, SAT_ENVELOPE)

    def get_route_handler(self) -> Handler:
        """Wrap FastAPI's own handler, which reads the body before any dependency runs."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                apply_limit(request, self.endpoint)
                await self.authorize(request, self.endpoint)
                return await inner(request)
            except Exception as fault:  # noqa: BLE001 - the one mapping place for requests
                return await self.tell(request, fault)

        return handler


class EnvelopeRoute(ToldRoute):
    """A JSON route. Faults are answered in the envelope of its router."""

    envelope: ClassVar[Envelope] = SAT_ENVELOPE

    @classmethod
    def using(cls, envelope: Envelope) -> type[Self]:
        """Answer this route class with another envelope, for `APIRouter(route_class=...)`."""
        return type(cls.__name__, (cls,), {"envelope": envelope})

    async def tell(self, request: Request, fault: Exception) -> Response:
        """Answer the fault as JSON in the envelope."""
        return json_answer(request, fault, self.envelope)


class PageRoute(ToldRoute):
    """A route for people. Faults become an error page, or a toast when htmx asked."""

    async def tell(self, request: Request, fault: Exception) -> Response:
        """Answer the fault as a page."""
        return page_answer(request, fault)


def open_to_all(reason: str) -> Callable[[F], F]:
    """Mark an endpoint as needing no login, and say why. The API's description reads the mark."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _PUBLIC, reason)
        return endpoint

    return mark


def is_open(endpoint: Callable[..., Any]) -> bool:
    """Tell whether the endpoint is marked as needing no login."""
    return hasattr(endpoint, _PUBLIC)


def verbs_at(app: FastAPI, path: str) -> list[str]:
    """Answer every verb taken at this path, for the header Allow: that of `/users/me` is not that of `/users/{id}`."""
    found: dict[str, set[str]] = {}
    for route in every_route(app):
        if route.methods and compile_path(route.path or "")[0].match(path):
            found.setdefault(route.path_format or "", set()).update(route.methods)
    return sorted(min(found.items(), key=lambda one: one[0].count("{"), default=("", set()))[1])


def every_route(app: FastAPI) -> Iterator[RouteContext]:
    """Walk all routes of an application, those of included routers too, with their full paths."""
    yield from iter_route_contexts(app.routes)
