"""The records of a ZIP written member by member, in pieces that many processes may have made.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14–4.3.16, 4.4.4 (bit 11) and 4.5.3 (ZIP64).
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Final, NamedTuple

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_RECORD: Final = struct.Struct("<4s6H3L5H2L")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END: Final = struct.Struct("<4s4H2LH")
_UTF8: Final = 0x800
_PLAIN_VERSION, _WIDE_VERSION = 20, 45
_MADE_ON_UNIX: Final = 3 << 8
_FILE_MODE: Final = 0o100644 << 16
_FULL, _FULL_COUNT = 0xFFFFFFFF, 0xFFFF
_FIRST_YEAR: Final = 1980


class Written(NamedTuple):
    """A member as its records tell it."""

    name: str
    crc: int
    compressed: int
    size: int
    method: int


def local_header(member: Written, moment: datetime) -> bytes:
    """Answer what stands before the bytes of a member."""
    name = member.name.encode()
    extra = b""
    sizes = (member.compressed, member.size)
    if max(sizes) >= _FULL:
        extra = struct.pack("<2H2Q", 1, 16, member.size, member.compressed)
        sizes = (_FULL, _FULL)
    version = _WIDE_VERSION if extra else _PLAIN_VERSION
    head = _LOCAL.pack(
        b"PK\3\4", version, _UTF8, member.method, *_dos(moment), member.crc, *sizes, len(name), len(extra)
    )
    return head + name + extra


def directory_record(member: Written, offset: int, moment: datetime) -> bytes:
    """Answer the line of a member in the directory; its local header begins at `offset`."""
    name = member.name.encode()
    wide = b"".join(struct.pack("<Q", each) for each in (member.size, member.compressed, offset) if each >= _FULL)
    extra = struct.pack("<2H", 1, len(wide)) + wide if wide else b""
    version = _WIDE_VERSION if extra else _PLAIN_VERSION
    narrow = [min(each, _FULL) for each in (member.compressed, member.size, offset)]
    return (
        _RECORD.pack(
            b"PK\1\2", _MADE_ON_UNIX | version, version, _UTF8, member.method, *_dos(moment), member.crc,
            narrow[0], narrow[1], len(name), len(extra), 0, 0, 0, _FILE_MODE, narrow[2],
        )
        + name
        + extra
    )  # fmt: skip


def end_records(members: int, directory_bytes: int, directory_offset: int) -> bytes:
    """Answer how the ZIP ends."""
    wide = b""
    if members >= _FULL_COUNT or max(directory_bytes, directory_offset) >= _FULL:
        at = directory_offset + directory_bytes
        body = (_WIDE_VERSION | _MADE_ON_UNIX, _WIDE_VERSION, 0, 0, members, members, directory_bytes, directory_offset)
        wide = _END64.pack(b"PK\6\6", _END64.size - 12, *body) + _LOCATOR.pack(b"PK\6\7", 0, at, 1)
    count = min(members, _FULL_COUNT)
    return wide + _END.pack(b"PK\5\6", 0, 0, count, count, min(directory_bytes, _FULL), min(directory_offset, _FULL), 0)


def _dos(moment: datetime) -> tuple[int, int]:
    """Answer time and date as a ZIP keeps them: two seconds fine, without a zone."""
    day = (max(moment.year, _FIRST_YEAR) - _FIRST_YEAR) << 9 | moment.month << 5 | moment.day
    return moment.hour << 11 | moment.minute << 5 | moment.second // 2, day
