"""What happened to statements."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class ResumenClosed(Event):
    """A statement is ready: its reseller is to be told."""

    resumen_id: str
