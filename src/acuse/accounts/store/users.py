"""Queries over people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, case, cast, false, func, literal, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from acuse.accounts.errors import TaxIdTaken
from acuse.accounts.model import DEFAULT_LIMIT, Role, User, UserFilter, UserStatus, search_key
from acuse.accounts.tables import UserRow
from acuse.kernel import csv
from acuse.kernel.database import Transaction, violated_constraint

# Any number will do as long as nobody else takes it: the first administrator is made once.
# The database folds ASCII only: the letters people search for without their accents.
_ACCENTS: Final = ("ÁÉÍÓÚÜÑáéíóúüñ", "aeiouunaeiouun")
_IMPORTED: Final = text("password_hash LIKE '$2%'")  # as the partial index says it
_FIRST_ADMIN_LOCK: Final = text("SELECT pg_advisory_xact_lock(727002)")


class UserStore:
    """Reads and writes people.

    `pending` is the expression, correlated with `users.id`, by which whoever counts downloads tells how many of a
    user are pending; set where the house is put together.
    """

    pending: ColumnElement[int] | None = None

    async def insert(self, tx: Transaction, **values: Any) -> User:
        """Add a user and answer it; raises TaxIdTaken."""
        row = UserRow(**({"token_version": 1, "status": UserStatus.ACTIVE, "limite_descargas": DEFAULT_LIMIT} | values))
        tx.add(row)
        with _taken():
            await tx.flush()
        return as_user(row)

    async def by_id(self, tx: Transaction, user_id: int, *, lock: bool = False) -> User | None:
        """Answer a user who is not deleted."""
        found = await self.with_hash(tx, user_id, lock=lock)
        return found[0] if found else None

    async def with_hash(self, tx: Transaction, user_id: int, *, lock: bool = False) -> tuple[User, str] | None:
        """Answer a user who is not deleted, with the password's hash."""
        query = select(UserRow).where(UserRow.id == user_id, UserRow.deleted_at.is_(None))
        row = (await tx.scalars(_locked(query) if lock else query)).one_or_none()
        return (as_user(row), row.password_hash) if row else None

    async def by_tax_id(self, tx: Transaction, tax_id: str) -> tuple[User, str] | None:
        """Answer the user with this normalised tax id, with the password's hash."""
        query = select(UserRow).where(UserRow.tax_id == tax_id, UserRow.deleted_at.is_(None))
        row = (await tx.scalars(query)).one_or_none()
        return (as_user(row), row.password_hash) if row else None

    async def an_imported_hash(self, tx: Transaction) -> str | None:
        """Answer a bcrypt hash of anybody who has not logged in since the import; None when all have."""
        query = select(UserRow.password_hash).where(_IMPORTED, UserRow.deleted_at.is_(None))
        return (await tx.scalars(query.order_by(UserRow.id).limit(1))).one_or_none()

    async def list(self, tx: Transaction, *, above: int, limit: int, role: Role | None = None) -> Sequence[User]:
        """Answer users by id, those above the given one."""
        query = select(UserRow).where(UserRow.id > above, UserRow.deleted_at.is_(None)).order_by(UserRow.id)
        query = query if role is None else query.where(UserRow.role == int(role))
        return [as_user(row) for row in await tx.scalars(query.limit(limit))]

    async def page(self, tx: Transaction, wanted: UserFilter, *, offset: int, limit: int) -> Sequence[User]:
        """Answer users of a list in the order they were created."""
        query = select(UserRow).where(*_conditions(wanted)).order_by(UserRow.id).offset(offset).limit(limit)
        return [as_user(row) for row in await tx.scalars(query)]

    async def count(self, tx: Transaction, wanted: UserFilter) -> int:
        """Answer how many users a list holds."""
        query = select(func.count()).select_from(UserRow).where(*_conditions(wanted))
        return (await tx.execute(query)).scalar_one()

    def report(self, wanted: UserFilter) -> Select[Any]:
        """Answer the query of the CSV of users. Never with a password in any form."""
        roles = case({int(role): role.label for role in Role}, value=UserRow.role)
        pending = self.pending if self.pending is not None else literal(0)
        return (
            select(
                UserRow.id.label("id_usuario"),
                csv.free_text(UserRow.name).label("nombre"),
                csv.cuit(UserRow.tax_id).label("cuit"),
                csv.free_text(UserRow.mail).label("mail"),
                roles.label("rol"),
                cast(UserRow.status, Text).label("status"),
                UserRow.limite_descargas.label("limite_descargas"),
                pending.label("pendientes"),
                csv.instant(UserRow.created_at).label("created_at"),
                csv.instant(UserRow.last_login_at).label("ultimo_login"),
            )
            .where(*_conditions(wanted))
            .order_by(UserRow.id)
        )

    async def update(self, tx: Transaction, user_id: int, **changes: Any) -> None:
        """Change columns of a user."""
        with _taken():
            await tx.execute(update(UserRow).where(UserRow.id == user_id).values(**changes))

    async def raise_version(self, tx: Transaction, user_id: int, **changes: Any) -> int:
        """Raise the token version, which ends every session and token family; answer the new one."""
        query = (
            update(UserRow)
            .where(UserRow.id == user_id)
            .values(token_version=UserRow.token_version + 1, **changes)
            .returning(UserRow.token_version)
        )
        with _taken():
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
        )
        return (await tx.scalars(_locked(query))).all()

    async def nobody_yet(self, tx: Transaction) -> bool:
        """Answer whether there has never been a user; others who ask wait for this transaction to end."""
        await tx.execute(_FIRST_ADMIN_LOCK)
        return not (await tx.execute(select(func.count()).select_from(UserRow))).scalar_one()

    async def note_login(self, tx: Transaction, user_id: int, now: datetime) -> None:
        """Remember the last login."""
        await self.update(tx, user_id, last_login_at=now)


def _conditions(wanted: UserFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        UserRow.deleted_at.is_not(None) if wanted.deleted else UserRow.deleted_at.is_(None)
    ]
    if wanted.role is not None:
        conditions.append(UserRow.role == int(wanted.role))
    if wanted.status is not None:
        conditions.append(UserRow.status == wanted.status)
    key = search_key(wanted.search)
    if key:
        bare = key.replace("-", "").replace(".", "").upper()
        conditions.append(
            or_(
                func.translate(func.lower(UserRow.name), *_ACCENTS).contains(key, autoescape=True),
                func.lower(UserRow.mail).contains(key, autoescape=True),
                UserRow.tax_id.contains(bare, autoescape=True) if bare else false(),
            )
        )
    return conditions


@contextmanager
def _taken() -> Iterator[None]:
    """Tell a tax id that another has as such."""
    try:
        yield
    except IntegrityError as error:
        if violated_constraint(error) == "uq_users_tax_id":
            raise TaxIdTaken(fields={"cuit": TaxIdTaken.message}) from error
        raise


def _locked(query: Select[Any]) -> Select[Any]:
    """Lock the rows for a change that leaves their ids: who writes something that refers to them need not wait."""
    return query.with_for_update(key_share=True)


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
        limite_descargas=row.limite_descargas,
        updated_at=row.updated_at,
        password_changed_at=row.password_changed_at,
        password_expires_at=row.password_expires_at,
        last_login_at=row.last_login_at,
        deleted_at=row.deleted_at,
        second_factor_at=row.second_factor_at,
    )
