"""Answers to a fault: JSON in an envelope, an error page, or a toast for htmx."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse.kernel.errors import AppError
from acuse.kernel.logs import get_logger
from acuse.webkit.envelopes import SAT_ENVELOPE, Envelope
from acuse.webkit.faults import InternalError, as_app_error, extra_headers
from acuse.webkit.pages import render
from acuse.webkit.trace import request_id

log = get_logger(__name__)

_SERVER_FAULT = 500


def json_answer(request: Request, fault: Exception, envelope: Envelope = SAT_ENVELOPE) -> Response:
    """Answer a fault as JSON in this envelope, with Retry-After and the like."""
    error = _understood(request, fault)
    status = envelope.status(error)
    _record(error, fault, status)
    return JSONResponse(envelope.body(error, status), status, headers=extra_headers(fault, error))


def page_answer(request: Request, fault: Exception) -> Response:
    """Answer a fault to a person: an error page, or a toast when htmx asked."""
    error = _understood(request, fault)
    _record(error, fault, error.http_status)
    headers = extra_headers(fault, error)
    headers.pop("WWW-Authenticate", None)
    by_htmx = "hx-request" in request.headers
    if by_htmx:
        headers |= {"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"}
    name = "webkit/error_toast.html" if by_htmx else "webkit/error.html"
    return render(request, name, status=error.http_status, headers=headers, error=error, request_id=request_id(request))


def answer(request: Request, fault: Exception) -> Response:
    """Answer a fault met outside every route: a page under /app or for a browser, JSON for a program."""
    return page_answer(request, fault) if wants_page(request) else json_answer(request, fault)


def wants_page(request: Request) -> bool:
    """Tell whether a person's browser asks: a path under /app, or HTML in Accept outside the API."""
    path = request.url.path
    if path == "/app" or path.startswith("/app/"):
        return True
    return "text/html" in request.headers.get("accept", "") and not path.startswith("/api/")


def _understood(request: Request, fault: Exception) -> AppError:
    return as_app_error(fault, method=request.method, request_id=request_id(request))


def _record(error: AppError, fault: Exception, status: int) -> None:
    if isinstance(error, InternalError):
        log.error("request_failed", exc_info=fault)
    elif status >= _SERVER_FAULT:
        log.warning("request_refused", code=error.code, status=status)
    else:
        log.debug("request_refused", code=error.code, status=status)
