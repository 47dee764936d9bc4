"""The commands over the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from acuse.kernel.audit import Actor
from acuse.kernel.commands import Runner
from acuse.notices.cli import COLUMNS, commands
from acuse.notices.errors import NoticeNotRetryable
from acuse.simulators.mailbox import Fault, Mailbox
from tests.notices.conftest import PostOffice


class Terminal:
    """A runner over one built service that remembers what it showed."""

    actor = Actor(None, "CLI")

    def __init__(self, service: object) -> None:
        self._service = service
        self.shown: list[Any] = []
        self.said: list[str] = []

    @asynccontextmanager
    async def service(self, kind: type[Any]) -> AsyncIterator[Any]:
        assert isinstance(self._service, kind)
        yield self._service

    def show(self, value: Any, *, columns: Sequence[str] | None = None) -> None:
        assert columns == COLUMNS
        self.shown += value

    def say(self, text: str) -> None:
        self.said.append(text)


async def run(office: PostOffice, *tokens: str) -> Terminal:
    terminal = Terminal(office.outbox)
    runner: Runner = terminal
    await commands(runner).run_async(list(tokens), result_action="return_value", exit_on_error=False)
    return terminal


async def test_list_shows_mails_and_their_fault(office: PostOffice, mailbox: Mailbox) -> None:
    mailbox.faults.append(Fault("data", "554 5.7.1 No"))
    await office.enqueue()
    await office.worker.drain()
    terminal = await run(office, "list", "--estado", "Error")
    [row] = terminal.shown
    assert (row["estado"], row["destinatario"], row["intentos"]) == ("Error", "alice@prueba.mx", 1)
    assert "554" in row["error"]


async def test_retry_sends_again_and_says_so(office: PostOffice, mailbox: Mailbox) -> None:
    mailbox.faults.append(Fault("data", "554 5.7.1 No"))
    await office.enqueue()
    await office.worker.drain()
    terminal = await run(office, "retry", "1")
    await office.worker.drain()
    assert terminal.said == ["El correo 1 se enviará en un momento."]
    assert len(mailbox.mails) == 1


async def test_retry_of_a_sent_mail_is_refused(office: PostOffice) -> None:
    await office.enqueue()
    await office.worker.drain()
    with pytest.raises(NoticeNotRetryable):
        await run(office, "retry", "1")
