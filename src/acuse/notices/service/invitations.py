"""E-mails that let somebody in: what they carry is made in the transaction that writes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acuse.accounts import User
from acuse.kernel.database import Database, Transaction
from acuse.notices.errors import RecipientInvalid
from acuse.notices.model import Template
from acuse.notices.service.outbox import Outbox

Give = Callable[[Transaction, int, int], Awaitable[tuple[User, str] | None]]
GiveLink = Callable[[Transaction, int], Awaitable[tuple[User, str] | None]]


class Invitations:
    """Sends a temporary password, or the code for a forgotten one. The mail's text is blanked once it is sent.

    Password or code and mail are made both or neither; a second delivery of the event finds nothing to do.
    """

    def __init__(
        self, *, database: Database, outbox: Outbox, give: Give, give_link: GiveLink, link_life_s: int, public_url: str
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._give = give
        self._give_link = give_link
        self._link_life_s = link_life_s
        self._public_url = public_url.rstrip("/")

    async def write(self, user_id: int, version: int) -> None:
        """Send a password of few days and one use, unless the account has changed since this version."""
        try:
            async with self._database.transaction() as tx:
                given = await self._give(tx, user_id, version)
                if given is not None:
                    key = f"{Template.INVITATION}:{user_id}:{version}"
                    user, password = given
                    await self._send(tx, Template.INVITATION, key, user, tax_id=user.tax_id, temporary=password)
        except RecipientInvalid:
            return

    async def write_recovery(self, recovery_id: int) -> None:
        """Send the code of a forgotten password, if whoever asked for it named a user with an address."""
        try:
            async with self._database.transaction() as tx:
                given = await self._give_link(tx, recovery_id)
                if given is not None:
                    key = f"{Template.RECOVERY}:{recovery_id}"
                    await self._send(
                        tx, Template.RECOVERY, key, given[0], secret=given[1], minutes=self._link_life_s // 60
                    )
        except RecipientInvalid:
            return

    async def _send(self, tx: Transaction, template: Template, key: str, user: User, **context: str | int) -> None:
        filled = {"name": user.name, "url": self._public_url, **context}
        await self._outbox.enqueue(tx, key=key, to=user.mail, template=template, context=filled)
