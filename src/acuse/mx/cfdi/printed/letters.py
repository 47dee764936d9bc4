"""Fits text to the letters a PDF has without an embedded font: those of Windows-1252, which hold all of Spanish."""

from __future__ import annotations

import unicodedata
from typing import Final

MISSING: Final = "·"


def fit(text: str) -> tuple[str, bool]:
    """Answer the text in those letters, and whether that changed it: a foreign letter becomes its base or a dot."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return "".join(_letter(each) for each in text), True
    return text, False


def _letter(letter: str) -> str:
    for said in (letter, unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()):
        try:
            said.encode("cp1252")
        except UnicodeEncodeError:
            continue
        if said:
            return said
    return MISSING
