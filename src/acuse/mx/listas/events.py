"""What happened: written with the change, handled after its commit."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.events import Event


@dataclass(frozen=True)
class FetchAsked(Event):
    """Somebody wants the list fetched now."""


@dataclass(frozen=True)
class CounterpartListed(Event):
    """Counterparts of a taxpayer were found in the list; `found_at` names the finding."""

    contribuyente_id: int
    found_at: str
