"""What can go wrong with e-mail."""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotFound, Refused, Unavailable


class RecipientInvalid(InvalidInput):
    """The address cannot be one."""

    code = "NOTICE_RECIPIENT_INVALID"
    message = "La dirección de correo no es válida. Escríbela como nombre@dominio."


class NoticeNotFound(NotFound):
    """There is no such e-mail."""

    code = "NOTICE_NOT_FOUND"
    message = "No existe el correo {notice_id}."


class NoticeNotRetryable(Conflict):
    """Only an e-mail that was given up can be asked again."""

    code = "NOTICE_NOT_RETRYABLE"
    message = (
        "El correo {notice_id} no se puede reintentar: está {state}. Solo se reintentan los que quedaron en Error."
    )


class MailRefused(Refused):
    """The mail server said no for good: this recipient or this message."""

    code = "MAIL_REFUSED"
    message = "El servidor de correo rechazó el mensaje ({reply_code}): {reply}"


class MailUnavailable(Unavailable):
    """The mail server cannot be reached, asks to wait, or does not let us in."""

    code = "MAIL_UNAVAILABLE"
    message = "No se pudo entregar al servidor de correo: {reason}. Se volverá a intentar."
