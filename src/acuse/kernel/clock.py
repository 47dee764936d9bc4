"""The only door to time: now, sleep and zones. Instants are aware and in UTC."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. Swapped in tests and in simulators with a movable clock."""

    def now(self) -> datetime:
        """Answer the present instant, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait this long."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Answer the present instant, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait this long without holding the event loop."""
        await asyncio.sleep(seconds)


class MovableClock:
    """A clock that can be set and moved.

    Started at an instant it stands still until moved; built with `running=True` it keeps the machine's
    pace at an offset, which is what a simulator needs. Sleeping on a still clock moves it.
    """

    def __init__(self, start: datetime | None = None, *, running: bool = False) -> None:
        self._running = running
        self._still = start or datetime.now(UTC)
        self._offset = self._still - datetime.now(UTC)

    def now(self) -> datetime:
        """Answer the set instant, or the machine's time plus the offset when running."""
        return datetime.now(UTC) + self._offset if self._running else self._still

    def set(self, instant: datetime) -> None:
        """Jump to this aware instant."""
        self._still = instant.astimezone(UTC)
        self._offset = self._still - datetime.now(UTC)

    def move(self, **step: float) -> None:
        """Move by a timedelta given in its own keywords, as in `move(hours=73)`."""
        self.set(self.now() + timedelta(**step))

    async def sleep(self, seconds: float) -> None:
        """Move on at once when still; give way to other tasks either way."""
        if self._running:
            await asyncio.sleep(seconds)
            return
        self.move(seconds=seconds)
        await asyncio.sleep(0)
