"""What fell due: written with the change, handled after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class ExportDue(Event):
    """An export is to be made, or taken up where it was left."""

    export_id: str
