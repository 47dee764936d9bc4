"""Tells people what happened to their account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from acuse.accounts import User
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.notices.errors import RecipientInvalid
from acuse.notices.model import Template
from acuse.notices.service.outbox import Outbox


class AccountLetters:
    """Writes to the owner of an account. Somebody without an address, or disabled, is left in peace."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        user_of: Callable[[int], Awaitable[User]],
        public_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._user_of = user_of
        self._public_url = public_url.rstrip("/")

    async def welcome(self, user_id: int) -> None:
        """Tell that the account exists; once ever."""
        user = await self._user_of(user_id)
        await self._write(user, Template.WELCOME, occasion="alta", tax_id=user.tax_id)

    async def password_changed(self, user_id: int) -> None:
        """Tell that the password was replaced; once per change."""
        user = await self._user_of(user_id)
        changed_at = user.password_changed_at
        await self._write(user, Template.PASSWORD_CHANGED, occasion=changed_at.isoformat() if changed_at else "alta")

    async def token_reused(self, user_id: int) -> None:
        """Tell that a session was closed because its token came back; at most once an hour."""
        await self._write(await self._user_of(user_id), Template.TOKEN_REUSED, occasion=self._hour())

    async def locked(self, user_id: int) -> None:
        """Tell of many failed attempts; at most once an hour, so that nobody can flood a mailbox."""
        await self._write(await self._user_of(user_id), Template.ACCOUNT_LOCKED, occasion=self._hour())

    async def second_factor_changed(self, user_id: int, *, enabled: bool) -> None:
        """Tell that the second step was turned on or off; at most once a minute each."""
        occasion = f"{enabled}:{self._clock.now():%Y-%m-%dT%H:%M}"
        await self._write(await self._user_of(user_id), Template.SECOND_FACTOR, occasion=occasion, enabled=enabled)

    async def _write(self, user: User, template: Template, *, occasion: str, **context: str | bool) -> None:
        if not user.mail or not user.is_active:
            return
        filled = {"name": user.name, "url": self._public_url, **context}
        key = f"{template}:{user.id}:{occasion}"
        try:
            async with self._database.transaction() as tx:
                await self._outbox.enqueue(tx, key=key, to=user.mail, template=template, context=filled)
        except RecipientInvalid:
            return

    def _hour(self) -> str:
        return self._clock.now().strftime("%Y-%m-%dT%H")
