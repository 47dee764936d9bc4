"""What happens to taxpayers that others act upon."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class EfirmaChanged(Event):
    """An e.firma was loaded, replaced or removed: its copies in the storage have to follow."""

    contribuyente_id: int


@dataclass(frozen=True)
class ContribuyenteRemoved(Event):
    """A taxpayer left: its files have to go too."""

    rfc: str
