"""Queries over people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from acuse.accounts.errors import TaxIdTaken
from acuse.accounts.model import Role, User, UserStatus
from acuse.accounts.tables import UserRow
from acuse.kernel.database import Transaction, violated_constraint

# Any number will do as long as nobody else takes it: the first administrator is made once.
_FIRST_ADMIN_LOCK: Final = text("SELECT pg_advisory_xact_lock(727002)")


class UserStore:
    """Reads and writes people."""

    async def insert(self, tx: Transaction, **values: Any) -> User:
        """Add a user and answer it; raises TaxIdTaken."""
        row = UserRow(token_version=1, status=UserStatus.ACTIVE, theme=None, **values)
        tx.add(row)
        try:
            await tx.flush()
        except IntegrityError as error:
            if violated_constraint(error) == "uq_users_tax_id":
                raise TaxIdTaken(fields={"cuit": TaxIdTaken.message}) from error
            raise
        return as_user(row)

    async def by_id(self, tx: Transaction, user_id: int, *, lock: bool = False) -> User | None:
        """Answer a user who is not deleted."""
        found = await self.with_hash(tx, user_id, lock=lock)
        return found[0] if found else None

    async def with_hash(self, tx: Transaction, user_id: int, *, lock: bool = False) -> tuple[User, str] | None:
        """Answer a user who is not deleted, with the password's hash."""
        query = select(UserRow).where(UserRow.id == user_id, UserRow.deleted_at.is_(None))
        row = (await tx.scalars(query.with_for_update() if lock else query)).one_or_none()
        return (as_user(row), row.password_hash) if row else None

    async def by_tax_id(self, tx: Transaction, tax_id: str) -> tuple[User, str] | None:
        """Answer the user with this normalised tax id, with the password's hash."""
        query = select(UserRow).where(UserRow.tax_id == tax_id, UserRow.deleted_at.is_(None))
        row = (await tx.scalars(query)).one_or_none()
        return (as_user(row), row.password_hash) if row else None

    async def list(self, tx: Transaction, *, above: int, limit: int, role: Role | None = None) -> Sequence[User]:
        """Answer users by id, those above the given one."""
        query = select(UserRow).where(UserRow.id > above, UserRow.deleted_at.is_(None)).order_by(UserRow.id)
        query = query if role is None else query.where(UserRow.role == int(role))
        return [as_user(row) for row in await tx.scalars(query.limit(limit))]

    async def update(self, tx: Transaction, user_id: int, **changes: Any) -> None:
        """Change columns of a user."""
        await tx.execute(update(UserRow).where(UserRow.id == user_id).values(**changes))

    async def raise_version(self, tx: Transaction, user_id: int, **changes: Any) -> int:
        """Raise the token version, which ends every session and token family; answer the new one."""
        query = (
            update(UserRow)
            .where(UserRow.id == user_id)
            .values(token_version=UserRow.token_version + 1, **changes)
            .returning(UserRow.token_version)
        )
        return (await tx.execute(query)).scalar_one()

    async def active_administrators(self, tx: Transaction) -> Sequence[int]:
        """Answer the ids of all active administrators, locked until commit."""
        query = (
            select(UserRow.id)
            .where(
                UserRow.role == int(Role.ADMINISTRADOR),
                UserRow.status == UserStatus.ACTIVE,
                UserRow.deleted_at.is_(None),
            )
            .order_by(UserRow.id)
            .with_for_update()
        )
        return (await tx.scalars(query)).all()

    async def nobody_yet(self, tx: Transaction) -> bool:
        """Answer whether there has never been a user; others who ask wait for this transaction to end."""
        await tx.execute(_FIRST_ADMIN_LOCK)
        return not (await tx.execute(select(func.count()).select_from(UserRow))).scalar_one()

    async def note_login(self, tx: Transaction, user_id: int, now: datetime) -> None:
        """Remember the last login."""
        await self.update(tx, user_id, last_login_at=now)


def as_user(row: UserRow) -> User:
    """Answer the person a row holds."""
    return User(
        id=row.id,
        tax_id=row.tax_id,
        name=row.name,
        mail=row.mail,
        role=Role(row.role),
        status=row.status,
        country=row.country,  # type: ignore[arg-type]
        theme=row.theme,  # type: ignore[arg-type]
        must_change_password=row.must_change_password,
        token_version=row.token_version,
        created_at=row.created_at,
        created_by=row.created_by,
        password_changed_at=row.password_changed_at,
        password_expires_at=row.password_expires_at,
        last_login_at=row.last_login_at,
        deleted_at=row.deleted_at,
    )
