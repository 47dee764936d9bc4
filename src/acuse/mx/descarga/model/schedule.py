"""When to ask the SAT again: 1, 2, 5, 10, then every 30 minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from acuse.mx.descarga.model.outcome import Wait
from acuse.mx.descarga.model.periodo import instant_of, mexico_time


@dataclass(frozen=True)
class Backoff:
    """The waits between tries, in seconds, the last one for ever after."""

    steps_s: tuple[float, ...] = (60, 120, 300, 600, 1800)

    def wait_s(self, attempts: int) -> float:
        """Answer the wait after this many tries."""
        return self.steps_s[min(attempts, len(self.steps_s) - 1)]

    def next_try(self, wait: Wait, attempts: int, now: datetime) -> datetime:
        """Answer the instant of the next try, seen from an aware instant."""
        if wait is Wait.TOMORROW:
            tomorrow = datetime.combine(mexico_time(now).date() + timedelta(days=1), time(0, 5))
            return instant_of(tomorrow)
        seconds = self.steps_s[-1] if wait is Wait.LONG else self.wait_s(attempts)
        return now + timedelta(seconds=seconds)
