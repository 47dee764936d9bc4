"""The way back in for who forgot the password: a link by mail, good once and for a short time."""

from __future__ import annotations

from datetime import timedelta

from acuse.accounts.errors import CredentialsInvalid, RecoveryLinkInvalid
from acuse.accounts.events import PasswordForgotten
from acuse.accounts.model import NOBODY, User, is_plausible, normal_tax_id
from acuse.accounts.service.gate import Gate
from acuse.accounts.service.own_password import PasswordService
from acuse.accounts.store import RecoveryStore, UserStore
from acuse.accounts.tokens import fingerprint, new_secret
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events


class RecoveryService:
    """Asks, answers and spends links.

    Asking never looks whether there is such a user: that is found out after the commit, where the mail is written.
    So the answer, and the time it takes, are the same for everybody.
    """

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        recoveries: RecoveryStore,
        passwords: PasswordService,
        gate: Gate,
        life_s: int,
        events: Events,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._recoveries = recoveries
        self._passwords = passwords
        self._gate = gate
        self._life = timedelta(seconds=life_s)
        self._events = events
        self._audit = audit
        self._clock = clock

    @property
    def life_s(self) -> int:
        """Answer how long a link is good, in seconds."""
        return int(self._life.total_seconds())

    async def ask(self, tax_id: str, *, ip: str | None) -> None:
        """Have a link sent to the address on file, if there is one. Audited as FORGOT_PASSWORD.

        Raises TooManyRequestsFromAddress; past the account's own limit nothing is sent, and nothing is said.
        """
        await self._gate.limit("forgot", ip)
        account = normal_tax_id(tax_id)
        if not is_plausible(account):
            account = NOBODY
        if not await self._gate.may_recover(account):
            return
        async with self._database.transaction() as tx:
            recovery_id = await self._recoveries.ask(tx, account, ip, self._clock.now())
            await self._events.publish(tx, PasswordForgotten(recovery_id))
            await self._audit.record(
                tx,
                AuditAction.FORGOT_PASSWORD,
                actor=Actor(None, "Anónimo", ip),
                target_type="users",
                target_id="",
                after={"cuit": account},
            )

    async def give_link(self, tx: Transaction, recovery_id: int) -> tuple[User, str] | None:
        """Make the link's secret in the caller's transaction; answer it with whom to send it to.

        None when there is no such user, they are kept out or have no address, and at a second call.
        """
        asked = await self._recoveries.unanswered(tx, recovery_id)
        found = await self._users.by_tax_id(tx, asked.account) if asked else None
        if asked is None or found is None:
            return None
        user, secret = found[0], new_secret()
        if not user.is_active or not user.mail:
            return None
        asked.token_hash, asked.user_id, asked.token_version = fingerprint(secret), user.id, user.token_version
        asked.expires_at = self._clock.now() + self._life
        await tx.flush()
        return user, secret

    async def owner_of(self, secret: str) -> User:
        """Answer whose password a link may replace, without spending it; raises RecoveryLinkInvalid."""
        return (await self._owner(secret))[0]

    async def recover(self, secret: str, new: str, *, ip: str | None, field: str = "newPassword") -> User:
        """Replace the password and end every session; the link, and every other one, is spent by it.

        Waits that failures put on the account are lifted. Audited as RECOVER_PASSWORD. Raises RecoveryLinkInvalid,
        PasswordPolicyUnmet (the link stays good) and TooManyRequestsFromAddress.
        """
        await self._gate.limit("change", ip)
        user, encoded = await self._owner(secret)
        try:
            changed = await self._passwords.replace(
                user, encoded, new, ip=ip, field=field, action=AuditAction.RECOVER_PASSWORD
            )
        except CredentialsInvalid as error:  # another change was faster
            raise RecoveryLinkInvalid from error
        await self._gate.unlock(changed.tax_id)
        return changed

    async def prune(self, tx: Transaction) -> None:
        """Delete what was asked over a day ago, unless links live longer."""
        await self._recoveries.prune(tx, self._clock.now() - max(self._life, timedelta(days=1)))

    async def _owner(self, secret: str) -> tuple[User, str]:
        async with self._database.transaction() as tx:
            found = await self._recoveries.by_token(tx, fingerprint(secret), self._clock.now())
        if found is None or not found[0].is_active:
            raise RecoveryLinkInvalid
        return found
