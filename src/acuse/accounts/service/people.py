"""The administrator's desk: lists of users, their data, their leaving."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

from acuse.accounts.errors import LastAdministrator, OwnAccount, UserNotFound
from acuse.accounts.events import UserInvited
from acuse.accounts.model import Role, User, UserChanges, UserFilter, UserStatus
from acuse.accounts.passwords import Hasher, temporary_password
from acuse.accounts.service.users import AccountsService, checked_limit, checked_mail, checked_name
from acuse.accounts.store import SessionStore, UserStore
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.csv import CsvExporter, CsvStyle
from acuse.kernel.database import Database, Transaction
from acuse.kernel.events import Events


class PeopleService:
    """What an administrator does with people who are already there."""

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        sessions: SessionStore,
        accounts: AccountsService,
        hasher: Hasher,
        temporary_life_s: int,
        events: Events,
        exporter: CsvExporter,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._accounts = accounts
        self._hasher = hasher
        self._temporary_life_s = temporary_life_s
        self._events = events
        self._exporter = exporter
        self._audit = audit
        self._clock = clock

    def count_pending_with(self, expression: Any) -> None:
        """Let whoever counts downloads give the SQL of the report's column `pendientes`."""
        self._users.pending = expression

    async def page(self, wanted: UserFilter, *, number: int, size: int) -> tuple[Sequence[User], int]:
        """Answer one page of a list (the first is 1) and how many users the whole list holds."""
        async with self._database.transaction() as tx:
            total = await self._users.count(tx, wanted)
            users = await self._users.page(tx, wanted, offset=(number - 1) * size, limit=size)
        return users, total

    def export(self, wanted: UserFilter, style: CsvStyle, *, actor: Actor) -> AsyncGenerator[bytes, None]:
        """Answer the whole list as CSV, in pieces. Audited as EXPORT_CSV."""
        query = self._users.report(wanted)
        return self._exporter.export(query, style, actor=actor, what="users", filters=wanted.as_dict())

    async def update(self, user_id: int, changes: UserChanges, *, actor: Actor) -> User:
        """Change some of a user's data and answer the user. Audited as UPDATE_USER with what changed only.

        Nobody demotes or disables themselves, nor the last active administrator; keeping somebody out ends all
        their sessions at once. Raises UserNotFound, OwnAccount, LastAdministrator, TaxIdInvalid, TaxIdTaken,
        InvalidInput.
        """
        async with self._database.transaction() as tx:
            administrators = await self._users.active_administrators(tx)
            user = await self._get(tx, user_id)
            values = self._values(user, changes)
            if not values:
                return user
            loses_office = _is_in_office(user) and not _is_in_office_after(user, values)
            if loses_office or values.get("status") is UserStatus.INACTIVE:
                self._may_lose(user, administrators, actor, office=loses_office)
            now = self._clock.now()
            if "status" in values:
                await self._users.raise_version(tx, user_id, updated_at=now, **values)
                await self._sessions.revoke_all(tx, user_id, now)
            else:
                await self._users.update(tx, user_id, updated_at=now, **values)
            changed = await self._get(tx, user_id)
            if "limite_descargas" in values:
                await self._accounts.follow_limit(tx, user_id, changed.limite_descargas)
            await self._audit.record(
                tx,
                AuditAction.UPDATE_USER,
                actor=actor,
                target_type="users",
                target_id=str(user_id),
                before=_told(user),
                after=_told(changed),
            )
        return changed

    async def delete(self, user_id: int, *, actor: Actor) -> None:
        """Take a user out for good; what they did stays. Audited as DELETE_USER.

        Their sessions and tokens end at once, and their tax id is free for another. Raises UserNotFound,
        OwnAccount, LastAdministrator.
        """
        async with self._database.transaction() as tx:
            administrators = await self._users.active_administrators(tx)
            user = await self._get(tx, user_id)
            self._may_lose(user, administrators, actor, office=_is_in_office(user))
            now = self._clock.now()
            await self._users.raise_version(tx, user_id, status=UserStatus.INACTIVE, deleted_at=now, updated_at=now)
            await self._sessions.revoke_all(tx, user_id, now)
            await self._audit.record(
                tx,
                AuditAction.DELETE_USER,
                actor=actor,
                target_type="users",
                target_id=str(user_id),
                before={"nombre": user.name, "cuit": user.tax_id, "status": user.status},
                after={"nombre": user.name, "cuit": user.tax_id, "status": "eliminado"},
            )

    async def invite(self, user_id: int, *, actor: Actor) -> None:
        """Let a user have a temporary password by mail; it is made where the mail is written. Raises UserNotFound."""
        async with self._database.transaction() as tx:
            user = await self._get(tx, user_id)
            await self._events.publish(tx, UserInvited(user_id, user.token_version))
            await self._audit.record(
                tx,
                AuditAction.RESET_PASSWORD,
                actor=actor,
                target_type="users",
                target_id=str(user_id),
                after={"medio": "correo"},
            )

    async def give_temporary(self, tx: Transaction, user_id: int, version: int) -> tuple[User, str] | None:
        """Set a new temporary password and answer it, in the caller's transaction; its sessions end.

        None when the user is gone or kept out, or something else changed the account after `version`.
        """
        user = await self._users.by_id(tx, user_id, lock=True)
        if user is None or not user.is_active or user.token_version != version or not user.must_change_password:
            return None
        password = temporary_password()
        now = self._clock.now()
        await self._users.raise_version(
            tx,
            user_id,
            password_hash=await self._hasher.hash(password),
            password_changed_at=now,
            password_expires_at=now + timedelta(seconds=self._temporary_life_s),
        )
        await self._sessions.revoke_all(tx, user_id, now)
        return user, password

    def _values(self, user: User, changes: UserChanges) -> dict[str, Any]:
        """Answer the checked columns that really change."""
        asked: dict[str, Any] = {
            "name": None if changes.name is None else checked_name(changes.name),
            "mail": None if changes.mail is None else checked_mail(changes.mail),
            "role": changes.role,
            "country": changes.country,
            "status": changes.status,
            "limite_descargas": None if changes.limite_descargas is None else checked_limit(changes.limite_descargas),
        }
        if changes.tax_id is not None:
            asked["tax_id"] = self._accounts.checked_tax_id(changes.tax_id, changes.country or user.country)
        values = {name: value for name, value in asked.items() if value is not None and value != getattr(user, name)}
        return values | ({"role": int(values["role"])} if "role" in values else {})

    def _may_lose(self, user: User, administrators: Sequence[int], actor: Actor, *, office: bool) -> None:
        if actor.id == user.id:
            raise OwnAccount
        if office and list(administrators) == [user.id]:
            raise LastAdministrator

    async def _get(self, tx: Transaction, user_id: int) -> User:
        user = await self._users.by_id(tx, user_id, lock=True)
        if user is None:
            raise UserNotFound
        return user


def _is_in_office(user: User) -> bool:
    return user.role is Role.ADMINISTRADOR and user.is_active


def _is_in_office_after(user: User, values: dict[str, Any]) -> bool:
    role, status = values.get("role", int(user.role)), values.get("status", user.status)
    return role == int(Role.ADMINISTRADOR) and status is UserStatus.ACTIVE


def _told(user: User) -> dict[str, Any]:
    return {
        "nombre": user.name,
        "cuit": user.tax_id,
        "mail": user.mail,
        "id_rol": int(user.role),
        "pais": user.country,
        "status": user.status,
        "limite_descargas": user.limite_descargas,
    }
