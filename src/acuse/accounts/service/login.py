"""Proving who one is by tax id and password."""

from __future__ import annotations

from acuse.accounts.errors import CredentialsInvalid
from acuse.accounts.events import AccountLocked
from acuse.accounts.model import NOBODY, User, is_plausible, normal_tax_id
from acuse.accounts.passwords import Hasher
from acuse.accounts.service.gate import Gate, Try
from acuse.accounts.store import UserStore
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.events import Events


class LoginService:
    """Checks a password once, counted and audited. What is opened afterwards is for others to say."""

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        hasher: Hasher,
        gate: Gate,
        events: Events,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._hasher = hasher
        self._gate = gate
        self._events = events
        self._audit = audit
        self._clock = clock

    async def check(self, tax_id: str, password: str, *, ip: str | None) -> User:
        """Answer the active user with this tax id and password.

        Raises CredentialsInvalid alike, and after equal time, for an unknown, inactive or wrong pair and for
        a temporary password that ran out; LoginThrottled or TooManyRequestsFromAddress before anything is checked.
        """
        await self._gate.limit("login", ip)
        account = normal_tax_id(tax_id)
        if not is_plausible(account):
            account = NOBODY
        guess = await self._gate.enter(account, ip)
        async with self._database.transaction() as tx:
            found = await self._users.by_tax_id(tx, account)
            imported = await self._users.an_imported_hash(tx)
        user, encoded = found or (None, None)
        right = await self._hasher.verify(encoded, password, imported=imported)
        if user is None or not right or not user.is_active or user.password_is_expired(self._clock.now()):
            await self.failed(guess, user)
            raise CredentialsInvalid
        await self._gate.passed(guess)
        if encoded and self._hasher.is_outdated(encoded):
            await self._rehash(user, encoded, password)
        return user

    async def failed(self, guess: Try, user: User | None) -> None:
        """Write down a failed guess, and the wait it starts, in a transaction of their own."""
        actor = Actor(None, "Anónimo", guess.ip)
        target = str(user.id) if user else ""
        account, _, step = guess.account.partition("#")
        after = {"cuit": account} | ({"paso": step} if step else {}) if account != NOBODY else None
        async with self._database.transaction() as tx:
            if guess.locks_account and user is not None:
                await self._events.publish(tx, AccountLocked(user.id))
            await self._audit.record(
                tx, AuditAction.LOGIN_FAILED, actor=actor, target_type="users", target_id=target, after=after
            )
            if guess.locks_pair or guess.locks_account:
                scope = "cuenta" if guess.locks_account else "cuenta y dirección"
                await self._audit.record(
                    tx,
                    AuditAction.ACCOUNT_LOCKED,
                    actor=actor,
                    target_type="users",
                    target_id=target,
                    after={**(after or {}), "alcance": scope},
                )

    async def _rehash(self, user: User, old: str, password: str) -> None:
        """Keep the password under today's parameters, unless it was changed meanwhile."""
        encoded = await self._hasher.hash(password)
        async with self._database.transaction() as tx:
            found = await self._users.with_hash(tx, user.id, lock=True)
            if found and found[1] == old:
                await self._users.update(tx, user.id, password_hash=encoded)
