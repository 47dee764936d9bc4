"""The rules against guessing: growing waits after failures, and so many requests a minute from one address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

_MINUTE_S: Final = 60


@dataclass(frozen=True)
class Backoff:
    """After `free` failures wait `base_s`, doubling with each further one up to `max_s`.

    Failures are forgotten `forget_s` after the last one. `free` is how many tries pass without any wait.
    """

    free: int
    base_s: int = 30
    max_s: int = 900
    forget_s: int = 43_200

    def wait_s(self, failures: int) -> int:
        """Answer how long the next try must wait after this many failures."""
        if failures < self.free:
            return 0
        return min(self.max_s, self.base_s << min(failures - self.free, 20))


# NIST SP 800-63B allows at most 100 consecutive failures and growing delays up to an hour. OWASP ASVS 5.0, 6.1.1:
# nobody may lock another's account on purpose, hence the pair of account and address waits long before the account.
BY_PAIR = Backoff(free=5)
BY_ACCOUNT = Backoff(free=20)


@dataclass(frozen=True)
class Attempt:
    """What the counter says to one try: how many failures stand now, and until when the next must wait."""

    allowed: bool
    failures: int
    wait_until: datetime | None


class Counters(Protocol):
    """Counters shared by all processes. Every change is atomic; a key says what is counted."""

    async def attempt(self, key: str, rule: Backoff) -> Attempt:
        """Count one try as failed before it is made, unless it must wait. `clear` takes it back on success."""
        ...

    async def hit(self, key: str, window_s: int) -> tuple[int, datetime]:
        """Count one request; answer how many fell in this window and when it ends."""
        ...

    async def remember(self, key: str, life_s: int) -> None:
        """Note that something is known."""
        ...

    async def knows(self, key: str) -> bool:
        """Answer whether it was noted and has not run out."""
        ...

    async def clear(self, *keys: str) -> None:
        """Forget these keys."""
        ...

    async def clear_under(self, prefix: str) -> None:
        """Forget every key that begins so."""
        ...

    async def prune(self) -> int:
        """Throw away what has run out; answer how many."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


def wait_text(seconds: float) -> str:
    """Answer a wait in Spanish words, rounded up."""
    whole = max(1, int(seconds + 0.999))
    if whole < _MINUTE_S:
        return "1 segundo" if whole == 1 else f"{whole} segundos"
    minutes = -(-whole // _MINUTE_S)
    return "1 minuto" if minutes == 1 else f"{minutes} minutos"
