"""Quotas: limits and their use, looked at and changed."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.accounts import AccountsService, User
from acuse.accounts.errors import UserNotFound
from acuse.accounts.model import Role
from acuse.accounts.rights import Identity
from acuse.ar.crs.errors import CountersDiffer, QuotaUserNotFound
from acuse.ar.crs.model import Quota
from acuse.ar.crs.service.alerts import Alerts
from acuse.ar.crs.store import quotas
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import InvalidInput


class QuotaService:
    """Every user has a limit of pending downloads, from the first time anybody asks."""

    def __init__(
        self, *, database: Database, accounts: AccountsService, alerts: Alerts, audit: Audit, default_limit: int
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._alerts = alerts
        self._audit = audit
        self._default_limit = default_limit

    async def of(self, user_id: int) -> Quota:
        """Answer a user's quota; the default one when nothing was ever counted."""
        async with self._database.transaction() as tx:
            row = await quotas.get(tx, user_id)
        if row is None:
            return Quota(user_id=user_id, limite=self._default_limit, pending=0, total=0)
        return quotas.as_quota(row)

    async def visible(self, caller: Identity, user_id: int) -> tuple[User, Quota]:
        """Answer a user and the quota to the user themself or an administrator. Raises QuotaUserNotFound."""
        if user_id != caller.user_id and caller.role is not Role.ADMINISTRADOR:
            raise QuotaUserNotFound
        try:
            user = await self._accounts.get(user_id)
        except UserNotFound as error:
            raise QuotaUserNotFound from error
        return user, await self.of(user_id)

    async def ensure(self, tx: Transaction, user_id: int) -> None:
        """Give a user the default quota if there is none."""
        await quotas.ensure(tx, user_id, self._default_limit)

    async def set_limit(self, user_id: int, limit: int, *, actor: Actor) -> Quota:
        """Change a user's limit; lowering it below what is pending undoes nothing. Audited as UPDATE_USER."""
        if limit < 0:
            raise InvalidInput(fields={"limite_descargas": "Debe ser un número entero de 0 o más."})
        try:
            await self._accounts.get(user_id)
        except UserNotFound as error:
            raise QuotaUserNotFound from error
        async with self._database.transaction() as tx:
            await self.ensure(tx, user_id)
            row = await quotas.get(tx, user_id, lock=True)
            assert row is not None
            before = quotas.as_quota(row)
            if before.limite == limit:
                return before
            after = await quotas.set_limit(tx, user_id, limit)
            await self._alerts.moved(tx, before.level, after)
            await self._audit.record(
                tx,
                AuditAction.UPDATE_USER,
                actor=actor,
                target_type="users",
                target_id=str(user_id),
                before={"limite_descargas": before.limite},
                after={"limite_descargas": limit},
            )
        return after

    async def near_limit(self, limit: int = 10) -> Sequence[tuple[str, Quota]]:
        """Answer the users who have reached 80 % or more, the fullest first."""
        async with self._database.transaction() as tx:
            return await quotas.near_limit(tx, limit)

    async def check_counters(self) -> None:
        """Compare every counter with the downloads it counts. Raises CountersDiffer."""
        async with self._database.transaction() as tx:
            wrong = await quotas.differences(tx)
        if wrong:
            raise CountersDiffer(count=len(wrong), users=", ".join(map(str, wrong[:20])))
