"""How an outgoing call can fail below the level of its answer."""

from __future__ import annotations

from acuse.kernel.errors import Unavailable, Unreadable


class ServiceUnreachable(Unavailable):
    """No answer came. `sent` is False only when provably nothing reached the service."""

    code = "SERVICE_UNREACHABLE"
    message = "No hubo respuesta de {service}: {reason}. Se volverá a intentar."


class ReplyTooLarge(Unreadable):
    """The answer is bigger than this service ever sends."""

    code = "REPLY_TOO_LARGE"
    message = "La respuesta de {service} pesa más de lo permitido ({limit_bytes} bytes) y no se leyó."


class ReplyUnreadable(Unreadable):
    """The answer's compression or framing is broken."""

    code = "REPLY_UNREADABLE"
    message = "La respuesta de {service} llegó dañada y no se pudo leer."
