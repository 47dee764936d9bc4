"""Answers what the keys of the SAT's catalogues mean. A key not known has no meaning; it is never a fault."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "catalogs"


@cache
def catalogs() -> dict[str, dict[str, str]]:
    """Answer every catalogue by name."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(_FOLDER.glob("*.json")):
        found |= json.loads(path.read_text("utf-8"))
    return found


def meaning(catalog: str, key: str | None) -> str:
    """Answer what a key means; empty when the catalogue does not have it."""
    return catalogs()[catalog].get((key or "").strip(), "")
