"""All outgoing HTTP of a process: one pool of connections for the world, and simulators mounted in its place."""

from __future__ import annotations

import ipaddress
import logging
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, Self
from urllib.parse import urlsplit

import httpx2

from acuse.kernel.clock import Clock, SystemClock
from acuse.kernel.http.client import HttpClient
from acuse.kernel.http.model import Timeouts

MAX_BODY_BYTES: Final = 64 * 1024 * 1024
_DEFAULT_TIMEOUTS: Final = Timeouts()
_USER_AGENT: Final = "acuse"


def _is_trouble(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


# The library logs whole addresses, query included, whatever level its logger is set to later.
logging.getLogger("httpx2").addFilter(_is_trouble)


class HttpClients:
    """Makes clients per service and owns their connections. Nothing is opened before the first call.

    Proxy variables of the environment are obeyed, except towards this machine. Cookies are never kept:
    services must not meet each other through them.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._mounted: dict[str, httpx2.AsyncClient] = {}
        self._outside: httpx2.AsyncClient | None = None
        self._loopback: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def client(
        self,
        *,
        name: str,
        called: str = "",
        base_url: str = "",
        timeout: Timeouts = _DEFAULT_TIMEOUTS,
        retries: int = 2,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> HttpClient:
        """Answer a client for one service; `retries` is per call.

        `name` stands in logs and counters, `called` in what people read ("la Descarga masiva del SAT").
        """
        return HttpClient(
            name=name,
            called=called or name,
            base_url=base_url,
            timeout=timeout,
            retries=retries,
            max_body_bytes=max_body_bytes,
            clock=self._clock,
            route=self._route,
        )

    def mount(self, origin: str, asgi_app: Any) -> None:
        """Let an ASGI application in this process answer for an origin (scheme, host and port).

        Time limits are not enforced there and bodies arrive whole: run the simulator on loopback for those.
        """
        self._mounted[_origin(origin)] = _client(transport=httpx2.ASGITransport(app=asgi_app), trust_env=False)

    async def close(self) -> None:
        """Close all connections; a later call opens new ones."""
        clients = [client for client in (self._outside, self._loopback) if client]
        self._outside = self._loopback = None
        for client in clients:
            await client.aclose()

    def _route(self, address: str) -> httpx2.AsyncClient:
        mounted = self._mounted.get(_origin(address))
        if mounted is not None:
            return mounted
        if _is_loopback(urlsplit(address).hostname or ""):
            self._loopback = self._loopback or _client(trust_env=False)
            return self._loopback
        self._outside = self._outside or _client(trust_env=True)
        return self._outside


def _client(*, trust_env: bool, transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    limits = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=15.0)
    return httpx2.AsyncClient(
        transport=transport,
        trust_env=trust_env,
        cookies=jar,
        limits=limits,
        follow_redirects=False,
        headers={"User-Agent": _USER_AGENT},
    )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
