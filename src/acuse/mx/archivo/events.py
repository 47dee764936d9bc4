"""What happened in the archive: written with the change, handled after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class CfdisAdded(Event):
    """A package brought CFDIs of a taxpayer that were not known."""

    contribuyente_id: int


@dataclass(frozen=True)
class PaqueteOutdated(Event):
    """A package was read by an older reader: it is to be read again."""

    indexed_paquete_id: int


@dataclass(frozen=True)
class CancellationsFound(Event):
    """CFDIs of a taxpayer that were held as in force were found cancelled, and people are to be told."""

    contribuyente_id: int
