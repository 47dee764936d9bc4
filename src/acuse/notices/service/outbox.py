"""The outbox: e-mails enqueued in the caller's transaction, sent by a job, retried, shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events
from acuse.kernel.logs import get_logger
from acuse.kernel.paging import Cursor, Page, check_limit, page_of, row_number
from acuse.notices import store
from acuse.notices.errors import MailRefused, MailUnavailable, NoticeNotFound, NoticeNotRetryable
from acuse.notices.events import NoticeDue
from acuse.notices.model import ONE_TIME, Notice, NoticeState, Template, clean_address, delay_after, message_id_of
from acuse.notices.service.letters import Letters
from acuse.notices.service.postman import Postman

_LEASE: Final = timedelta(minutes=2)
_SWEEP: Final = 500
_log = get_logger(__name__)


class Outbox:
    """E-mails to people. One row per key and recipient; at most one duplicate per crash, with the same Message-ID."""

    def __init__(
        self, *, database: Database, clock: Clock, events: Events, audit: Audit, postman: Postman, letters: Letters
    ) -> None:
        self._database = database
        self._clock = clock
        self._events = events
        self._audit = audit
        self._postman = postman
        self._letters = letters

    async def enqueue(
        self, tx: Transaction, *, key: str, to: str, template: Template, context: Mapping[str, Any]
    ) -> None:
        """Write an e-mail in the caller's transaction; it is sent after the commit.

        `key` names what it tells of: a second one for the same recipient is dropped in silence. The
        context is stored in the written e-mail: never a session token; the text of one that lets somebody in is
        blanked once it is sent. Raises RecipientInvalid.
        """
        recipient = clean_address(to)
        letter = self._letters.write(template, context)
        notice_id = await store.add(
            tx,
            key=key,
            template=template.value,
            recipient=recipient,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            message_id=message_id_of(key, recipient, self._postman.sender_address),
            created_at=self._clock.now(),
        )
        if notice_id is not None:
            await self._publish(tx, notice_id)

    def waiting_reason(self) -> str | None:
        """Answer the sentence for the banner when e-mails wait for want of a mail server; None otherwise."""
        return self._postman.waiting_reason

    async def send(self, notice_id: int) -> None:
        """Send one e-mail if it is due, and record what came of it. Nothing is raised for a mail server's no."""
        if self._postman.waiting_reason is not None:
            return
        now = self._clock.now()
        async with self._database.transaction() as tx:
            notice = await store.claim(tx, notice_id, now=now, lease_until=now + _LEASE)
        if notice is None:
            return
        try:
            await self._postman.deliver(notice)
        except (MailRefused, MailUnavailable) as fault:
            await self._put_off(notice, fault)
            return
        blank = {"text": "", "html": ""} if notice.template in ONE_TIME else {}
        async with self._database.transaction() as tx:
            await store.change(
                tx,
                notice_id,
                **blank,
                state=NoticeState.SENT,
                sent_at=self._clock.now(),
                next_try_at=None,
                last_error=None,
            )
        _log.info("notice_sent", notice_id=notice_id, template=notice.template)

    async def sweep(self) -> None:
        """Call for every e-mail that is due: those that waited for a mail server, and those a crash left behind."""
        if self._postman.waiting_reason is not None:
            return
        async with self._database.transaction() as tx:
            for notice_id in await store.select_due(tx, now=self._clock.now(), limit=_SWEEP):
                await self._publish(tx, notice_id)

    async def list(
        self, state: NoticeState | None = None, *, cursor: str | None = None, limit: int | None = None
    ) -> Page[Notice]:
        """Answer e-mails of a state (or all), newest first."""
        size = check_limit(limit)
        below = Cursor.decode(cursor, row_number)[0] if cursor else None
        async with self._database.transaction() as tx:
            notices = await store.select_page(tx, state, below=below, limit=size + 1)
        return page_of(notices, size, lambda notice: (notice.id,))

    async def counts(self) -> dict[NoticeState, int]:
        """Answer how many e-mails are in each state."""
        async with self._database.transaction() as tx:
            return await store.count(tx)

    async def retry(self, notice_id: int, *, actor: Actor) -> None:
        """Send an e-mail in Error again, from its first try. Raises NoticeNotFound or NoticeNotRetryable."""
        async with self._database.transaction() as tx:
            notice = await store.get(tx, notice_id)
            if notice is None:
                raise NoticeNotFound(notice_id=notice_id)
            if notice.state is not NoticeState.FAILED:
                raise NoticeNotRetryable(notice_id=notice_id, state=notice.state.value)
            await store.change(tx, notice_id, state=NoticeState.PENDING, attempts=0, next_try_at=None)
            await self._publish(tx, notice_id)
            await self._audit.record(
                tx, AuditAction.RETRY_NOTICE, actor=actor, target_type="correos", target_id=str(notice_id)
            )

    async def _put_off(self, notice: Notice, fault: MailRefused | MailUnavailable) -> None:
        """Set the next try, or give up after the last one or a final no."""
        delay = delay_after(notice.attempts) if fault.retryable else None
        at = None if delay is None else self._clock.now() + delay
        state = NoticeState.FAILED if at is None else NoticeState.PENDING
        async with self._database.transaction() as tx:
            await store.change(tx, notice.id, state=state, next_try_at=at, last_error=fault.text)
            if at is not None:
                await self._events.publish(tx, NoticeDue(notice.id), at=at, once=str(notice.id))
        _log.warning("notice_not_sent", notice_id=notice.id, code=fault.code, attempts=notice.attempts, state=state)

    async def _publish(self, tx: Transaction, notice_id: int) -> None:
        await self._events.publish(tx, NoticeDue(notice_id), once=str(notice_id))
