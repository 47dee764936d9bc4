"""The way to the mail server: encrypted always, but towards this machine."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from acuse.notices import NoticeState
from acuse.notices.service import MailSettings
from acuse.simulators.mailbox import Mailbox
from tests.notices.conftest import SECRET, PostOffice, mail_settings

Offices = Callable[[MailSettings], PostOffice]


class TestEncryption:
    async def test_starttls_is_used_when_asked(self, post_office: Offices, server_tls: ssl.SSLContext) -> None:
        async with Mailbox(tls=server_tls) as mailbox:
            office = post_office(mail_settings(mailbox.port, smtp_tls="starttls"))
            await office.enqueue()
            await office.worker.drain()
            assert [mail.encrypted for mail in mailbox.mails] == [True]

    async def test_a_server_that_offers_no_starttls_gets_nothing(self, post_office: Offices, mailbox: Mailbox) -> None:
        office = post_office(mail_settings(mailbox.port, smtp_tls="starttls"))
        await office.enqueue()
        await office.worker.drain()
        assert not mailbox.mails
        [notice] = (await office.outbox.list()).items
        assert notice.state is NoticeState.PENDING
        assert "STARTTLS" in (notice.last_error or "")

    async def test_tls_from_the_start(self, post_office: Offices, server_tls: ssl.SSLContext) -> None:
        async with Mailbox(tls=server_tls, implicit_tls=True) as mailbox:
            office = post_office(mail_settings(mailbox.port, smtp_tls="tls"))
            await office.enqueue()
            await office.worker.drain()
            assert [mail.encrypted for mail in mailbox.mails] == [True]

    async def test_a_certificate_nobody_vouches_for_gets_nothing(
        self, post_office: Offices, server_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        async with Mailbox(tls=server_tls) as mailbox:
            office = post_office(mail_settings(mailbox.port, smtp_tls="starttls"))
            await office.enqueue()
            await office.worker.drain()
            assert not mailbox.mails

    @pytest.mark.parametrize(
        ("host", "port", "encryption"),
        [("smtp.prueba.mx", 587, "starttls"), ("smtp.prueba.mx", 465, "tls"), ("smtp.prueba.mx", 25, "starttls"),
         ("127.0.0.1", 1025, "none"), ("localhost", 465, "tls")],
    )  # fmt: skip
    def test_auto_never_means_plain_towards_another_machine(self, host: str, port: int, encryption: str) -> None:
        assert mail_settings(port, smtp_host=host).encryption == encryption

    def test_plain_towards_another_machine_is_refused_at_start(self) -> None:
        with pytest.raises(ValidationError, match="mismo equipo"):
            mail_settings(25, smtp_host="smtp.prueba.mx", smtp_tls="none")


class TestLogin:
    async def test_user_and_password_are_given(self, post_office: Offices, server_tls: ssl.SSLContext) -> None:
        async with Mailbox(tls=server_tls, user="acuse", password=SECRET.get_secret_value()) as mailbox:
            office = post_office(mail_settings(mailbox.port, smtp_tls="starttls", smtp_user="acuse", smtp_pass=SECRET))
            await office.enqueue()
            await office.worker.drain()
            assert len(mailbox.mails) == 1

    async def test_a_refused_password_waits_for_the_administrator(
        self, post_office: Offices, server_tls: ssl.SSLContext
    ) -> None:
        async with Mailbox(tls=server_tls, user="acuse", password="another") as mailbox:
            office = post_office(mail_settings(mailbox.port, smtp_tls="starttls", smtp_user="acuse", smtp_pass=SECRET))
            await office.enqueue()
            await office.worker.drain()
        [notice] = (await office.outbox.list()).items
        assert notice.state is NoticeState.PENDING
        assert "contraseña" in (notice.last_error or "")
        assert SECRET.get_secret_value() not in (notice.last_error or "")


class TestSettings:
    def test_a_host_needs_a_sender(self) -> None:
        with pytest.raises(ValidationError, match="SMTP_FROM"):
            mail_settings(587, smtp_from="")

    def test_the_user_serves_as_sender(self) -> None:
        assert mail_settings(587, smtp_from="", smtp_user="a@b.mx").sender.addr_spec == "a@b.mx"

    def test_the_password_is_not_shown(self) -> None:
        assert SECRET.get_secret_value() not in repr(mail_settings(587, smtp_pass=SECRET))
