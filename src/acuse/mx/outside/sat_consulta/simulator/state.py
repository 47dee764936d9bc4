"""What the simulated service knows, and what it shall do wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from acuse.kernel.clock import MovableClock

MEXICO_CITY = ZoneInfo("America/Mexico_City")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A CFDI as the service knows it. Times are the naive wall clock of Mexico City."""

    uuid: str
    emisor: str
    receptor: str
    total: Decimal
    efecto: str
    stamped: datetime
    cancelled: datetime | None
    seal_end: Callable[[], str | None]
    """The last characters of the seal, read only when an expression bears them."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The next `times` calls go wrong: by the SAT's code (601, 602), an HTTP status, bytes that are no XML, late."""

    times: int = 1
    code: str = ""
    status: int | None = None
    garbage: bool = False
    delay_s: float = 0

    def __post_init__(self) -> None:
        if self.times < 1 or self.delay_s < 0:
            raise ValueError("times debe ser al menos 1, y delay_s no menor que cero")
        if self.code not in {"", "601", "602"}:
            raise ValueError("code debe ser 601 o 602")

    def as_dict(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return asdict(self)


class ConsultaState:
    """The service's memory: a lookup by UUID (upper case), and what was changed by switches."""

    def __init__(self, *, find: Callable[[str], Known | None], clock: MovableClock) -> None:
        self.clock = clock
        self.faults: list[Fault] = []
        self.cancelled: dict[str, str] = {}
        """By UUID, the words of a cancellation set by switch."""
        self.cancelling: dict[str, str] = {}
        """By UUID, the words of a cancellation under way or refused; the CFDI is in force."""
        self.listed: set[str] = set()
        """RFCs the service says are in the list of article 69-B."""
        self.appears_after_s = 0.0
        """A CFDI is found only this long after its stamp."""
        self.calls = 0
        self._find = find

    def today(self) -> datetime:
        """Answer the wall clock of Mexico City, naive."""
        return self.clock.now().astimezone(MEXICO_CITY).replace(tzinfo=None)

    def find(self, uuid: str) -> Known | None:
        """Answer the CFDI of this UUID if it is stamped and has appeared."""
        known = self._find(uuid.upper())
        if known is None or (self.today() - known.stamped).total_seconds() < self.appears_after_s:
            return None
        return known

    def take_fault(self) -> Fault | None:
        """Spend and answer the first fault set, or None."""
        if not self.faults:
            return None
        fault = self.faults[0]
        self.faults[:1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
        return fault

    def reset(self) -> None:
        """Forget every switch."""
        self.faults.clear()
        self.cancelled.clear()
        self.cancelling.clear()
        self.listed.clear()
        self.appears_after_s = 0.0
        self.calls = 0
