"""Who the users are: creating them, resetting, unlocking."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from acuse.accounts.errors import AdministratorExists, OwnAccount, TaxIdInvalid, UserNotFound
from acuse.accounts.events import PasswordChanged, UserCreated
from acuse.accounts.model import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    Country,
    Role,
    Theme,
    User,
    has_known_shape,
    is_plausible,
    normal_tax_id,
)
from acuse.accounts.passwords import Hasher, PasswordPolicy, PersonalData, temporary_password
from acuse.accounts.service.gate import Gate
from acuse.accounts.settings import AccountsSettings
from acuse.accounts.store import SessionStore, UserStore
from acuse.kernel.audit import SYSTEM, Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Database, Transaction
from acuse.kernel.errors import InvalidInput
from acuse.kernel.events import Events
from acuse.kernel.logs import get_logger

FIRST_ADMIN_ID: Final = "ADMIN"
_MAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
_MAX_NAME_CHARS: Final = 200
_log = get_logger(__name__)

TaxIdCheck = Callable[[str, Country], str | None]
"""A country's own check of a tax id: answers the problem in Spanish, or None."""


LimitFollower = Callable[[Transaction, int, int], Awaitable[None]]
"""Hears of a user's id and new limit of pending downloads, inside the transaction; may raise to refuse it."""


@dataclass(frozen=True)
class FirstAdmin:
    """The administrator made at first start, with the temporary password to print once."""

    user: User
    password: str = field(repr=False)

    @property
    def cuit(self) -> str:
        """Answer what to type at login."""
        return self.user.tax_id


class AccountsService:
    """The people of this house, from an administrator's side."""

    def __init__(
        self,
        *,
        database: Database,
        users: UserStore,
        sessions: SessionStore,
        hasher: Hasher,
        policy: PasswordPolicy,
        gate: Gate,
        settings: AccountsSettings,
        events: Events,
        audit: Audit,
        clock: Clock,
    ) -> None:
        self._database = database
        self._users = users
        self._sessions = sessions
        self._hasher = hasher
        self._policy = policy
        self._gate = gate
        self._settings = settings
        self._events = events
        self._audit = audit
        self._clock = clock
        self._tax_id_checks: list[TaxIdCheck] = []
        self._limit_followers: list[LimitFollower] = []

    def add_tax_id_check(self, check: TaxIdCheck) -> None:
        """Let a country judge new tax ids further than their shape. Called where the house is put together."""
        self._tax_id_checks.append(check)

    def add_limit_follower(self, follow: LimitFollower) -> None:
        """Let whoever keeps quotas know of each new limit, in the transaction that sets it."""
        self._limit_followers.append(follow)

    async def follow_limit(self, tx: Transaction, user_id: int, limit: int) -> None:
        """Tell those who follow limits of a new one."""
        for follow in self._limit_followers:
            await follow(tx, user_id, limit)

    async def create_user(
        self,
        *,
        actor: Actor,
        tax_id: str,
        name: str,
        mail: str,
        role: Role,
        password: str,
        country: Country = "mx",
        must_change_password: bool = True,
        past_policy: bool = False,
        limite_descargas: int = DEFAULT_LIMIT,
    ) -> User:
        """Add a user whose password must be changed at first login, and answer it. Audited as CREATE_USER.

        `past_policy` skips the password policy: for demonstrations only. A temporary password runs out.
        Raises TaxIdInvalid, TaxIdTaken, PasswordPolicyUnmet, InvalidInput.
        """
        tax_id = self.checked_tax_id(tax_id, country)
        name, mail = checked_name(name), checked_mail(mail)
        limite_descargas = checked_limit(limite_descargas)
        if not past_policy:
            self._policy.check(password, PersonalData(tax_id, mail, name), field="password")
        encoded = await self._hasher.hash(password)
        async with self._database.transaction() as tx:
            return await self._insert(
                tx,
                actor,
                tax_id=tax_id,
                name=name,
                mail=mail,
                role=role,
                country=country,
                encoded=encoded,
                must_change=must_change_password,
                expires=must_change_password,
                limit=limite_descargas,
            )

    async def ensure_first_admin(self) -> FirstAdmin | None:
        """Create the first administrator if there has never been a user; answer it once, else None.

        Safe with several processes starting at once: one creates it.
        """
        async with self._database.transaction() as tx:
            if not await self._users.nobody_yet(tx):
                return None
        password = temporary_password()
        encoded = await self._hasher.hash(password)
        async with self._database.transaction() as tx:
            if not await self._users.nobody_yet(tx):
                return None
            user = await self._insert(
                tx,
                SYSTEM,
                tax_id=FIRST_ADMIN_ID,
                name="Administrador",
                mail="",
                role=Role.ADMINISTRADOR,
                country="mx",
                encoded=encoded,
                must_change=True,
                expires=False,
            )
        return FirstAdmin(user, password)

    async def first_admin(self) -> FirstAdmin:
        """Create the first administrator; raises AdministratorExists when there are users."""
        created = await self.ensure_first_admin()
        if created is None:
            raise AdministratorExists
        return created

    async def get(self, user_id: int) -> User:
        """Answer a user; raises UserNotFound."""
        async with self._database.transaction() as tx:
            return await self._get(tx, user_id)

    async def find(self, tax_id: str) -> User:
        """Answer the user with this tax id, however it is written; raises UserNotFound."""
        async with self._database.transaction() as tx:
            found = await self._users.by_tax_id(tx, normal_tax_id(tax_id))
        if found is None:
            raise UserNotFound
        return found[0]

    async def list_users(self, *, above: int = 0, limit: int = 50, role: Role | None = None) -> Sequence[User]:
        """Answer users in the order they were created, those with an id above the given one."""
        async with self._database.transaction() as tx:
            return await self._users.list(tx, above=above, limit=limit, role=role)

    async def reset_password(self, user_id: int, password: str, *, actor: Actor) -> None:
        """Give a user a temporary password, end all sessions and lift every wait. Audited as RESET_PASSWORD.

        Raises UserNotFound, PasswordPolicyUnmet, OwnAccount: one changes one's own with the current password.
        """
        if actor.id == user_id:
            raise OwnAccount
        user = await self.get(user_id)
        self._policy.check(password, PersonalData(user.tax_id, user.mail, user.name), field="nuevaPassword")
        encoded = await self._hasher.hash(password)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await self._get(tx, user_id, lock=True)
            await self._users.raise_version(
                tx,
                user_id,
                password_hash=encoded,
                must_change_password=True,
                password_changed_at=now,
                password_expires_at=now + timedelta(seconds=self._settings.temporary_password_life_s),
            )
            await self._sessions.revoke_all(tx, user_id, now)
            await self._events.publish(tx, PasswordChanged(user_id))
            await self._audit.record(
                tx, AuditAction.RESET_PASSWORD, actor=actor, target_type="users", target_id=str(user_id)
            )
        await self._gate.unlock(user.tax_id)

    async def unlock(self, user_id: int, *, actor: Actor) -> None:
        """Lift every wait that failed logins put on this account. Audited as UPDATE_USER."""
        user = await self.get(user_id)
        await self._gate.unlock(user.tax_id)
        async with self._database.transaction() as tx:
            await self._audit.record(
                tx,
                AuditAction.UPDATE_USER,
                actor=actor,
                target_type="users",
                target_id=str(user_id),
                after={"desbloqueado": True},
            )

    async def choose_theme(self, user_id: int, theme: Theme) -> None:
        """Remember how the user likes the pages."""
        async with self._database.transaction() as tx:
            await self._users.update(tx, user_id, theme=theme)

    async def deny(self, actor: Actor, right: str) -> None:
        """Write down that somebody known was refused for lack of a right, in a transaction of its own."""
        async with self._database.transaction() as tx:
            await self._audit.record(
                tx, AuditAction.ACCESS_DENIED, actor=actor, target_type="derechos", target_id=right
            )

    async def _get(self, tx: Transaction, user_id: int, *, lock: bool = False) -> User:
        user = await self._users.by_id(tx, user_id, lock=lock)
        if user is None:
            raise UserNotFound
        return user

    async def _insert(
        self,
        tx: Transaction,
        actor: Actor,
        *,
        tax_id: str,
        name: str,
        mail: str,
        role: Role,
        country: Country,
        encoded: str,
        must_change: bool,
        expires: bool,
        limit: int = DEFAULT_LIMIT,
    ) -> User:
        now = self._clock.now()
        life = timedelta(seconds=self._settings.temporary_password_life_s)
        values: dict[str, Any] = {"tax_id": tax_id, "name": name, "mail": mail, "role": int(role), "country": country}
        user = await self._users.insert(
            tx,
            **values,
            password_hash=encoded,
            must_change_password=must_change,
            password_changed_at=now,
            password_expires_at=now + life if expires else None,
            created_at=now,
            created_by=actor.id,
            limite_descargas=limit,
        )
        await self.follow_limit(tx, user.id, limit)
        await self._events.publish(tx, UserCreated(user.id))
        await self._audit.record(
            tx,
            AuditAction.CREATE_USER,
            actor=actor,
            target_type="users",
            target_id=str(user.id),
            after={"nombre": name, "cuit": tax_id, "mail": mail, "id_rol": int(role), "limite_descargas": limit},
        )
        return user

    def checked_tax_id(self, text: str, country: Country) -> str:
        """Answer a tax id as it is kept; raises TaxIdInvalid as strictly as the setting says."""
        tax_id = normal_tax_id(text)
        if not is_plausible(tax_id):
            raise TaxIdInvalid(fields={"cuit": TaxIdInvalid.message})
        problem = None if has_known_shape(tax_id) else TaxIdInvalid.message
        for check in self._tax_id_checks:
            problem = problem or check(tax_id, country)
        if problem is None:
            return tax_id
        if self._settings.tax_id_check == "strict":
            raise TaxIdInvalid(fields={"cuit": problem})
        _log.warning("tax_id_unusual", tax_id=tax_id, problem=problem)
        return tax_id


def checked_name(name: str) -> str:
    """Answer a name as it is kept; raises InvalidInput."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= _MAX_NAME_CHARS:
        raise InvalidInput(fields={"nombre": f"Escribe un nombre de 1 a {_MAX_NAME_CHARS} caracteres."})
    return name


def checked_limit(limit: int) -> int:
    """Answer a limit of downloads; raises InvalidInput for a negative or absurd one."""
    if not 0 <= limit <= MAX_LIMIT:
        raise InvalidInput(fields={"limite_descargas": f"Escribe un número entero de 0 a {MAX_LIMIT}."})
    return limit


def checked_mail(mail: str) -> str:
    """Answer a mail address as it is kept, or an empty one; raises InvalidInput."""
    mail = mail.strip()
    if mail and not _MAIL.fullmatch(mail):
        raise InvalidInput(fields={"mail": "Escribe un correo completo, como nombre@empresa.com."})
    return mail
