"""What can go wrong with the consulta service.

Unavailable
└── ConsultaTrouble
Unreadable
└── ConsultaUnreadable
"""

from __future__ import annotations

from acuse.kernel.errors import Unavailable, Unreadable


class ConsultaTrouble(Unavailable):
    """The service answered with an HTTP error or a SOAP fault."""

    code = "SAT_CONSULTA_TROUBLE"
    message = "El servicio de consulta del SAT respondió con un error ({sat_message}). Intenta de nuevo más tarde."


class ConsultaUnreadable(Unreadable):
    """The service answered something that is not an answer of it: mostly a page of an outage, so worth another try."""

    code = "SAT_CONSULTA_UNREADABLE"
    retryable = True
    message = "No se pudo leer la respuesta del servicio de consulta del SAT: {problem}. Intenta de nuevo más tarde."
