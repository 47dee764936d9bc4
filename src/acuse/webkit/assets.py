"""Static files under addresses that change with their content, so that a browser may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
import importlib.resources
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_HERE = Path(__file__).parent / "static"
_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "public, max-age=300"


@cache
def _files() -> Mapping[str, bytes]:
    """Answer every static file by name; htmx comes from its wheel."""
    files = {path.name: path.read_bytes() for path in sorted(_HERE.iterdir()) if path.suffix in _TYPES}
    htmx = importlib.resources.files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js"
    return {**files, "htmx.min.js": htmx.read_bytes()}


@cache
def _hash(name: str) -> str:
    return hashlib.sha256(_files()[name]).hexdigest()[:12]


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_files()[name], 9, mtime=0)


def takes_gzip(request: Request) -> bool:
    """Tell whether the asker understands gzip."""
    return "gzip" in request.headers.get("accept-encoding", "")


def asset(name: str) -> str:
    """Answer the address of a static file, with the hash of its content: `/static/3f2a…/acuse.css`."""
    return f"/static/{_hash(name)}/{name}"


async def static_file(request: Request) -> Response:
    """Answer a static file; an address with a stale hash gets the present file, kept for a short time."""
    name = request.path_params["name"]
    content = _files().get(name)
    if content is None:
        raise HTTPException(404)
    etag = f'"{_hash(name)}"'
    current = request.path_params.get("hash") == _hash(name)
    headers = {"ETag": etag, "Cache-Control": _FOR_EVER if current else _ASK_AGAIN, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    if takes_gzip(request):
        content = _packed(name)
        headers["Content-Encoding"] = "gzip"
    return Response(content, headers=headers, media_type=_TYPES[Path(name).suffix])


async def favicon(request: Request) -> Response:
    """Answer the mark as the site's icon."""
    request.path_params["name"] = "favicon.svg"
    return await static_file(request)
