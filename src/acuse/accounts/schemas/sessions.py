"""JSON of one's own open sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from acuse.accounts.model import Session


class SessionOut(BaseModel):
    """An open session: a browser's, or a program's family of tokens. `actual` marks the one that asks."""

    id: UUID
    tipo: str
    dispositivo: str
    ip: str | None
    abierta: datetime
    ultimo_uso: datetime
    vence: datetime
    actual: bool

    @classmethod
    def of(cls, session: Session, present: UUID | None) -> Self:
        """Answer the session's JSON."""
        return cls(
            id=session.id,
            tipo=session.kind.value,
            dispositivo=session.device,
            ip=session.ip,
            abierta=session.created_at,
            ultimo_uso=session.last_seen_at,
            vence=session.expires_at,
            actual=session.id == present,
        )


class SessionsOut(BaseModel):
    """The caller's open sessions, the latest used first."""

    sesiones: list[SessionOut]


class EndedOut(BaseModel):
    """How many sessions were ended."""

    cerradas: int
