"""A number for every request: in its log lines, in its answer, in what a person quotes after a fault."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acuse.kernel.logs import get_logger

log = get_logger("acuse.http")

_SCOPE_KEY = "acuse.request_id"
_SAFE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id(connection: HTTPConnection) -> str:
    """Answer the number of this request."""
    return str(connection.scope.get(_SCOPE_KEY, ""))


class Trace:
    """Binds the request's number to the log, returns it as X-Request-ID, and writes one line per request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its number; a well-formed number of the caller is kept."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        number = asked if _SAFE.fullmatch(asked) else secrets.token_hex(8)
        scope[_SCOPE_KEY] = number
        status = 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = number
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=number, method=scope["method"], path=scope["path"]):
            try:
                await self.app(scope, receive, numbered)
            finally:
                if not scope["path"].startswith("/static/"):
                    log.info("request", status=status, ms=round((time.perf_counter() - started) * 1000, 1))
