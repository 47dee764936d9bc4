"""Refuses writes that another site makes a logged-in browser send. No token in forms is needed."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from acuse.kernel.errors import NotAllowed

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SAME_SITE = frozenset({"same-origin", "none"})


class CrossSite(NotAllowed):
    """A write carried by a cookie came from another site, or does not say where it comes from."""

    code: ClassVar[str] = "CROSS_SITE_REQUEST"
    message: ClassVar[str] = (
        "La petición no salió de esta página, así que no se hizo nada. Abre la página de nuevo y repite la acción."
    )


class SameOrigin:
    """Lets a write with a cookie and without a bearer token pass only from our own pages.

    The browser says so itself: `Sec-Fetch-Site` where it sends it, else `Origin`. Behind a proxy, `Origin` is
    compared with `public_url` as well as with `Host`.
    """

    def __init__(self, app: ASGIApp, *, public_url: str = "") -> None:
        self.app = app
        self._public = _origin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or raise CrossSite."""
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            headers = Headers(scope=scope)
            by_cookie = "cookie" in headers and "authorization" not in headers
            # Logging in sets a cookie without having one: another site must not do it for the user either.
            to_a_page = scope["path"].startswith("/app/")
            if (by_cookie or to_a_page) and not self._is_ours(scope["scheme"], headers):
                raise CrossSite
        await self.app(scope, receive, send)

    def _is_ours(self, scheme: str, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in _SAME_SITE
        origin = _origin(headers.get("origin", ""))
        return bool(origin) and origin in {self._public, _origin(f"{scheme}://{headers.get('host', '')}")}


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.scheme and parts.netloc else ""
