"""The one place where an exception becomes an AppError that HTTP can tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from acuse.kernel.errors import (
    AppError,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
    TooMany,
    Unavailable,
)
from acuse.webkit.limits import BodyTooLarge
from acuse.webkit.validation import as_invalid_input


class InternalError(AppError):
    """A bug of ours. The person gets a number to quote, the log gets the traceback."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    message: ClassVar[str] = (
        "Ocurrió un error inesperado y quedó registrado. Vuelve a intentarlo; "
        "si se repite, comunica este número al administrador: {request_id}."
    )


class BadRequest(InvalidInput):
    """The request cannot be read at all: broken multipart, broken encoding."""

    code: ClassVar[str] = "BAD_REQUEST"
    message: ClassVar[str] = "La petición no se puede leer. Revisa el formato de lo que envías."


class MethodNotAllowed(InvalidInput):
    """The path exists and does not take this verb; the header Allow tells which it takes."""

    code: ClassVar[str] = "METHOD_NOT_ALLOWED"
    message: ClassVar[str] = "Esta dirección no admite el método {method}."
    http_status: ClassVar[int] = 405


_BY_STATUS: Mapping[int, type[AppError]] = {
    400: BadRequest,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    422: InvalidInput,
    429: TooMany,
    503: Unavailable,
}


def as_app_error(fault: Exception, *, method: str = "", request_id: str = "") -> AppError:
    """Answer the error of our tree that tells this fault; what is not expected becomes InternalError."""
    if isinstance(fault, AppError):
        return fault
    if isinstance(fault, RequestValidationError):
        return as_invalid_input(fault.errors())
    if isinstance(fault, BodyTooLarge):
        return fault.error
    if isinstance(fault, HTTPException) and fault.status_code in _BY_STATUS:
        kind = _BY_STATUS[fault.status_code]
        return kind(method=method) if kind is MethodNotAllowed else kind()
    return InternalError(request_id=request_id)


def extra_headers(fault: Exception, error: AppError) -> dict[str, str]:
    """Answer the headers a fault carries: its own (Allow, WWW-Authenticate) and Retry-After."""
    headers = dict(getattr(fault, "headers", None) or {})
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, TooLarge):
        headers["Connection"] = "close"
    if isinstance(error, NotAuthenticated):
        headers.setdefault("WWW-Authenticate", 'Bearer realm="acuse"')
    return headers
