"""What fell due: written with the change, handled after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class ImportDue(Event):
    """An uploaded archive is to be taken in."""

    import_id: str
