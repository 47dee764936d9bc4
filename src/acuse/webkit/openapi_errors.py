"""What the API's description says of errors: each call's statuses, in the envelope of its family."""

from __future__ import annotations

from typing import Any, Final

from acuse.kernel.errors import (
    AppError,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    Refused,
    TooLarge,
    TooMany,
    Unavailable,
    Unreadable,
)
from acuse.webkit.envelopes import Envelope

GENERAL: Final = "x-general"
"""Marks an answer that every call of a family may give: the page for people does not repeat it at each."""
_EVERYWHERE: Final[dict[type[AppError], str]] = {
    InvalidInput: "Hay datos que corregir.",
    TooLarge: "La petición es demasiado grande.",
    NotFound: "No existe, o no está al alcance de quien pregunta.",
    Conflict: "Choca con lo que ya hay.",
    Refused: "La autoridad dijo que no.",
    TooMany: "Demasiadas peticiones: espera lo que dice Retry-After.",
    Unreadable: "La autoridad respondió algo que no se puede leer.",
    Unavailable: "Algo de lo que depende no responde: vuelve a intentarlo.",
}
_GUARDED: Final[dict[type[AppError], str]] = {
    NotAuthenticated: "Falta un token válido.",
    NotAllowed: "Falta el derecho, o un límite lo impide.",
}


def error_answers(envelope: Envelope, *, guarded: bool) -> dict[str, Any]:
    """Answer the `responses` of errors of one call. One that is open to all may still refuse what proves who one is."""
    shape = {"$ref": f"#/components/schemas/{schema_name(envelope)}"}
    answers: dict[str, Any] = {}
    for kind, text in (_GUARDED | _EVERYWHERE).items():
        told = text if guarded or kind not in _GUARDED else "Lo que prueba quién eres no es válido o no basta."
        status = str(envelope.status(kind()))
        content = {"application/json": {"schema": shape}}
        answers.setdefault(status, {"description": told, "content": content, GENERAL: True})
    return answers


def schema_name(envelope: Envelope) -> str:
    """Answer the name under which the envelope's shape stands among the components."""
    return str(envelope.schema.get("title", "Error"))
