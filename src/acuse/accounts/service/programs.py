"""Logins of programs: short access tokens, and refresh tokens that are used once and watched for a second use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from acuse.accounts.errors import TokenRejected
from acuse.accounts.events import RefreshTokenReused
from acuse.accounts.model import Session, SessionKind, User
from acuse.accounts.rights import Identity
from acuse.accounts.settings import AccountsSettings
from acuse.accounts.store import RefreshStore, SessionStore, UserStore
from acuse.accounts.tokens import Claims, TokenKind, TokenSigner, fingerprint
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events

_CHANGE_LIFE: Final = timedelta(minutes=10)
_FACTOR_LIFE: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class TokenPair:
    """What a program gets at login and at each renewal."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    user: User


class ProgramService:
    """Issues, renews, reads and ends the tokens of programs.

    Source: RFC 9700, 4.14.2 (rotation with reuse detection). Within `refresh_grace_s` a used token is taken
    again at most `refresh_grace_reuses` times, for two tabs or a lost reply; later it ends its family.
    """

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        sessions: SessionStore,
        refresh_tokens: RefreshStore,
        signer: TokenSigner,
        settings: AccountsSettings,
        events: Events,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._refresh_tokens = refresh_tokens
        self._signer = signer
        self._settings = settings
        self._events = events
        self._audit = audit
        self._clock = clock

    async def open(self, user: User, *, ip: str | None, agent: str = "") -> TokenPair:
        """Open a session for somebody who just proved who they are; answer its first pair. Audited as LOGIN."""
        now = self._clock.now()
        life = timedelta(seconds=self._settings.session_life_s)
        async with self._database.transaction() as tx:
            session = await self._sessions.open(tx, user, SessionKind.PROGRAM, now=now, life=life, ip=ip, agent=agent)
            pair = await self._issue(tx, user, session, now)
            await self._users.note_login(tx, user.id, now)
            await self._audit.record(
                tx,
                AuditAction.LOGIN,
                actor=Actor(user.id, user.name, ip),
                target_type="users",
                target_id=str(user.id),
                after={"sesion": session.id, "medio": SessionKind.PROGRAM},
            )
        return pair

    async def refresh(self, token: str, *, ip: str | None) -> TokenPair:
        """Answer a new pair for a refresh token, which is used up by it.

        Raises TokenRejected. A second use outside the grace ends the whole family, is audited and told to the owner.
        """
        now = self._clock.now()
        claims = self._signer.read(token, TokenKind.REFRESH, now=now)
        if claims.session is None:
            raise TokenRejected
        digest = fingerprint(token)
        async with self._database.transaction() as tx:
            await self._sessions.lock(tx, claims.session)
            found = await self._sessions.by_id(tx, claims.session, now)
            stored = await self._refresh_tokens.get(tx, digest)
            if found is None or stored is None or stored.session_id != claims.session:
                raise TokenRejected
            session, user = found
            if not user.is_active or user.must_change_password or user.id != claims.user_id:
                raise TokenRejected
            pair = None
            if await self._may_use(tx, digest, now):
                await self._sessions.touch(tx, session.id, now, ip)
                pair = await self._issue(tx, user, session, now, parent=digest)
            else:
                await self._end_family(tx, user, session.id, now, ip)
        if pair is None:
            raise TokenRejected
        return pair

    async def close(self, identity: Identity) -> None:
        """End the session an access token belongs to, its tokens within the grace included."""
        if identity.session_id is not None:
            await self._close(identity.session_id, identity.actor)

    async def identify(self, token: str, *, ip: str | None) -> Identity:
        """Answer whose access token this is, as the database says now; raises TokenRejected."""
        now = self._clock.now()
        claims = self._signer.read(token, TokenKind.ACCESS, now=now)
        if claims.session is None:
            raise TokenRejected
        async with self._database.transaction() as tx:
            found = await self._sessions.by_id(tx, claims.session, now)
        if found is None:
            raise TokenRejected
        session, user = found
        if (
            not user.is_active
            or user.must_change_password
            or user.id != claims.user_id
            or user.token_version != claims.version
        ):
            raise TokenRejected
        strict = self._settings.admin_second_factor == "required"
        return Identity.of(user, ip=ip, session_id=session.id, strict=strict)

    def change_token(self, user: User) -> str:
        """Answer a token good for changing this user's password once, within ten minutes."""
        now = self._clock.now()
        return self._signer.sign(
            Claims(
                user_id=user.id,
                kind=TokenKind.CHANGE,
                version=user.token_version,
                issued_at=now,
                expires_at=now + _CHANGE_LIFE,
            )
        )

    def factor_token(self, user: User) -> str:
        """Answer a token that says the password was right: good for the second step, within five minutes."""
        now = self._clock.now()
        return self._signer.sign(
            Claims(
                user_id=user.id,
                kind=TokenKind.FACTOR,
                version=user.token_version,
                issued_at=now,
                expires_at=now + _FACTOR_LIFE,
            )
        )

    async def halfway(self, factor_token: str) -> User:
        """Answer who showed the right password a moment ago; raises TokenRejected."""
        claims = self._signer.read(factor_token, TokenKind.FACTOR, now=self._clock.now())
        async with self._database.transaction() as tx:
            user = await self._users.by_id(tx, claims.user_id)
        if user is None or not user.is_active or user.token_version != claims.version or not user.has_second_factor:
            raise TokenRejected
        return user

    async def _may_use(self, tx: Transaction, digest: bytes, now: datetime) -> bool:
        """Use a token up, or count a use within the grace. The family's row is locked: one at a time."""
        if await self._refresh_tokens.use(tx, digest, now):
            return True
        stored = await self._refresh_tokens.get(tx, digest)
        if stored is None or stored.used_at is None or stored.reuses >= self._settings.refresh_grace_reuses:
            return False
        if now - stored.used_at >= timedelta(seconds=self._settings.refresh_grace_s):
            return False
        await self._refresh_tokens.count_reuse(tx, digest)
        return True

    async def _issue(
        self, tx: Transaction, user: User, session: Session, now: datetime, *, parent: bytes | None = None
    ) -> TokenPair:
        def claims(kind: TokenKind, life_s: int) -> Claims:
            return Claims(
                user_id=user.id,
                kind=kind,
                version=user.token_version,
                issued_at=now,
                expires_at=min(session.expires_at, now + timedelta(seconds=life_s)),
                session=session.id,
                extra={"id_usuario": user.id, "id_rol": int(user.role), "rol": user.role.label, "cuit": user.tax_id},
            )

        access = self._signer.sign(claims(TokenKind.ACCESS, self._settings.access_token_life_s))
        refresh = self._signer.sign(claims(TokenKind.REFRESH, self._settings.session_idle_s))
        await self._refresh_tokens.add(tx, fingerprint(refresh), session.id, now, parent=parent)
        return TokenPair(access, refresh, user)

    async def _end_family(self, tx: Transaction, user: User, session_id: UUID, now: datetime, ip: str | None) -> None:
        await self._sessions.revoke(tx, session_id, now, user_id=user.id)
        await self._events.publish(tx, RefreshTokenReused(user.id))
        await self._audit.record(
            tx,
            AuditAction.TOKEN_REUSE_DETECTED,
            actor=Actor(None, "Anónimo", ip),
            target_type="users",
            target_id=str(user.id),
            after={"sesion": session_id},
        )

    async def _close(self, session_id: UUID, actor: Actor) -> None:
        if actor.id is None:
            raise TokenRejected
        async with self._database.transaction() as tx:
            await self._sessions.lock(tx, session_id)
            if await self._sessions.revoke(tx, session_id, self._clock.now(), user_id=actor.id):
                await self._audit.record(
                    tx,
                    AuditAction.LOGOUT,
                    actor=actor,
                    target_type="users",
                    target_id=str(actor.id),
                    after={"sesion": session_id},
                )
