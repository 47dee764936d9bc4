"""Logins of browsers: an opaque cookie, kept here as a hash."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from acuse.accounts.errors import TokenRejected
from acuse.accounts.model import SessionKind, User
from acuse.accounts.rights import Identity
from acuse.accounts.store import SessionStore, UserStore
from acuse.accounts.tokens import fingerprint, new_secret
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database

_TOUCH_EVERY: Final = timedelta(minutes=1)


class BrowserService:
    """Opens, reads and ends the sessions behind cookies."""

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        sessions: SessionStore,
        life_s: int,
        strict: bool,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._life = timedelta(seconds=life_s)
        self._strict = strict
        self._audit = audit
        self._clock = clock

    @property
    def life_s(self) -> int:
        """Answer how long a cookie may live at most, in seconds."""
        return int(self._life.total_seconds())

    async def open(self, user: User, *, ip: str | None, agent: str, after_change: bool = False) -> str:
        """Open a session and answer the cookie's secret. Audited as LOGIN, unless it only follows a password change."""
        secret, now = new_secret(), self._clock.now()
        async with self._database.transaction() as tx:
            session = await self._sessions.open(
                tx,
                user,
                SessionKind.BROWSER,
                now=now,
                life=self._life,
                ip=ip,
                agent=agent,
                cookie_hash=fingerprint(secret),
            )
            if not after_change:
                await self._users.note_login(tx, user.id, now)
                await self._audit.record(
                    tx,
                    AuditAction.LOGIN,
                    actor=Actor(user.id, user.name, ip),
                    target_type="users",
                    target_id=str(user.id),
                    after={"sesion": session.id, "medio": SessionKind.BROWSER},
                )
        return secret

    async def identify(self, secret: str, *, ip: str | None) -> Identity:
        """Answer whose cookie this is, as the database says now; raises TokenRejected.

        A user who must change the password is answered too: the guards let them no further than that page.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            found = await self._sessions.by_cookie(tx, fingerprint(secret), now)
            if found is None or not found[1].is_active:
                raise TokenRejected
            session, user = found
            if now - session.last_seen_at >= _TOUCH_EVERY:
                await self._sessions.touch(tx, session.id, now, ip)
        return Identity.of(user, ip=ip, session_id=session.id, strict=self._strict)

    async def close(self, identity: Identity) -> None:
        """End this browser's session."""
        if identity.session_id is None:
            return
        async with self._database.transaction() as tx:
            if await self._sessions.revoke(tx, identity.session_id, self._clock.now(), user_id=identity.user_id):
                await self._audit.record(
                    tx,
                    AuditAction.LOGOUT,
                    actor=identity.actor,
                    target_type="users",
                    target_id=str(identity.user_id),
                    after={"sesion": identity.session_id},
                )
