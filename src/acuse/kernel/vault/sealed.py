"""Bytes that do not show themselves: whoever prints, logs or formats them gets dots."""

from __future__ import annotations

from acuse.kernel.logs import HIDDEN


class _Veiled(bytes):
    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, _: str) -> str:
        return HIDDEN


class Sealed(_Veiled):
    """An envelope of the vault, as stored."""


class Opened(_Veiled):
    """Secret bytes taken out of the vault. Keep them no longer than needed."""
