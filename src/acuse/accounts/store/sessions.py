"""Queries over logins that last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, CursorResult, Select, and_, delete, or_, select, update

from acuse.accounts.model import Session, SessionKind, User
from acuse.accounts.store.users import as_user
from acuse.accounts.tables import SessionRow, UserRow
from acuse.kernel.database import Transaction

_MAX_AGENT_CHARS = 300


class SessionStore:
    """Reads and writes sessions. One is open while unrevoked, unexpired, not idle and of its owner's version."""

    def __init__(self, *, idle_s: int) -> None:
        self._idle = timedelta(seconds=idle_s)

    async def open(
        self,
        tx: Transaction,
        user: User,
        kind: SessionKind,
        *,
        now: datetime,
        life: timedelta,
        ip: str | None,
        agent: str,
        cookie_hash: bytes | None = None,
    ) -> Session:
        """Add a session of this user."""
        row = SessionRow(
            id=uuid4(),
            user_id=user.id,
            kind=kind,
            cookie_hash=cookie_hash,
            token_version=user.token_version,
            created_at=now,
            last_seen_at=now,
            expires_at=now + life,
            revoked_at=None,
            ip=ip,
            user_agent=agent[:_MAX_AGENT_CHARS].replace("\x00", ""),
        )
        tx.add(row)
        await tx.flush()
        return _as_session(row)

    async def by_cookie(self, tx: Transaction, cookie_hash: bytes, now: datetime) -> tuple[Session, User] | None:
        """Answer an open browser session and its active owner."""
        return await self._one(tx, SessionRow.cookie_hash == cookie_hash, now)

    async def by_id(self, tx: Transaction, session_id: UUID, now: datetime) -> tuple[Session, User] | None:
        """Answer an open session and its active owner."""
        return await self._one(tx, SessionRow.id == session_id, now)

    async def lock(self, tx: Transaction, session_id: UUID) -> None:
        """Hold the session's row until commit, so that its refreshes and its end stand in line."""
        await tx.execute(select(SessionRow.id).where(SessionRow.id == session_id).with_for_update())

    async def open_of(self, tx: Transaction, user_id: int, now: datetime) -> Sequence[Session]:
        """Answer a user's open sessions, the latest used first."""
        query = self._open(now).where(SessionRow.user_id == user_id).order_by(SessionRow.last_seen_at.desc())
        return [_as_session(row) for row, _ in await tx.execute(query)]

    async def touch(self, tx: Transaction, session_id: UUID, now: datetime, ip: str | None) -> None:
        """Note that the session was used."""
        query = update(SessionRow).where(SessionRow.id == session_id).values(last_seen_at=now, ip=ip)
        await tx.execute(query)

    async def revoke(self, tx: Transaction, session_id: UUID, now: datetime, *, user_id: int) -> bool:
        """End one session of this user; False when there is none open."""
        is_it = and_(SessionRow.id == session_id, SessionRow.user_id == user_id)
        return await self._revoke(tx, is_it, now) > 0

    async def revoke_all(self, tx: Transaction, user_id: int, now: datetime, *, keep: UUID | None = None) -> int:
        """End all sessions of a user, but for the one to keep; answer how many."""
        of_user = SessionRow.user_id == user_id
        return await self._revoke(tx, and_(of_user, SessionRow.id != keep) if keep else of_user, now)

    async def prune(self, tx: Transaction, before: datetime) -> int:
        """Delete what ended before this instant, with its refresh tokens."""
        ended = or_(SessionRow.expires_at < before, SessionRow.revoked_at < before)
        return cast("CursorResult[None]", await tx.execute(delete(SessionRow).where(ended))).rowcount

    async def _one(self, tx: Transaction, is_it: ColumnElement[bool], now: datetime) -> tuple[Session, User] | None:
        found = (await tx.execute(self._open(now).where(is_it))).one_or_none()
        return (_as_session(found[0]), as_user(found[1])) if found else None

    def _open(self, now: datetime) -> Select[SessionRow, UserRow]:
        return (
            select(SessionRow, UserRow)
            .join(UserRow, UserRow.id == SessionRow.user_id)
            .where(
                SessionRow.revoked_at.is_(None),
                SessionRow.expires_at > now,
                SessionRow.last_seen_at > now - self._idle,
                SessionRow.token_version == UserRow.token_version,
                UserRow.deleted_at.is_(None),
            )
        )

    async def _revoke(self, tx: Transaction, which: ColumnElement[bool], now: datetime) -> int:
        query = update(SessionRow).where(which, SessionRow.revoked_at.is_(None)).values(revoked_at=now)
        return cast("CursorResult[None]", await tx.execute(query)).rowcount


def _as_session(row: SessionRow) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        kind=row.kind,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        ip=row.ip,
        user_agent=row.user_agent,
    )
