"""Quotas: limits and their use, looked at and changed."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.accounts import AccountsService, User
from acuse.accounts.errors import UserNotFound
from acuse.accounts.model import Role, UserChanges
from acuse.accounts.rights import Identity
from acuse.accounts.service import PeopleService
from acuse.ar.crs.errors import CountersDiffer, QuotaUserNotFound
from acuse.ar.crs.model import Quota
from acuse.ar.crs.service.alerts import Alerts
from acuse.ar.crs.store import quotas
from acuse.kernel.audit import Actor
from acuse.kernel.database import Database, Transaction


class QuotaService:
    """Every user has a limit of pending downloads, from the first time anybody asks."""

    def __init__(self, *, database: Database, accounts: AccountsService, people: PeopleService, alerts: Alerts) -> None:
        self._database = database
        self._accounts = accounts
        self._people = people
        self._alerts = alerts

    async def of(self, user_id: int) -> Quota:
        """Answer a user's quota. Raises QuotaUserNotFound."""
        try:
            user = await self._accounts.get(user_id)
        except UserNotFound as error:
            raise QuotaUserNotFound from error
        async with self._database.transaction() as tx:
            row = await quotas.get(tx, user_id)
        if row is None:
            return Quota(user_id=user_id, limite=user.limite_descargas, pending=0, total=0)
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

    async def set_limit(self, user_id: int, limit: int, *, actor: Actor) -> Quota:
        """Change a user's limit where users are kept; lowering it below what is pending undoes nothing."""
        try:
            await self._people.update(user_id, UserChanges(limite_descargas=limit), actor=actor)
        except UserNotFound as error:
            raise QuotaUserNotFound from error
        return await self.of(user_id)

    async def follow(self, tx: Transaction, user_id: int, limit: int) -> None:
        """Take over a limit in the transaction that sets it, with the alert it may be worth."""
        await quotas.ensure(tx, user_id)
        row = await quotas.get(tx, user_id, lock=True)
        assert row is not None
        before = quotas.as_quota(row)
        tx.expunge(row)
        if before.limite != limit:
            after = await quotas.set_limit(tx, user_id, limit)
            await self._alerts.moved(tx, before.level, after)

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
