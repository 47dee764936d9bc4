"""Queries over second steps: the sealed secret, the last code taken, the recovery codes left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, delete, func, insert, select, update

from acuse.accounts.tables import RecoveryCodeRow, SecondFactorRow
from acuse.kernel.database import Transaction


class SecondFactorStore:
    """Reads and writes second steps. Each use of a code is one conditional statement: it has one winner."""

    async def put(self, tx: Transaction, user_id: int, sealed: bytes, now: datetime) -> None:
        """Keep a secret that is still to be confirmed, in place of any before it."""
        await self.remove(tx, user_id)
        tx.add(SecondFactorRow(user_id=user_id, secret=sealed, last_step=0, created_at=now))
        await tx.flush()

    async def secret(self, tx: Transaction, user_id: int) -> bytes | None:
        """Answer the sealed secret."""
        query = select(SecondFactorRow.secret).where(SecondFactorRow.user_id == user_id)
        return (await tx.scalars(query)).one_or_none()

    async def use_step(self, tx: Transaction, user_id: int, step: int) -> bool:
        """Take the code of a half minute; False when it, or a later one, was taken before."""
        query = (
            update(SecondFactorRow)
            .where(SecondFactorRow.user_id == user_id, SecondFactorRow.last_step < step)
            .values(last_step=step)
        )
        return cast("CursorResult[None]", await tx.execute(query)).rowcount == 1

    async def use_code(self, tx: Transaction, user_id: int, code_hash: bytes) -> bool:
        """Take a recovery code; False when there is none such left."""
        query = delete(RecoveryCodeRow).where(
            RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.code_hash == code_hash
        )
        return cast("CursorResult[None]", await tx.execute(query)).rowcount == 1

    async def replace_codes(self, tx: Transaction, user_id: int, hashes: Iterable[bytes]) -> None:
        """Keep these recovery codes instead of all before."""
        await tx.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
        await tx.execute(insert(RecoveryCodeRow), [{"user_id": user_id, "code_hash": each} for each in hashes])

    async def codes_left(self, tx: Transaction, user_id: int) -> int:
        """Answer how many recovery codes are left."""
        query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id)
        return (await tx.execute(query)).scalar_one()

    async def remove(self, tx: Transaction, user_id: int) -> None:
        """Forget the secret and every recovery code."""
        await tx.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
        await tx.execute(delete(SecondFactorRow).where(SecondFactorRow.user_id == user_id))
