"""The SMTP side: accepts what comes, keeps the last messages in memory, fails when it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final, Literal, Self
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST: Final = "127.0.0.1"
_KEEP: Final = 500


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One message as received. `recipients` are those of the envelope."""

    id: int
    sender: str
    recipients: tuple[str, ...]
    received_at: datetime
    encrypted: bool
    raw: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        """Answer the parsed message."""
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def subject(self) -> str:
        """Answer the subject, decoded."""
        return str(self.message["Subject"] or "")

    def body(self, kind: Literal["plain", "html"]) -> str | None:
        """Answer the text or HTML part; None when there is none."""
        part = self.message.get_body((kind,))
        return None if part is None else str(part.get_content()).replace("\r\n", "\n")

    def as_dict(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": list(self.recipients),
            "received_at": self.received_at.isoformat(),
            "encrypted": self.encrypted,
            "subject": self.subject,
            "headers": {name: str(value) for name, value in self.message.items()},
            "text": self.body("plain"),
            "html": self.body("html"),
        }


@dataclass
class Fault:
    """What goes wrong with the next messages: a reply such as `450 4.2.0 Espere`, or a cut in the middle."""

    at: Literal["recipient", "data", "cut", "cut_after_keeping"]
    reply: str = ""
    times: int = 1


class Mailbox:
    """An SMTP server. Start it on a port (0 takes a free one) and read `mails`."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        user: str | None = None,
        password: str | None = None,
    ) -> None:
        self.mails: deque[Mail] = deque(maxlen=_KEEP)
        self.faults: list[Fault] = []
        self._now = now
        self._tls, self._implicit_tls = tls, implicit_tls
        self._user, self._password = user, password
        self._received = 0
        self._server: asyncio.Server | None = None
        self._sessions: WeakSet[SMTP] = WeakSet()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def port(self) -> int:
        """Answer the port it listens on."""
        if self._server is None:
            raise RuntimeError("the mailbox is not started")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self, port: int = 0) -> None:
        """Listen on loopback."""
        loop = asyncio.get_running_loop()
        encrypted = self._tls if self._implicit_tls else None
        self._server = await loop.create_server(lambda: self._session(loop), HOST, port, ssl=encrypted)

    async def stop(self) -> None:
        """Stop listening and hang up; what was received stays."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for session in self._sessions:
                _cut(session)
            await server.wait_closed()

    def get(self, mail_id: int) -> Mail | None:
        """Answer one message."""
        return next((mail for mail in self.mails if mail.id == mail_id), None)

    async def handle_RCPT(  # noqa: N802 - the library's name for the hook
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient, unless a fault waits for one."""
        fault = self._take("recipient")
        if fault is not None:
            return fault.reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message, unless a fault waits for one."""
        if self._take("cut"):
            _cut(server)
            return "451 cut"
        fault = self._take("data")
        if fault is not None:
            return fault.reply
        content = envelope.content or b""
        self._received += 1
        self.mails.append(
            Mail(
                id=self._received,
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                received_at=self._now(),
                encrypted=session.ssl is not None or self._implicit_tls,
                raw=content if isinstance(content, bytes) else content.encode(),
            )
        )
        if self._take("cut_after_keeping"):
            _cut(server)
        return "250 OK"

    def _session(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        session = SMTP(
            self,
            hostname="buzon.acuse.invalid",
            ident="Acuse",
            loop=loop,
            tls_context=None if self._implicit_tls else self._tls,
            require_starttls=self._tls is not None and not self._implicit_tls,
            auth_required=self._user is not None,
            auth_require_tls=self._tls is not None and not self._implicit_tls,
            authenticator=self._authenticate if self._user is not None else None,
        )
        self._sessions.add(session)
        return session

    def _authenticate(self, *attempt: Any) -> AuthResult:
        data = attempt[-1]
        known = (str(self._user).encode(), str(self._password).encode())
        is_known = isinstance(data, LoginPassword) and (data.login, data.password) == known
        return AuthResult(success=is_known, handled=False)

    def _take(self, at: str) -> Fault | None:
        for fault in self.faults:
            if fault.at == at and fault.times > 0:
                fault.times -= 1
                return fault
        return None


def _cut(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
