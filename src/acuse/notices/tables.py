"""The outbox's rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base
from acuse.notices.model import NoticeState


class NoticeRow(Base):
    """One e-mail to one person; a key is used once per recipient."""

    __tablename__ = "notices_outbox"
    __table_args__ = (
        UniqueConstraint("key", "recipient", name="uq_notices_outbox_key"),
        Index("ix_notices_outbox_state_next_try_at", "state", "next_try_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str]
    template: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    message_id: Mapped[str]
    state: Mapped[NoticeState]
    attempts: Mapped[int]
    next_try_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
