"""Queries over the keys of programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import CursorResult, delete, or_, select, update

from acuse.accounts.model import ApiToken, User
from acuse.accounts.store.users import as_user
from acuse.accounts.tables import ApiTokenRow, UserRow
from acuse.kernel.database import Transaction


class ApiTokenStore:
    """Reads and writes API tokens by their hash."""

    async def insert(
        self,
        tx: Transaction,
        *,
        user_id: int,
        name: str,
        scopes: Sequence[str],
        hint: str,
        token_hash: bytes,
        now: datetime,
        created_by: int | None,
        expires_at: datetime | None,
    ) -> ApiToken:
        """Keep a new token."""
        row = ApiTokenRow(
            id=uuid4(),
            user_id=user_id,
            name=name,
            scopes=list(scopes),
            hint=hint,
            token_hash=token_hash,
            created_at=now,
            created_by=created_by,
            expires_at=expires_at,
            last_used_at=None,
            revoked_at=None,
        )
        tx.add(row)
        await tx.flush()
        return _as_token(row)

    async def by_hash(self, tx: Transaction, token_hash: bytes, now: datetime) -> tuple[ApiToken, User] | None:
        """Answer a token in force and its owner."""
        query = (
            select(ApiTokenRow, UserRow)
            .join(UserRow, UserRow.id == ApiTokenRow.user_id)
            .where(
                ApiTokenRow.token_hash == token_hash,
                ApiTokenRow.revoked_at.is_(None),
                or_(ApiTokenRow.expires_at.is_(None), ApiTokenRow.expires_at > now),
                UserRow.deleted_at.is_(None),
            )
        )
        found = (await tx.execute(query)).one_or_none()
        return (_as_token(found[0]), as_user(found[1])) if found else None

    async def of_user(self, tx: Transaction, user_id: int) -> Sequence[ApiToken]:
        """Answer a user's tokens that are not revoked, newest first; run-out ones too, so that people see them."""
        query = (
            select(ApiTokenRow)
            .where(ApiTokenRow.user_id == user_id, ApiTokenRow.revoked_at.is_(None))
            .order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id)
        )
        return [_as_token(row) for row in await tx.scalars(query)]

    async def issued_by(self, tx: Transaction, user_id: int) -> Sequence[ApiToken]:
        """Answer the tokens somebody issued for others that are not revoked, newest first."""
        query = (
            select(ApiTokenRow)
            .where(ApiTokenRow.created_by == user_id, ApiTokenRow.user_id != user_id, ApiTokenRow.revoked_at.is_(None))
            .order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id)
        )
        return [_as_token(row) for row in await tx.scalars(query)]

    async def touch(self, tx: Transaction, token_id: UUID, now: datetime) -> None:
        """Note that the token was used."""
        await tx.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=now))

    async def revoke(self, tx: Transaction, token_id: UUID, now: datetime, *, by: int) -> str | None:
        """Revoke a token that this user owns or issued; answer its name, None when there is none."""
        query = (
            update(ApiTokenRow)
            .where(
                ApiTokenRow.id == token_id,
                or_(ApiTokenRow.user_id == by, ApiTokenRow.created_by == by),
                ApiTokenRow.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .returning(ApiTokenRow.name)
        )
        return (await tx.execute(query)).scalar_one_or_none()

    async def prune(self, tx: Transaction, before: datetime) -> int:
        """Delete what was revoked or ran out before this instant."""
        query = delete(ApiTokenRow).where(or_(ApiTokenRow.revoked_at < before, ApiTokenRow.expires_at < before))
        return cast("CursorResult[None]", await tx.execute(query)).rowcount


def _as_token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        scopes=tuple(row.scopes),
        hint=row.hint,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
