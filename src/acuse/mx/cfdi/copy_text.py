"""Writes values in the text form of PostgreSQL's COPY."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

NULL: Final = r"\N"
_NEEDS_ESCAPE: Final = re.compile(r"[\\\t\n\r\x00]").search
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": ""})


def text(value: str | None) -> str:
    """Write a text that may be absent."""
    if value is None:
        return NULL
    if value.isalnum():
        return value
    return value.translate(_ESCAPES) if _NEEDS_ESCAPE(value) else value


def amount(value: Decimal | int | None) -> str:
    """Write an amount that may be absent."""
    return NULL if value is None else str(value)


def array(values: Sequence[str]) -> str:
    """Write names of elements or UUIDs, which hold nothing an array would need quoted."""
    return f"{{{','.join(values)}}}" if values else "{}"


def block(lines: Sequence[str]) -> bytes:
    """Put lines together."""
    return ("\n".join(lines) + "\n").encode() if lines else b""
