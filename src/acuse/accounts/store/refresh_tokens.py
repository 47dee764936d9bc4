"""Queries over refresh tokens: used once by one, remembered to notice a second use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from acuse.accounts.tables import RefreshTokenRow
from acuse.kernel.database import Transaction


@dataclass(frozen=True)
class StoredRefresh:
    """A refresh token as it stands: its family, whether it was used, and how often again within the grace."""

    session_id: UUID
    used_at: datetime | None
    reuses: int


class RefreshStore:
    """Reads and writes refresh tokens by their hash."""

    async def add(
        self, tx: Transaction, token_hash: bytes, session_id: UUID, now: datetime, *, parent: bytes | None = None
    ) -> None:
        """Keep a new token of this family."""
        tx.add(
            RefreshTokenRow(
                token_hash=token_hash, session_id=session_id, parent_hash=parent, issued_at=now, used_at=None, reuses=0
            )
        )
        await tx.flush()

    async def use(self, tx: Transaction, token_hash: bytes, now: datetime) -> bool:
        """Mark a token as used; True for the one caller who was first."""
        query = (
            update(RefreshTokenRow)
            .where(RefreshTokenRow.token_hash == token_hash, RefreshTokenRow.used_at.is_(None))
            .values(used_at=now)
            .returning(RefreshTokenRow.token_hash)
        )
        return (await tx.execute(query)).first() is not None

    async def get(self, tx: Transaction, token_hash: bytes) -> StoredRefresh | None:
        """Answer a token as it stands."""
        row = (await tx.scalars(select(RefreshTokenRow).where(RefreshTokenRow.token_hash == token_hash))).one_or_none()
        return StoredRefresh(row.session_id, row.used_at, row.reuses) if row else None

    async def count_reuse(self, tx: Transaction, token_hash: bytes) -> None:
        """Count one more use within the grace."""
        query = update(RefreshTokenRow).where(RefreshTokenRow.token_hash == token_hash)
        await tx.execute(query.values(reuses=RefreshTokenRow.reuses + 1))
