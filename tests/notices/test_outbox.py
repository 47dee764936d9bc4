"""The outbox: in the transaction or not at all, sent once, tried again, given up, never lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from acuse.kernel.audit import Actor
from acuse.notices import NoticeState, Template
from acuse.notices.errors import NoticeNotFound, NoticeNotRetryable, RecipientInvalid
from acuse.notices.model import DELAYS
from acuse.notices.service import MailSettings
from acuse.simulators.mailbox import Fault, Mailbox
from tests.notices.conftest import PostOffice, mail_settings
from tests.support.jobs import rows

ALICE = Actor(1, "Alice")


class TestEnqueue:
    async def test_the_mail_goes_out_after_the_commit(self, office: PostOffice, mailbox: Mailbox) -> None:
        await office.enqueue()
        assert not mailbox.mails
        await office.worker.drain()
        [mail] = mailbox.mails
        assert (mail.recipients, mail.subject) == (("alice@prueba.mx",), "Tu contraseña de Acuse cambió")
        [notice] = (await office.outbox.list(NoticeState.SENT)).items
        assert (notice.attempts, notice.sent_at) == (1, office.clock.now())

    async def test_a_rolled_back_transaction_sends_nothing(self, office: PostOffice, mailbox: Mailbox) -> None:
        async def both(*recipients: str) -> None:
            async with office.database.transaction() as tx:
                for to in recipients:
                    await office.outbox.enqueue(
                        tx, key="k", to=to, template=Template.PASSWORD_CHANGED, context={"name": "Alice", "url": ""}
                    )

        with pytest.raises(RecipientInvalid):
            await both("alice@prueba.mx", "nobody")
        await office.worker.drain()
        assert not mailbox.mails
        assert (await office.outbox.list()).items == []

    async def test_one_key_gives_one_mail_per_recipient(self, office: PostOffice, mailbox: Mailbox) -> None:
        for to in ("alice@prueba.mx", "alice@prueba.mx", "bob@prueba.mx"):
            await office.enqueue(to=to)
        await office.worker.drain()
        assert sorted(mail.recipients for mail in mailbox.mails) == [("alice@prueba.mx",), ("bob@prueba.mx",)]

    async def test_a_mail_says_what_it_is(self, office: PostOffice, mailbox: Mailbox) -> None:
        await office.enqueue()
        await office.worker.drain()
        headers = mailbox.mails[0].message
        assert headers["Auto-Submitted"] == "auto-generated"
        assert str(headers["From"]) == "Acuse <avisos@acuse.mx>"
        assert headers["Message-ID"].endswith("@acuse.mx>")
        assert mailbox.mails[0].body("plain") != mailbox.mails[0].body("html")

    async def test_nobody_can_smuggle_a_header_or_a_second_recipient(
        self, office: PostOffice, mailbox: Mailbox
    ) -> None:
        for to in ("a@b.mx\nBcc: eve@x.mx", "a@b.mx, eve@x.mx", "<a@b.mx>", "Alice <a@b.mx>", "a@b.mx eve@x.mx", "@"):
            with pytest.raises(RecipientInvalid):
                await office.enqueue(to=to)
        client = {
            "rfc": "EVE\r\nBcc: eve@x.mx",
            "name": "Eve",
            "cfdis": 3,
            "retenciones": None,
            "cancelled": 0,
            "status": "Terminó.",
            "attention": False,
        }
        context = {
            "clients": [client],
            "day": "02/03/2026",
            "cfdis": 3,
            "retenciones": None,
            "cancelled_count": 0,
            "attention": 0,
        }
        await office.enqueue(template=Template.DOWNLOAD_SUMMARY, context=context)
        await office.worker.drain()
        [mail] = mailbox.mails
        assert mail.message["Bcc"] is None
        assert mail.recipients == ("alice@prueba.mx",)

    async def test_an_incomplete_context_is_a_bug_told_at_once(self, office: PostOffice) -> None:
        with pytest.raises(KeyError, match="clients"):
            await office.enqueue(template=Template.DOWNLOAD_SUMMARY)


class TestWithoutServer:
    async def test_mails_wait_and_the_banner_says_why(
        self, post_office: Callable[[MailSettings], PostOffice], mailbox: Mailbox
    ) -> None:
        waiting = post_office(MailSettings())
        await waiting.enqueue()
        await waiting.worker.drain()
        [notice] = (await waiting.outbox.list(NoticeState.PENDING)).items
        assert notice.attempts == 0
        assert "SMTP_HOST" in (waiting.outbox.waiting_reason() or "")
        # Configured later, the sweep finds it.
        office = post_office(mail_settings(mailbox.port))
        assert office.outbox.waiting_reason() is None
        await office.outbox.sweep()
        await office.worker.drain()
        assert len(mailbox.mails) == 1


class TestFaults:
    async def test_the_waits_grow_and_then_it_is_given_up(self, office: PostOffice, mailbox: Mailbox) -> None:
        mailbox.faults.append(Fault("recipient", "450 4.2.0 Espere", times=100))
        await office.enqueue()
        await office.worker.drain()
        for attempt, delay in enumerate(DELAYS, start=1):
            [notice] = (await office.outbox.list()).items
            assert (notice.state, notice.attempts) == (NoticeState.PENDING, attempt)
            assert notice.next_try_at == office.clock.now() + delay
            await office.outbox.send(notice.id)
            assert (await office.outbox.list()).items[0].attempts == attempt  # not due yet
            office.clock.set(notice.next_try_at)
            await office.work()
        [notice] = (await office.outbox.list()).items
        assert (notice.state, notice.attempts, notice.next_try_at) == (NoticeState.FAILED, 6, None)
        assert "450 4.2.0 Espere" in (notice.last_error or "")

    @pytest.mark.parametrize("at", ["recipient", "data"])
    async def test_a_final_no_is_not_asked_again(self, office: PostOffice, mailbox: Mailbox, at: str) -> None:
        mailbox.faults.append(Fault(at, "550 5.1.1 No existe"))  # type: ignore[arg-type]
        await office.enqueue()
        await office.worker.drain()
        [notice] = (await office.outbox.list()).items
        assert notice.state is NoticeState.FAILED
        assert "5.1.1 No existe" in (notice.last_error or "")

    async def test_a_connection_cut_in_the_middle_is_tried_again(self, office: PostOffice, mailbox: Mailbox) -> None:
        mailbox.faults.append(Fault("cut"))
        await office.enqueue()
        await office.worker.drain()
        assert not mailbox.mails
        office.clock.move(minutes=1)
        await office.work()
        assert len(mailbox.mails) == 1

    async def test_a_mail_sent_twice_bears_one_message_id(self, office: PostOffice, mailbox: Mailbox) -> None:
        mailbox.faults.append(Fault("cut_after_keeping"))
        await office.enqueue()
        await office.worker.drain()
        office.clock.move(minutes=1)
        await office.work()
        first, second = mailbox.mails
        assert first.message["Message-ID"] == second.message["Message-ID"]

    async def test_a_server_that_is_away_costs_a_wait_only(
        self, post_office: Callable[[MailSettings], PostOffice], mailbox: Mailbox
    ) -> None:
        office = post_office(mail_settings(mailbox.port))
        await mailbox.stop()
        await office.enqueue()
        await office.worker.drain()
        [notice] = (await office.outbox.list()).items
        assert (notice.state, notice.next_try_at) == (NoticeState.PENDING, office.clock.now() + timedelta(minutes=1))

    async def test_a_crash_after_the_claim_is_made_up_for_by_the_sweep(
        self, office: PostOffice, mailbox: Mailbox
    ) -> None:
        await office.enqueue()
        [notice] = (await office.outbox.list()).items
        # The process died between claim and delivery: the row is leased, its job is gone.
        await rows(
            office.database,
            "UPDATE notices_outbox SET attempts = 1, next_try_at = :at RETURNING id",
            at=office.clock.now() + timedelta(minutes=2),
        )
        await rows(office.database, "DELETE FROM procrastinate_jobs RETURNING id")
        await office.outbox.sweep()
        await office.worker.drain()
        assert not mailbox.mails
        office.clock.move(minutes=3)
        await office.outbox.sweep()
        await office.worker.drain()
        assert len(mailbox.mails) == 1
        assert (await office.outbox.list()).items[0].id == notice.id


class TestRetry:
    async def test_a_mail_given_up_goes_out_on_request_and_it_is_audited(
        self, office: PostOffice, mailbox: Mailbox
    ) -> None:
        mailbox.faults.append(Fault("data", "554 5.7.1 No"))
        await office.enqueue()
        await office.worker.drain()
        [notice] = (await office.outbox.list(NoticeState.FAILED)).items
        await office.outbox.retry(notice.id, actor=ALICE)
        await office.worker.drain()
        assert len(mailbox.mails) == 1
        assert await office.outbox.counts() == {
            NoticeState.SENT: 1,
            NoticeState.PENDING: 0,
            NoticeState.FAILED: 0,
        }
        assert [row["accion"] for row in await rows(office.database, "SELECT * FROM auditoria")] == ["RETRY_NOTICE"]

    async def test_a_sent_one_is_not_sent_again(self, office: PostOffice) -> None:
        await office.enqueue()
        await office.worker.drain()
        with pytest.raises(NoticeNotRetryable):
            await office.outbox.retry((await office.outbox.list()).items[0].id, actor=ALICE)

    async def test_an_unknown_one_is_not_found(self, office: PostOffice) -> None:
        with pytest.raises(NoticeNotFound):
            await office.outbox.retry(99, actor=ALICE)


class TestList:
    async def test_pages_meet_without_gap_or_overlap(self, office: PostOffice) -> None:
        for number in range(5):
            await office.enqueue(key=f"k{number}")
        first = await office.outbox.list(limit=3)
        second = await office.outbox.list(cursor=first.next_cursor, limit=3)
        assert [notice.key for notice in (*first.items, *second.items)] == ["k4", "k3", "k2", "k1", "k0"]
        assert second.next_cursor is None
