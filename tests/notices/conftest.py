"""An outbox over a real database and a real SMTP server."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from acuse.kernel.audit import Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.jobs import Worker
from acuse.notices import Template
from acuse.notices.jobs import jobs, schedules
from acuse.notices.service import Letters, MailSettings, Outbox, SmtpPostman
from acuse.simulators.mailbox import Mailbox
from tests.support.jobs import AUDIT_KEYS


class PostOffice:
    """An outbox, its worker and the time they live in."""

    def __init__(self, database: Database, clock: MovableClock, settings: MailSettings) -> None:
        self.database, self.clock = database, clock
        events = Events()
        self.outbox = Outbox(
            database=database,
            clock=clock,
            events=events,
            audit=Audit(database, clock, AUDIT_KEYS),
            postman=SmtpPostman(settings),
            letters=Letters(),
        )
        declared = jobs(self.outbox)
        events.subscribe(declared)
        self.worker = Worker(
            database=database, clock=clock, events=events, jobs=declared, schedules=schedules(self.outbox)
        )

    async def work(self) -> None:
        """Send what is due by this clock (which the database does not know)."""
        await self.outbox.sweep()
        await self.worker.drain()

    async def enqueue(self, **changes: Any) -> None:
        """Write an e-mail with plausible fields."""
        fields: dict[str, Any] = {"key": "k1", "to": "alice@prueba.mx", "template": Template.PASSWORD_CHANGED}
        context = {"name": "Alice", "url": "https://acuse.prueba.mx"} | changes.pop("context", {})
        async with self.database.transaction() as tx:
            await self.outbox.enqueue(tx, **(fields | {"context": context} | changes))


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with Mailbox() as running:
        yield running


def mail_settings(port: int, **changes: Any) -> MailSettings:
    """Settings towards a server on this machine."""
    fields = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "Acuse <avisos@acuse.mx>"}
    return MailSettings.model_validate(fields | changes)


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands still in the past: what fell due has fallen due for the database as well."""
    return MovableClock(dt.datetime(2026, 3, 2, 18, 0, tzinfo=dt.UTC))


@pytest.fixture
def post_office(database: Database, clock: MovableClock) -> Callable[[MailSettings], PostOffice]:
    return lambda settings: PostOffice(database, clock, settings)


@pytest.fixture
def office(post_office: Callable[[MailSettings], PostOffice], mailbox: Mailbox) -> PostOffice:
    return post_office(mail_settings(mailbox.port))


@pytest.fixture
def server_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 which this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = tmp_path / "server.pem", tmp_path / "server.key"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_pem)
    return context


SECRET = SecretStr("hunter2-hunter2")
