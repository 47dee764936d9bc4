"""Changing one's own password, with proof of who one is. Never without."""

from __future__ import annotations

from typing import Final

from acuse.accounts.errors import CredentialsInvalid, TokenRejected
from acuse.accounts.events import PasswordChanged
from acuse.accounts.model import User
from acuse.accounts.passwords import Hasher, PasswordPolicy, PersonalData, RuleResult
from acuse.accounts.rights import Identity
from acuse.accounts.service.gate import Gate
from acuse.accounts.service.login import LoginService
from acuse.accounts.store import SessionStore, UserStore
from acuse.accounts.tokens import TokenKind, TokenSigner
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.events import Events

_DIFFERENT: Final = "Distinta de la contraseña actual"


class PasswordService:
    """The owner's way to a new password."""

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        sessions: SessionStore,
        hasher: Hasher,
        policy: PasswordPolicy,
        signer: TokenSigner,
        gate: Gate,
        login: LoginService,
        events: Events,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._hasher = hasher
        self._policy = policy
        self._signer = signer
        self._gate = gate
        self._login = login
        self._events = events
        self._audit = audit
        self._clock = clock

    def rules(self, password: str, about: PersonalData) -> list[RuleResult]:
        """Answer every rule of the policy with whether this password meets it."""
        return self._policy.judge(password, about)

    async def change(
        self,
        user_id: int,
        new: str,
        *,
        current: str | None = None,
        identity: Identity | None = None,
        change_token: str | None = None,
        ip: str | None = None,
        field: str = "newPassword",
    ) -> User:
        """Replace the password of this user and end all their sessions; answer the user as they now are.

        One of three proofs is needed: the user's own session with the current password; a change token of
        theirs; or, while the password is temporary, the temporary password itself. Otherwise CredentialsInvalid.
        Then PasswordPolicyUnmet for a password that misses the policy; `field` names it in the error.
        """
        await self._gate.limit("change", ip)
        async with self._database.transaction() as tx:
            found = await self._users.with_hash(tx, user_id)
        user, encoded = found or (None, None)
        user = await self._proven(user, user_id, encoded, current, identity, change_token, ip)
        return await self.replace(user, encoded, new, ip=ip, field=field, action=AuditAction.CHANGE_PASSWORD)

    async def replace(
        self, user: User, encoded: str | None, new: str, *, ip: str | None, field: str, action: AuditAction
    ) -> User:
        """Give somebody who proved who they are another password, judged by the policy; all their sessions end.

        `encoded` is the hash at the time of the proof: CredentialsInvalid when the account has changed since.
        """
        same = await self._hasher.verify(encoded, new)
        self._policy.check(
            new,
            PersonalData(user.tax_id, user.mail, user.name),
            field=field,
            extra=[RuleResult("DIFFERENT", _DIFFERENT, met=not same)],
        )
        fresh = await self._hasher.hash(new)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            again = await self._users.with_hash(tx, user.id, lock=True)
            if again is None or again[1] != encoded or again[0].token_version != user.token_version:
                raise CredentialsInvalid
            await self._users.raise_version(
                tx,
                user.id,
                password_hash=fresh,
                must_change_password=False,
                password_changed_at=now,
                password_expires_at=None,
            )
            await self._sessions.revoke_all(tx, user.id, now)
            await self._events.publish(tx, PasswordChanged(user.id))
            changed = await self._users.by_id(tx, user.id)
            assert changed is not None
            await self._audit.record(
                tx,
                action,
                actor=Actor(user.id, user.name, ip),
                target_type="users",
                target_id=str(user.id),
            )
        return changed

    async def _proven(
        self,
        user: User | None,
        user_id: int,
        encoded: str | None,
        current: str | None,
        identity: Identity | None,
        change_token: str | None,
        ip: str | None,
    ) -> User:
        if change_token is not None and user is not None and user.is_active and self._is_for(change_token, user):
            return user
        own = identity is not None and identity.user_id == user_id and identity.scopes is None
        guess = await self._gate.enter(user.tax_id if user else f"id-{user_id}", ip)
        right = await self._hasher.verify(encoded if current is not None else None, current or "")
        temporary = user is not None and user.must_change_password and not user.password_is_expired(self._clock.now())
        if user is None or not right or not user.is_active or not (own or temporary):
            await self._login.failed(guess, user)
            raise CredentialsInvalid
        await self._gate.passed(guess)
        return user

    def _is_for(self, token: str, user: User) -> bool:
        """Answer whether a change token is this user's and unused: using one raises the version it carries."""
        try:
            claims = self._signer.read(token, TokenKind.CHANGE, now=self._clock.now())
        except TokenRejected:
            return False
        return claims.user_id == user.id and claims.version == user.token_version and user.must_change_password
