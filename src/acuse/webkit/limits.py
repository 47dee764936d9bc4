"""How many bytes a request may bring. A body past the limit is never held, declared or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acuse.kernel.errors import TooLarge
from acuse.webkit.formats import bytes_text

DEFAULT_LIMIT_BYTES = 2_000_000
_SCOPE_KEY = "acuse.body"
_MARK = "acuse_body_limit_bytes"

F = TypeVar("F", bound=Callable[..., Any])


class BodyTooLarge(HTTPException):
    """Raised while reading. An HTTPException, since FastAPI turns any other into "error parsing the body"."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(status_code=413)
        self.error = TooLarge(limit=bytes_text(limit_bytes))


def takes(limit_bytes: int) -> Callable[[F], F]:
    """Let this endpoint take bodies up to `limit_bytes` instead of the default limit."""

    def mark(endpoint: F) -> F:
        setattr(endpoint, _MARK, limit_bytes)
        return endpoint

    return mark


class BodyLimit:
    """Counts what is read and stops at the limit; the route applies the endpoint's own limit first."""

    def __init__(self, app: ASGIApp, *, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        self.app = app
        self.limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting `receive`."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        counter = _Counter(receive, self.limit_bytes, _declared(scope))
        scope[_SCOPE_KEY] = counter
        await self.app(scope, counter.receive, send)


def apply_limit(request: Request, endpoint: Callable[..., Any]) -> None:
    """Set the endpoint's own limit and refuse a declared length past it, before anything else is done."""
    counter = request.scope.get(_SCOPE_KEY)
    if isinstance(counter, _Counter):
        counter.limit_bytes = getattr(endpoint, _MARK, counter.limit_bytes)
        counter.refuse_declared()


class _Counter:
    def __init__(self, receive: Receive, limit_bytes: int, declared: int) -> None:
        self._receive = receive
        self._declared = declared
        self._read = 0
        self.limit_bytes = limit_bytes

    def refuse_declared(self) -> None:
        if self._declared > self.limit_bytes:
            raise BodyTooLarge(self.limit_bytes)

    async def receive(self) -> Message:
        self.refuse_declared()
        message = await self._receive()
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            if self._read > self.limit_bytes:
                raise BodyTooLarge(self.limit_bytes)
        return message


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
