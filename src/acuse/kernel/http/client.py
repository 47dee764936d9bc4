"""One service's client: a call goes out, a whole reply comes back, whatever its status."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx2
from prometheus_client import Counter, Histogram

from acuse.kernel.clock import Clock
from acuse.kernel.http.causes import TOTAL_TIMEOUT, Cause, cause_of
from acuse.kernel.http.errors import ReplyTooLarge, ReplyUnreadable, ServiceUnreachable
from acuse.kernel.http.model import HttpReply, Timeouts
from acuse.kernel.logs import get_logger

_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 30.0
_WORTH_ANOTHER: Final = frozenset({502, 503, 504})
_log = get_logger(__name__)
_seconds = Histogram("acuse_outgoing_seconds", "Duration of calls to outside services", ["service", "outcome"])
_retries = Counter("acuse_outgoing_retries", "Calls to outside services made again", ["service"])


class HttpClient:
    """Calls one outside service. Made by HttpClients.client, which all clients share their connections with."""

    def __init__(
        self,
        *,
        name: str,
        called: str,
        base_url: str,
        timeout: Timeouts,
        retries: int,
        max_body_bytes: int,
        clock: Clock,
        route: Callable[[str], httpx2.AsyncClient],
    ) -> None:
        self.name = name
        self._called = called
        self._base_url = base_url
        self._timeout = timeout
        self._retries = retries
        self._max_body_bytes = max_body_bytes
        self._clock = clock
        self._route = route

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        retry: bool = False,
    ) -> HttpReply:
        """Call and answer the whole reply; its status is never an error here. Redirects are not followed.

        A call of which provably nothing was sent is made again by itself. With `retry=True` (idempotent
        calls only) every transport fault and 502, 503, 504 are, waiting longer each time or what
        Retry-After says. Raises ServiceUnreachable, ReplyTooLarge or ReplyUnreadable.
        """
        address = urljoin(self._base_url, url) if self._base_url else url
        for tries_left in range(self._retries, -1, -1):
            wait_s = self._wait_s(self._retries - tries_left)
            try:
                reply = await self._call(method, address, dict(headers or {}), content)
            except ServiceUnreachable as error:
                if not tries_left or error.details["cause"] == "tls" or (error.details["sent"] and not retry):
                    raise
            else:
                if not (retry and tries_left and reply.status in _WORTH_ANOTHER):
                    return reply
                wait_s = min(reply.retry_after_s or wait_s, _LONGEST_WAIT_S)
            _retries.labels(service=self.name).inc()
            await self._clock.sleep(wait_s)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _call(self, method: str, address: str, headers: dict[str, str], content: bytes | None) -> HttpReply:
        """Make one try, measured and logged without query, headers or bodies."""
        start, outcome = time.perf_counter(), "error"
        try:
            reply = await self._exchange(method, address, headers, content)
            outcome = str(reply.status)
        except ServiceUnreachable as error:
            outcome = str(error.details["cause"])
            raise
        except (ReplyTooLarge, ReplyUnreadable):
            outcome = "unreadable"
            raise
        finally:
            seconds = time.perf_counter() - start
            _seconds.labels(service=self.name, outcome=outcome).observe(seconds)
            parts = urlsplit(address)
            _log.debug(
                "outgoing_call",
                service=self.name,
                method=method,
                host=parts.hostname,
                path=parts.path,
                outcome=outcome,
                ms=round(seconds * 1000),
            )
        return reply

    async def _exchange(self, method: str, address: str, headers: dict[str, str], content: bytes | None) -> HttpReply:
        limits = self._timeout
        timeout = httpx2.Timeout(connect=limits.connect_s, read=limits.read_s, write=limits.write_s, pool=limits.pool_s)
        client = self._route(address)
        try:
            async with (
                asyncio.timeout(limits.total_s),
                client.stream(method, address, headers=headers, content=content, timeout=timeout) as response,
            ):
                body = await self._read(response)
                return HttpReply(status=response.status_code, headers=_lowered(response.headers), body=body)
        except TimeoutError as error:
            raise self._unreachable(TOTAL_TIMEOUT) from error
        except httpx2.DecodingError as error:
            raise ReplyUnreadable(service=self._called) from error
        except httpx2.TransportError as error:
            raise self._unreachable(cause_of(error)) from error

    async def _read(self, response: httpx2.Response) -> bytes:
        limit = self._max_body_bytes
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise ReplyTooLarge(service=self._called, limit_bytes=limit)
        body = bytearray()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > limit:
                raise ReplyTooLarge(service=self._called, limit_bytes=limit)
        return bytes(body)

    def _unreachable(self, cause: Cause) -> ServiceUnreachable:
        return ServiceUnreachable(service=self._called, cause=cause.word, reason=cause.reason, sent=cause.sent)

    @staticmethod
    def _wait_s(tries_made: int) -> float:
        wait_s: float = min(_FIRST_WAIT_S * 2**tries_made, _LONGEST_WAIT_S)
        return wait_s * (1 + secrets.randbelow(25) / 100)


def _lowered(headers: httpx2.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
