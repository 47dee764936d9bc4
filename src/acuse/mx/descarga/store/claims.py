"""The right to call the SAT about a row: one has it at a time, and keeps it no longer than it lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from acuse.mx.descarga.tables import Claimable


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Somebody's wish to call: under which name of work, from when on, and until when at the latest."""

    work: str
    now: datetime
    until: datetime
    is_over: Callable[[str], bool]
    """Tells whether the work of this name has provably ended."""

    def take(self, row: Claimable) -> bool:
        """Take a locked row unless somebody has it who may still be calling; answer whether it is ours now.

        Of whom nothing is known, as of another machine, its time must have run out: no call lasts that long.
        """
        ended = row.busy_until is None or row.busy_until <= self.now
        if not ended and (row.busy_by is None or not self.is_over(row.busy_by)):
            return False
        row.busy_until, row.busy_by = self.until, self.work
        return True
