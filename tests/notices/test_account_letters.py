"""People hear what happened to their account, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from acuse.accounts import Role, User
from acuse.accounts.events import AccountLocked, PasswordChanged, RefreshTokenReused, SecondFactorChanged, UserCreated
from acuse.accounts.model import UserStatus
from acuse.kernel.events import Event
from acuse.notices.jobs import account_jobs
from acuse.notices.service import AccountLetters
from acuse.simulators.mailbox import Mailbox
from tests.notices.conftest import PostOffice
from tests.support.jobs import Workshop

ALICE = User(
    id=7,
    tax_id="ÑAN800101AB1",
    name="Alice",
    mail="alice@prueba.mx",
    role=Role.CONTRIBUYENTE,
    status=UserStatus.ACTIVE,
    country="mx",
    theme=None,
    must_change_password=True,
    token_version=1,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    password_changed_at=datetime(2026, 1, 1, tzinfo=UTC),
)


class Street:
    """Alice, what happens to her account, and the mail she gets."""

    def __init__(self, office: PostOffice) -> None:
        self.office, self.user = office, ALICE
        letters = AccountLetters(
            database=office.database,
            clock=office.clock,
            outbox=office.outbox,
            user_of=self.find,
            public_url="https://acuse.prueba.mx/",
        )
        self.workshop = Workshop(office.database, account_jobs(letters))

    async def find(self, user_id: int) -> User:
        assert user_id == ALICE.id
        return self.user

    async def happens(self, event: Event, **changes: Any) -> None:
        self.user = replace(self.user, **changes)
        await self.workshop.publish(event)
        await self.workshop.worker().drain()
        await self.office.work()


@pytest.fixture
def street(office: PostOffice) -> Street:
    return Street(office)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (UserCreated(7), "ÑAN800101AB1"),
        (PasswordChanged(7), "https://acuse.prueba.mx/app/cuenta"),
        (RefreshTokenReused(7), "token de sesión"),
        (AccountLocked(7), "intentos fallidos"),
        (SecondFactorChanged(7, enabled=True), "Se activó el segundo paso"),
        (SecondFactorChanged(7, enabled=False), "Se quitó el segundo paso"),
    ],
)
async def test_each_event_gives_one_letter_however_often_it_is_delivered(
    street: Street, mailbox: Mailbox, event: Event, words: str
) -> None:
    await street.happens(event)
    await street.happens(event)
    [mail] = mailbox.mails
    assert mail.recipients == ("alice@prueba.mx",)
    assert words in (mail.body("plain") or "")


async def test_each_change_of_password_is_told(street: Street, mailbox: Mailbox) -> None:
    await street.happens(PasswordChanged(7))
    await street.happens(PasswordChanged(7), password_changed_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert len(mailbox.mails) == 2


async def test_attempts_are_told_again_after_an_hour_only(street: Street, mailbox: Mailbox) -> None:
    for _ in range(3):
        await street.happens(AccountLocked(7))
        street.office.clock.move(minutes=20)
    await street.happens(AccountLocked(7))
    assert len(mailbox.mails) == 2


@pytest.mark.parametrize("changes", [{"mail": ""}, {"mail": "not an address"}, {"status": UserStatus.INACTIVE}])
async def test_who_cannot_be_written_to_is_left_in_peace(
    street: Street, mailbox: Mailbox, changes: dict[str, Any]
) -> None:
    await street.happens(PasswordChanged(7), **changes)
    assert not mailbox.mails
