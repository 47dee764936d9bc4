"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Actor:
    """A person by id and name (kept even after a rename or deletion), from an address; or a program without id."""

    id: int | None
    name: str
    ip: str | None = None


SYSTEM: Final = Actor(None, "Acuse")
