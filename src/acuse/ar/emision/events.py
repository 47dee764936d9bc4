"""What falls due in issuing."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class EmisionDue(Event):
    """An issuance is to be carried on."""

    emision_id: str
