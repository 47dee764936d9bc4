"""What happened to quotas and certificates that others act upon."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class AlertRaised(Event):
    """A quota crossed a threshold or a blocked user tried: administrators are to be told."""

    alert_id: str
