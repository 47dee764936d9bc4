"""What happened or fell due: written with the change, handled after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class CancellationFound(Event):
    """The SAT said that a CFDI held as in force is cancelled."""

    consulta_id: int


@dataclass(frozen=True)
class LoteDue(Event):
    """The next stretch of a batch is to be asked."""

    lote_id: str


@dataclass(frozen=True)
class LoteEnded(Event):
    """A batch was asked to its end: what it found cancelled is to be told."""

    lote_id: str
