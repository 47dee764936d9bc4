"""What the simulated SAT saw: every call with its answer, counts, downloads per package."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from acuse.mx.outside.sat_descarga.simulator.names import Family, Operation

_KEPT = 10_000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One call: when (the simulator's clock), what, by whom, about which id, and the code answered.

    `answer` is the CodEstatus, or the fault's or HTTP error's name where there was none.
    """

    at: datetime
    family: Family
    operation: str
    rfc: str = ""
    id: str = ""
    answer: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Answer it as plain data."""
        return {**asdict(self), "at": self.at.isoformat(), "family": self.family.value}


class Ledger:
    """The calls seen, the newest ten thousand of them whole, all of them counted."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=_KEPT)
        self.calls: Counter[str] = Counter()
        self.answers: Counter[tuple[str, str]] = Counter()

    def write(self, entry: Entry) -> None:
        """Note one call."""
        self.entries.append(entry)
        self.calls[entry.operation] += 1
        self.answers[entry.operation, entry.answer] += 1

    def count(self, operation: Operation, answer: str | int | None = None) -> int:
        """Answer how many calls of an operation came, or how many of them were answered so."""
        return self.calls[operation.label] if answer is None else self.answers[operation.label, str(answer)]

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()
        self.calls.clear()
        self.answers.clear()
