"""The rows of people, their sessions, their tokens and the counters against guessing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Identity, Index, Integer, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from acuse.accounts.model import DEFAULT_LIMIT, SessionKind, UserStatus
from acuse.kernel.database import Base


class UserRow(Base):
    """A person. Deleted ones stay, so that the audit and what they made keep their owner."""

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_tax_id", "tax_id", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("ix_users_role", "role"),
        Index("ix_users_imported", "id", postgresql_where=text("password_hash LIKE '$2%'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    tax_id: Mapped[str]
    name: Mapped[str]
    mail: Mapped[str]
    role: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[UserStatus]
    country: Mapped[str]
    theme: Mapped[str | None]
    limite_descargas: Mapped[int] = mapped_column(Integer, server_default=text(str(DEFAULT_LIMIT)))
    password_hash: Mapped[str]
    must_change_password: Mapped[bool]
    password_changed_at: Mapped[datetime | None]
    password_expires_at: Mapped[datetime | None]
    token_version: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]


class SecondFactorRow(Base):
    """The shared secret of somebody's authenticator. It counts once confirmed, as `users.second_factor_at` says.

    `last_step` is the half minute of the last code taken: none before it, nor itself, is taken again.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    secret: Mapped[bytes] = mapped_column(LargeBinary, info={"sealed": True})
    last_step: Mapped[int]
    created_at: Mapped[datetime]


class RecoveryCodeRow(Base):
    """A code for who lost the authenticator, by its hash; gone once used."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user_id", "user_id"),)

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


class SessionRow(Base):
    """A login that lasts. A browser's holds its cookie's hash; a program's is a family of refresh tokens.

    It counts only while its `token_version` is still the user's: raising that ends all sessions at once.
    """

    __tablename__ = "user_sessions"
    __table_args__ = (
        Index("uq_user_sessions_cookie_hash", "cookie_hash", unique=True),
        Index("ix_user_sessions_user_id", "user_id"),
        Index("ix_user_sessions_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[SessionKind]
    cookie_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    token_version: Mapped[int]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str]


class RefreshTokenRow(Base):
    """One refresh token, by its hash. `used_at` is set once; `reuses` counts uses inside the grace."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("ix_refresh_tokens_session_id", "session_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("user_sessions.id", ondelete="CASCADE"))
    parent_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    reuses: Mapped[int]


class RecoveryRow(Base):
    """A forgotten password, as it was told: for somebody unknown too. The link, by its hash, comes with its mail.

    It opens only while `token_version` is still the user's, so that any change of the account spends it.
    """

    __tablename__ = "password_recoveries"
    __table_args__ = (
        Index("uq_password_recoveries_token_hash", "token_hash", unique=True),
        Index("ix_password_recoveries_asked_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account: Mapped[str]
    ip: Mapped[str | None]
    asked_at: Mapped[datetime]
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_version: Mapped[int | None]
    expires_at: Mapped[datetime | None]


class ApiTokenRow(Base):
    """A key for a program, by its hash; shown once, revoked or expired, never changed."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index("uq_api_tokens_token_hash", "token_hash", unique=True),
        Index("ix_api_tokens_user_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    scopes: Mapped[list[str]]
    hint: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class CounterRow(Base):
    """One counter against guessing: tries of an account, requests of an address."""

    __tablename__ = "login_counters"
    __table_args__ = (Index("ix_login_counters_expires_at", "expires_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    wait_until: Mapped[datetime | None]
    expires_at: Mapped[datetime]
