"""Queries over forgotten passwords."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, delete, select

from acuse.accounts.model import User
from acuse.accounts.store.users import as_user
from acuse.accounts.tables import RecoveryRow, UserRow
from acuse.kernel.database import Transaction


class RecoveryStore:
    """Reads and writes what people forgot."""

    async def ask(self, tx: Transaction, account: str, ip: str | None, now: datetime) -> int:
        """Write down that somebody forgot the password of this account, whether there is one or not."""
        row = RecoveryRow(account=account, ip=ip, asked_at=now)
        tx.add(row)
        await tx.flush()
        return row.id

    async def unanswered(self, tx: Transaction, recovery_id: int) -> RecoveryRow | None:
        """Answer one that has no link yet, locked."""
        query = select(RecoveryRow).where(RecoveryRow.id == recovery_id, RecoveryRow.token_hash.is_(None))
        return (await tx.scalars(query.with_for_update())).one_or_none()

    async def by_token(self, tx: Transaction, token_hash: bytes, now: datetime) -> tuple[User, str] | None:
        """Answer whom a link in force belongs to, with the password's hash."""
        query = (
            select(UserRow)
            .join(RecoveryRow, RecoveryRow.user_id == UserRow.id)
            .where(
                RecoveryRow.token_hash == token_hash,
                RecoveryRow.expires_at > now,
                RecoveryRow.token_version == UserRow.token_version,
                UserRow.deleted_at.is_(None),
            )
        )
        row = (await tx.scalars(query)).one_or_none()
        return (as_user(row), row.password_hash) if row else None

    async def prune(self, tx: Transaction, before: datetime) -> int:
        """Delete what was asked before this instant."""
        query = delete(RecoveryRow).where(RecoveryRow.asked_at < before)
        return cast("CursorResult[None]", await tx.execute(query)).rowcount
