"""An enum whose members carry a Spanish caption beside their stored value."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Captioned(StrEnum):
    """Base of enums written `NAME = "value", "Texto para personas"`."""

    caption: str

    def __new__(cls, value: str, caption: str = "") -> Self:
        """Keep the caption beside the value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.caption = caption
        return member
