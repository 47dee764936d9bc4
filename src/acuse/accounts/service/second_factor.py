"""The second step of a login: a code from an authenticator, or a recovery code, each good once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from acuse.accounts import totp
from acuse.accounts.errors import (
    CredentialsInvalid,
    OwnAccount,
    OwnPasswordWrong,
    SecondFactorActive,
    SecondFactorMissing,
    SecondFactorRefused,
    SecondFactorWrong,
    UserNotFound,
)
from acuse.accounts.events import SecondFactorChanged
from acuse.accounts.model import User
from acuse.accounts.rights import Identity
from acuse.accounts.service.gate import Gate, second_step
from acuse.accounts.service.login import LoginService
from acuse.accounts.store import SecondFactorStore, SessionStore, UserStore
from acuse.accounts.tokens import fingerprint
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events
from acuse.kernel.vault import Vault

_TABLE: Final = "second_factors"
_COLUMN: Final = "secret"


@dataclass(frozen=True)
class Enrolment:
    """A secret waiting for its first code: as an app reads it, and as a person types it."""

    address: str = field(repr=False)
    secret: str = field(repr=False)


class SecondFactorService:
    """Sets up, checks and takes away second steps."""

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        sessions: SessionStore,
        factors: SecondFactorStore,
        login: LoginService,
        gate: Gate,
        vault: Vault,
        events: Events,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._factors = factors
        self._login = login
        self._gate = gate
        self._vault = vault
        self._events = events
        self._audit = audit
        self._clock = clock

    async def begin(self, identity: Identity, password: str) -> Enrolment:
        """Make a secret for the caller's authenticator; nothing changes until its first code is shown.

        Raises OwnPasswordWrong, SecondFactorActive.
        """
        await self._own(identity, password)
        secret = totp.new_secret()
        sealed = self._vault.seal(secret, table=_TABLE, column=_COLUMN, row=str(identity.user_id))
        async with self._database.transaction() as tx:
            await self._get(tx, identity.user_id, active=False)
            await self._factors.put(tx, identity.user_id, sealed, self._clock.now())
        return _enrolment(identity, secret)

    async def pending(self, identity: Identity) -> Enrolment | None:
        """Answer the secret that waits for its first code, if there is one."""
        async with self._database.transaction() as tx:
            user = await self._users.by_id(tx, identity.user_id)
            secret = await self._secret(tx, identity.user_id)
        if secret is None or user is None or user.has_second_factor:
            return None
        return _enrolment(identity, secret)

    async def confirm(self, identity: Identity, code: str) -> list[str]:
        """Turn the second step on with its first code; answer the recovery codes, this once.

        Every other session of the caller ends. Audited as ENABLE_SECOND_FACTOR. Raises SecondFactorMissing,
        SecondFactorActive, SecondFactorWrong, LoginThrottled.
        """
        guess = await self._gate.enter(second_step(identity.tax_id), identity.ip)
        now, codes = self._clock.now(), totp.recovery_codes()
        async with self._database.transaction() as tx:
            await self._get(tx, identity.user_id, active=False)
            if not await self._take(tx, identity.user_id, code, by_recovery_code=False):
                raise SecondFactorWrong(fields={"code": SecondFactorWrong.message})
            await self._factors.replace_codes(tx, identity.user_id, map(_digest, codes))
            await self._users.update(tx, identity.user_id, second_factor_at=now)
            await self._sessions.revoke_all(tx, identity.user_id, now, keep=identity.session_id)
            await self._changed(tx, identity.user_id, identity.actor, enabled=True)
        await self._gate.passed(guess)
        return codes

    async def check(self, user: User, code: str, *, ip: str | None) -> None:
        """Let somebody whose password was right pass with a code, which is used up; raises SecondFactorRefused.

        Failures are audited and make the account wait on a count of their own: raises LoginThrottled.
        """
        guess = await self._gate.enter(second_step(user.tax_id), ip)
        async with self._database.transaction() as tx:
            passed = await self._take(tx, user.id, code)
            if passed and not totp.is_code(totp.typed(code)):
                await self._note(tx, AuditAction.USE_RECOVERY_CODE, user.id, Actor(user.id, user.name, ip))
        if not passed:
            await self._login.failed(guess, user)
            raise SecondFactorRefused
        await self._gate.passed(guess)

    async def renew_codes(self, identity: Identity, password: str, code: str) -> list[str]:
        """Answer fresh recovery codes instead of all before; needs password and code."""
        await self._prove(identity, password, code)
        codes = totp.recovery_codes()
        async with self._database.transaction() as tx:
            await self._get(tx, identity.user_id, active=True)
            await self._factors.replace_codes(tx, identity.user_id, map(_digest, codes))
            await self._note(tx, AuditAction.RENEW_RECOVERY_CODES, identity.user_id, identity.actor)
        return codes

    async def disable(self, identity: Identity, password: str, code: str) -> None:
        """Take the caller's second step away; needs password and code. Audited as DISABLE_SECOND_FACTOR."""
        await self._prove(identity, password, code)
        await self._remove(identity.user_id, identity.actor)

    async def reset(self, user_id: int, *, actor: Actor) -> None:
        """Take somebody else's second step away, who lost the means to pass it; all their sessions end.

        Audited as DISABLE_SECOND_FACTOR. Raises OwnAccount, UserNotFound, SecondFactorMissing.
        """
        if actor.id == user_id:
            raise OwnAccount
        user = await self._remove(user_id, actor, end_sessions=True)
        await self._gate.unlock(user.tax_id)

    async def codes_left(self, identity: Identity) -> int:
        """Answer how many recovery codes the caller has left."""
        async with self._database.transaction() as tx:
            return await self._factors.codes_left(tx, identity.user_id)

    async def _own(self, identity: Identity, password: str) -> None:
        try:
            await self._login.check(identity.tax_id, password, ip=identity.ip)
        except CredentialsInvalid as error:
            raise OwnPasswordWrong(fields={"password": "La contraseña no es correcta."}) from error

    async def _prove(self, identity: Identity, password: str, code: str) -> None:
        """Ask for both proofs again: who sits at an open session is not always its owner."""
        await self._own(identity, password)
        async with self._database.transaction() as tx:
            user = await self._get(tx, identity.user_id, active=True)
        try:
            await self.check(user, code, ip=identity.ip)
        except SecondFactorRefused as error:
            raise SecondFactorWrong(fields={"code": SecondFactorWrong.message}) from error

    async def _remove(self, user_id: int, actor: Actor, *, end_sessions: bool = False) -> User:
        async with self._database.transaction() as tx:
            user = await self._get(tx, user_id, active=True)
            await self._factors.remove(tx, user_id)
            await self._users.update(tx, user_id, second_factor_at=None)
            if end_sessions:
                await self._sessions.revoke_all(tx, user_id, self._clock.now())
            await self._changed(tx, user_id, actor, enabled=False)
        return user

    async def _take(self, tx: Transaction, user_id: int, code: str, *, by_recovery_code: bool = True) -> bool:
        """Use a code up; False for one that is wrong or was used."""
        code = totp.typed(code)
        if not totp.is_code(code):
            return by_recovery_code and await self._factors.use_code(tx, user_id, _digest(code))
        secret = await self._secret(tx, user_id)
        step = None if secret is None else totp.step_of(secret, code, self._clock.now())
        return step is not None and await self._factors.use_step(tx, user_id, step)

    async def _secret(self, tx: Transaction, user_id: int) -> bytes | None:
        sealed = await self._factors.secret(tx, user_id)
        return None if sealed is None else self._vault.open(sealed, table=_TABLE, column=_COLUMN, row=str(user_id))

    async def _get(self, tx: Transaction, user_id: int, *, active: bool) -> User:
        """Answer a user, locked, whose second step is on or off as asked."""
        user = await self._users.by_id(tx, user_id, lock=True)
        if user is None:
            raise UserNotFound
        if user.has_second_factor is not active:
            raise SecondFactorMissing if active else SecondFactorActive
        return user

    async def _changed(self, tx: Transaction, user_id: int, actor: Actor, *, enabled: bool) -> None:
        await self._events.publish(tx, SecondFactorChanged(user_id, enabled))
        action = AuditAction.ENABLE_SECOND_FACTOR if enabled else AuditAction.DISABLE_SECOND_FACTOR
        await self._note(tx, action, user_id, actor)

    async def _note(self, tx: Transaction, action: AuditAction, user_id: int, actor: Actor) -> None:
        await self._audit.record(tx, action, actor=actor, target_type="users", target_id=str(user_id))


def _enrolment(identity: Identity, secret: bytes) -> Enrolment:
    return Enrolment(totp.address(secret, identity.tax_id), totp.readable(secret))


def _digest(code: str) -> bytes:
    return fingerprint(totp.typed(code))
