"""Invitations: a temporary password, made in the transaction that writes its mail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acuse.accounts import User
from acuse.kernel.database import Database, Transaction
from acuse.notices.errors import RecipientInvalid
from acuse.notices.model import Template
from acuse.notices.service.outbox import Outbox

Give = Callable[[Transaction, int, int], Awaitable[tuple[User, str] | None]]


class Invitations:
    """Sends somebody a password of few days and one use. The mail's text is blanked once it is sent."""

    def __init__(self, *, database: Database, outbox: Outbox, give: Give, public_url: str) -> None:
        self._database = database
        self._outbox = outbox
        self._give = give
        self._public_url = public_url.rstrip("/")

    async def write(self, user_id: int, version: int) -> None:
        """Make the password and its mail, both or neither; a second delivery of the event finds nothing to do."""
        try:
            async with self._database.transaction() as tx:
                given = await self._give(tx, user_id, version)
                if given is None:
                    return
                user, password = given
                await self._outbox.enqueue(
                    tx,
                    key=f"{Template.INVITATION}:{user_id}:{version}",
                    to=user.mail,
                    template=Template.INVITATION,
                    context={
                        "name": user.name,
                        "tax_id": user.tax_id,
                        "temporary": password,
                        "url": self._public_url,
                    },
                )
        except RecipientInvalid:
            return
