"""The mailbox: keeps what comes, shows it safely."""

from __future__ import annotations

from email.message import EmailMessage

import aiosmtplib
import httpx2
import pytest

from acuse.simulators.mailbox import Fault, Mailbox, create_page

HOSTILE = "<script>alert(1)</script>"


def a_message(*, subject: str = "Hola, señor Ñandú", html: str = "<p>Hola</p>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "acuse@prueba.mx", "alice@prueba.mx", subject
    message.set_content("Hola en texto")
    message.add_alternative(html, subtype="html")
    return message


async def post(mailbox: Mailbox, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname="127.0.0.1", port=mailbox.port, start_tls=False)


async def get(mailbox: Mailbox, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=create_page(mailbox))
    async with httpx2.AsyncClient(transport=transport, base_url="http://buzon") as client:
        return await client.get(path)


class TestSink:
    async def test_keeps_envelope_subject_and_both_bodies(self) -> None:
        async with Mailbox() as mailbox:
            await post(mailbox, a_message())
            [mail] = mailbox.mails
        assert (mail.recipients, mail.subject) == (("alice@prueba.mx",), "Hola, señor Ñandú")
        assert (mail.body("plain"), mail.body("html")) == ("Hola en texto\n", "<p>Hola</p>\n")

    async def test_fails_as_told_and_then_works_again(self) -> None:
        async with Mailbox() as mailbox:
            mailbox.faults.append(Fault("data", "452 4.3.1 Sin espacio"))
            with pytest.raises(aiosmtplib.SMTPDataError):
                await post(mailbox, a_message())
            await post(mailbox, a_message())
            assert len(mailbox.mails) == 1

    async def test_listens_on_this_machine_only(self) -> None:
        async with Mailbox() as mailbox:
            assert mailbox._server is not None
            assert {socket.getsockname()[0] for socket in mailbox._server.sockets} == {"127.0.0.1"}


class TestPage:
    async def test_an_empty_mailbox_says_so(self) -> None:
        assert "Todavía no llega ningún correo" in (await get(Mailbox(), "/")).text

    async def test_lists_and_shows_a_mail(self) -> None:
        async with Mailbox() as mailbox:
            await post(mailbox, a_message())
        assert 'href="/mensajes/1">Hola, señor Ñandú</a>' in (await get(mailbox, "/")).text
        shown = (await get(mailbox, "/mensajes/1")).text
        assert "Hola en texto" in shown
        assert "<iframe" in shown

    async def test_a_hostile_mail_stays_harmless(self) -> None:
        async with Mailbox() as mailbox:
            await post(mailbox, a_message(subject=HOSTILE, html=HOSTILE))
        for path in ("/", "/mensajes/1"):
            answer = await get(mailbox, path)
            assert HOSTILE not in answer.text
            assert "script-src" not in answer.headers["content-security-policy"]
            assert "default-src 'none'" in answer.headers["content-security-policy"]
        frame = await get(mailbox, "/mensajes/1/html")
        assert frame.headers["content-security-policy"].startswith("sandbox; default-src 'none'")

    async def test_pages_carry_no_inline_style_or_script(self) -> None:
        async with Mailbox() as mailbox:
            await post(mailbox, a_message())
        for path in ("/", "/mensajes/1", "/mensajes/99"):
            text = (await get(mailbox, path)).text
            assert "style=" not in text
            assert "<style" not in text
            assert "<script" not in text

    async def test_programs_read_json(self) -> None:
        async with Mailbox() as mailbox:
            await post(mailbox, a_message())
        [mail] = (await get(mailbox, "/mensajes.json")).json()
        assert (mail["to"], mail["subject"]) == (["alice@prueba.mx"], "Hola, señor Ñandú")

    async def test_a_mail_that_is_not_there_is_404_in_words(self) -> None:
        answer = await get(Mailbox(), "/mensajes/7")
        assert (answer.status_code, "No está aquí" in answer.text) == (404, True)
