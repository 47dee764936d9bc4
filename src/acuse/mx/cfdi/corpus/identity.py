"""UUIDs that know their place: from one its month and position are found again, so no table of them is kept."""

from __future__ import annotations

import hashlib
from typing import Final
from uuid import UUID

_PLACE_BITS: Final = 20
MOST_PLACES: Final = 1 << _PLACE_BITS
_HEAD: Final = 4  # bytes that hold the place, hidden under a mask made of the other twelve


class Identity:
    """The UUIDs of one corpus. They look like any other (version 4) and are the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()

    def uuid(self, month: int, place: int) -> str:
        """Answer the UUID of the document at this place of a month, in upper case."""
        packed = (month << _PLACE_BITS | place).to_bytes(_HEAD, "big")
        tail = bytearray(hashlib.sha256(self._seed + packed).digest()[: 16 - _HEAD])
        tail[2] = tail[2] & 0x0F | 0x40  # version 4
        tail[4] = tail[4] & 0x3F | 0x80  # the usual variant
        head = bytes(one ^ other for one, other in zip(packed, self._mask(tail), strict=True))
        return str(UUID(bytes=head + bytes(tail))).upper()

    def position(self, uuid: str) -> tuple[int, int] | None:
        """Answer (month, place) of a UUID of this corpus in any case, or None for another's."""
        try:
            raw = UUID(uuid).bytes
        except ValueError:
            return None
        packed = int.from_bytes(
            bytes(one ^ other for one, other in zip(raw[:_HEAD], self._mask(raw[_HEAD:]), strict=True)), "big"
        )
        found = packed >> _PLACE_BITS, packed % MOST_PLACES
        return found if 1 <= found[0] <= 12 and self.uuid(*found) == str(UUID(bytes=raw)).upper() else None  # noqa: PLR2004 - the months of a year

    def _mask(self, tail: bytes | bytearray) -> bytes:
        return hashlib.sha256(self._seed + b"#" + tail).digest()[:_HEAD]
