"""What goes in and what comes back: time limits and the reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds: to connect, between two pieces sent or received, to get a connection, and for everything together."""

    connect_s: float = 10.0
    read_s: float = 60.0
    write_s: float = 60.0
    pool_s: float = 30.0
    total_s: float = 120.0


@dataclass(frozen=True, kw_only=True)
class HttpReply:
    """An answer of any status. Header names are in lower case; the body is whole and decompressed."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def server_date(self) -> datetime | None:
        """Answer the service's own clock (header Date, UTC); None when it is missing or unreadable."""
        try:
            found = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError, TypeError):
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

    @property
    def retry_after_s(self) -> float | None:
        """Answer the wait the service asks for (Retry-After in seconds or as a date), if it asks."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isdigit():
            return float(asked)
        try:
            until = parsedate_to_datetime(asked)
        except (ValueError, TypeError):
            return None
        now = self.server_date
        return max(0.0, (until - now).total_seconds()) if now is not None and until.tzinfo is not None else None
