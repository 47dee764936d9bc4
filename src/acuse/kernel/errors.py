"""The one error tree. Every fault a person or a program may meet is an AppError.

AppError
├── InvalidInput      400, exit 2   the caller can mend it
│   ├── TooLarge      413           more bytes than this door takes
│   └── Misconfigured exit 2        a setting is missing or wrong; the start stops
├── NotAuthenticated  401, exit 3   nobody, or somebody we no longer believe
├── NotAllowed        403, exit 4   role or right missing, quota reached
│   └── TooMany       429           come back after `retry_after_s`
├── NotFound          404, exit 5   it does not exist, or it is another's
├── Conflict          409, exit 6   duplicate, wrong state, key already used
└── Outside                         something we talk to
    ├── Refused       422, exit 7   the authority said no; final
    ├── Unavailable   503, exit 8   timeout, 5xx, closed for the night; retryable
    └── Unreadable    502, exit 9   it answered what we cannot read

Statuses and exit codes are written here and, per seed router, in that router's table. Nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar


class AppError(Exception):
    """Something went wrong in a way we know and can explain.

    A subclass fixes `code` (UPPER_SNAKE, unique, stable) and `message` (Spanish: what happened, why,
    what to do; may hold `{names}` filled from the keyword arguments). `details` is plain data that may
    be shown and logged: never a secret.
    """

    code: ClassVar[str] = "ERROR"
    message: ClassVar[str] = "Ocurrió un error."
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False

    def __init__(self, *, retry_after_s: float | None = None, **details: Any) -> None:
        self.details: dict[str, Any] = details
        self.retry_after_s = retry_after_s
        self.text = self.message.format_map(_Blank(details)) if details else self.message
        super().__init__(self.text)

    def __str__(self) -> str:
        return f"{self.text} ({self.code})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.details, self.retry_after_s)


def _rebuild(kind: type[AppError], details: Mapping[str, Any], retry_after_s: float | None) -> AppError:
    """Bring an error back from a worker process with its details."""
    return kind(retry_after_s=retry_after_s, **details)


class _Blank(dict[str, Any]):
    """Leave an unknown placeholder empty: an error must never fail while it is being told."""

    def __missing__(self, key: str) -> str:
        return ""


class InvalidInput(AppError):
    """What was sent is wrong and the sender can mend it.

    `fields` maps a field name to its problem in Spanish, so that a form can show it beside the field.
    """

    code = "VALIDATION_ERROR"
    message = "Hay datos que corregir."
    http_status = 400
    exit_code = 2

    @property
    def fields(self) -> Mapping[str, str]:
        """Answer the problems by field; empty when the fault is not one field's."""
        fields = self.details.get("fields", {})
        return fields if isinstance(fields, Mapping) else {}


class TooLarge(InvalidInput):
    """More bytes were sent than this door takes."""

    code = "TOO_LARGE"
    message = "Lo que enviaste pesa más de lo permitido ({limit}). Envía un archivo más pequeño."
    http_status = 413


class Misconfigured(InvalidInput):
    """A setting is missing or wrong. The start stops and names it."""

    code = "MISCONFIGURED"
    message = "La configuración no es válida: {problem}"


class NotAuthenticated(AppError):
    """Nobody is logged in, or the proof is no longer good."""

    code = "UNAUTHORIZED"
    message = "Inicia sesión para continuar."
    http_status = 401
    exit_code = 3


class NotAllowed(AppError):
    """The caller is known and lacks the right."""

    code = "FORBIDDEN"
    message = "Tu usuario no tiene permiso para esta acción. Pídelo a un administrador."
    http_status = 403
    exit_code = 4


class TooMany(NotAllowed):
    """Too many tries in too little time."""

    code = "TOO_MANY_REQUESTS"
    message = "Demasiados intentos. Espera un momento y vuelve a intentarlo."
    http_status = 429
    retryable = True


class NotFound(AppError):
    """It does not exist, or it belongs to somebody else, which is answered alike."""

    code = "NOT_FOUND"
    message = "No se encontró lo que buscas."
    http_status = 404
    exit_code = 5


class Conflict(AppError):
    """It clashes with what is already there."""

    code = "CONFLICT"
    message = "La acción choca con el estado actual. Actualiza la página y revisa."
    http_status = 409
    exit_code = 6


class Outside(AppError):
    """Something we talk to did not do what we asked."""

    code = "OUTSIDE_ERROR"
    message = "El servicio externo no respondió como se esperaba."
    http_status = 502
    exit_code = 9


class Refused(Outside):
    """The authority said no, with its own code and words in `details`. Final."""

    code = "REFUSED"
    message = "El servicio externo rechazó la petición."
    http_status = 422
    exit_code = 7


class Unavailable(Outside):
    """No answer, or not now. Worth another try."""

    code = "UNAVAILABLE"
    message = "El servicio externo no está disponible. Se volverá a intentar."
    http_status = 503
    exit_code = 8
    retryable = True


class Unreadable(Outside):
    """It answered what we cannot read. The answer is kept for study, never guessed."""

    code = "UNREADABLE"
    message = "El servicio externo respondió algo que no se puede leer."


def every_error() -> Iterator[type[AppError]]:
    """Walk the whole tree, root first, as far as it has been imported."""

    def walk(kind: type[AppError]) -> Iterator[type[AppError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from walk(child)

    return walk(AppError)
