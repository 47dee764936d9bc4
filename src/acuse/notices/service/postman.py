"""Carries an e-mail to the mail server by SMTP: encrypted always, but towards this machine."""

from __future__ import annotations

import asyncio
import ipaddress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final, Literal, Protocol

import aiosmtplib
from pydantic import Field, SecretStr, model_validator

from acuse.kernel.settings import Settings
from acuse.notices.errors import MailRefused, MailUnavailable
from acuse.notices.model import Notice, clean_address, one_line

_CONNECT_S: Final = 10.0
_TOTAL_S: Final = 30.0
_IMPLICIT_PORT: Final = 465
_FINAL: Final = 500
_LOGIN_CODES: Final = frozenset({530, 534, 535, 538})


class MailSettings(Settings):
    """Correo saliente."""

    smtp_host: str = Field("", description="Servidor de correo. Vacío: los correos esperan como Pendiente.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Puerto: 587 con STARTTLS, 465 con TLS desde el inicio.")
    smtp_user: str = Field("", description="Usuario del servidor de correo. Vacío: sin autenticación.")
    smtp_pass: SecretStr = Field(SecretStr(""), description="Contraseña del servidor de correo.")
    smtp_from: str = Field("", description="Remitente, como Acuse <avisos@ejemplo.mx>. Vacío: SMTP_USER.")
    smtp_tls: Literal["auto", "starttls", "tls", "none"] = Field(
        "auto", description="Cifrado: auto decide por el puerto; none solo se acepta hacia este equipo."
    )

    @model_validator(mode="after")
    def _check(self) -> MailSettings:
        if not self.smtp_host:
            return self
        if self.smtp_tls == "none" and not is_this_machine(self.smtp_host):
            raise ValueError("SMTP_TLS=none solo se acepta cuando SMTP_HOST es este mismo equipo")
        sender = parseaddr(self.smtp_from or self.smtp_user)[1]
        if "@" not in sender:
            raise ValueError("SMTP_FROM debe ser una dirección de correo, como avisos@ejemplo.mx")
        return self

    @property
    def sender(self) -> Address:
        """Answer who the e-mails come from."""
        name, address = parseaddr(self.smtp_from or self.smtp_user)
        return Address(one_line(name) or "Acuse", addr_spec=clean_address(address))

    @property
    def encryption(self) -> Literal["starttls", "tls", "none"]:
        """Answer how the connection is protected."""
        if self.smtp_tls != "auto":
            return self.smtp_tls
        if self.smtp_port == _IMPLICIT_PORT:
            return "tls"
        return "none" if is_this_machine(self.smtp_host) else "starttls"


class Postman(Protocol):
    """Something that delivers e-mail. SMTP today; an HTTPS service could take its place."""

    @property
    def waiting_reason(self) -> str | None:
        """Answer in Spanish why nothing is sent at all; None when it is."""
        ...

    @property
    def sender_address(self) -> str:
        """Answer the bare address the e-mails come from."""
        ...

    async def deliver(self, notice: Notice) -> None:
        """Hand one e-mail over; raises MailRefused (final) or MailUnavailable."""
        ...


class SmtpPostman:
    """Delivers by SMTP, one message per recipient."""

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    @property
    def waiting_reason(self) -> str | None:
        """Answer in Spanish why nothing is sent at all; None when it is."""
        if self._settings.smtp_host:
            return None
        return "Los correos esperan sin enviarse: falta configurar el servidor de correo (SMTP_HOST)."

    @property
    def sender_address(self) -> str:
        """Answer the bare address the e-mails come from."""
        return self._settings.sender.addr_spec if self._settings.smtp_host else ""

    async def deliver(self, notice: Notice) -> None:
        """Hand one e-mail over; raises MailRefused (final) or MailUnavailable."""
        settings = self._settings
        message = compose(notice, settings.sender)
        try:
            async with asyncio.timeout(_TOTAL_S):
                await aiosmtplib.send(
                    message,
                    sender=settings.sender.addr_spec,
                    recipients=[notice.recipient],
                    hostname=settings.smtp_host,
                    port=settings.smtp_port,
                    username=settings.smtp_user or None,
                    password=settings.smtp_pass.get_secret_value() or None,
                    use_tls=settings.encryption == "tls",
                    start_tls=settings.encryption == "starttls",
                    timeout=_CONNECT_S,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0].code, error.recipients[0].message) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise MailUnavailable(reason=_reason(error)) from error


def compose(notice: Notice, sender: Address) -> EmailMessage:
    """Answer the message: text and HTML, one recipient, marked as automatic; headers hold one line each."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=notice.recipient)
    message["Subject"] = one_line(notice.subject)
    message["Date"] = format_datetime(notice.created_at)
    message["Message-ID"] = notice.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "es"
    message.set_content(notice.text)
    message.add_alternative(notice.html, subtype="html")
    return message


def is_this_machine(host: str) -> bool:
    """Tell whether a host is loopback by its name or number."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(error: Exception) -> str:
    # The library has no class of its own for a server without STARTTLS: it raises the bare root.
    if type(error) is aiosmtplib.SMTPException or isinstance(error, aiosmtplib.SMTPNotSupported):
        return "el servidor no ofrece cifrado (STARTTLS) o autenticación, y sin ellos no se envía nada"
    return "no se pudo conectar o la conexión se cortó"


def _refusal(code: int, text: str) -> MailRefused | MailUnavailable:
    """A 5xx is final, but for a refused login: that is for the administrator to mend."""
    words = one_line(text)[:200]
    if code in _LOGIN_CODES:
        return MailUnavailable(reason=f"el servidor no aceptó el usuario o la contraseña ({code})")
    if code >= _FINAL:
        return MailRefused(reply_code=code, reply=words)
    return MailUnavailable(reason=f"el servidor pidió esperar ({code} {words})")
