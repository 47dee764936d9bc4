"""What happened or fell due: written with the change, handled after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class LoteDue(Event):
    """The next stretch of a batch is to be asked."""

    lote_id: str
