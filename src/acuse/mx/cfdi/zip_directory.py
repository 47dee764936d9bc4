"""Reads the central directory of a ZIP as a stream: a package of 200,000 members needs no memory for its list.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.12–4.3.16 and 4.5.3 (ZIP64).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from acuse.mx.cfdi.errors import NotAPaquete

_END: Final = struct.Struct("<4s4H2LH")
_END64_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_RECORD: Final = struct.Struct("<4s4x2H4x3L3H8xL")  # what nobody here asks is skipped
_END_SIGNATURE, _LOCATOR_SIGNATURE, _END64_SIGNATURE = b"PK\5\6", b"PK\6\7", b"PK\6\6"
_RECORD_SIGNATURE: Final = b"PK\1\2"
_MAX_COMMENT: Final = 65_535
_BLOCK_BYTES: Final = 1 << 18
_SATURATED: Final = 0xFFFFFFFF
_ZIP64_EXTRA: Final = 1
_UTF8_FLAG: Final = 0x800
_NAME_START, _NAME_END = 150, 50


class Entry(NamedTuple):
    """One member as the directory tells it.

    `name` is for reports only, and shortened in its middle when it is very long: nothing is ever written under it.
    """

    name: str
    header_offset: int
    compressed_bytes: int
    size_bytes: int
    crc: int
    method: int
    flags: int


class Span(NamedTuple):
    """A stretch of the directory that begins and ends with whole records."""

    offset: int
    length: int


class Directory(NamedTuple):
    """Where the directory lies, how many members it claims, and by how much all offsets are shifted."""

    span: Span
    members: int
    shift: int


def find_directory(file: BinaryIO) -> Directory:
    """Find the directory of an open ZIP; raises NotAPaquete."""
    size = file.seek(0, 2)
    tail_at = max(0, size - _END.size - _MAX_COMMENT)
    file.seek(tail_at)
    tail = file.read(size - tail_at)
    at = tail.rfind(_END_SIGNATURE)
    if at < 0 or len(tail) - at < _END.size:
        raise NotAPaquete(problem="no termina como un ZIP")
    _, disk, first_disk, _, members, length, offset, _ = _END.unpack_from(tail, at)
    end_at = tail_at + at
    if disk or first_disk:
        raise NotAPaquete(problem="está partido en volúmenes")
    locator_at = at - _END64_LOCATOR.size
    if locator_at >= 0 and tail[locator_at:].startswith(_LOCATOR_SIGNATURE):
        end_at, members, length, offset = _find_end64(file, end_at)
    start = end_at - length
    shift = start - offset
    if start < 0 or shift < 0:
        raise NotAPaquete(problem="su directorio no cuadra")
    return Directory(Span(start, length), members, shift)


def _find_end64(file: BinaryIO, end_at: int) -> tuple[int, int, int, int]:
    at = end_at - _END64_LOCATOR.size - _END64.size
    if at < 0:
        raise NotAPaquete(problem="su directorio no cuadra")
    file.seek(at)
    signature, _, _, _, _, _, _, members, length, offset = _END64.unpack(file.read(_END64.size))
    if signature != _END64_SIGNATURE:
        raise NotAPaquete(problem="su directorio ZIP64 no cuadra")
    return at, members, length, offset


def walk_entries(file: BinaryIO, span: Span, shift: int) -> Iterator[tuple[Entry, int]]:
    """Walk the records of a stretch of the directory, each with the place where it ends."""
    rest = b""
    at = read_at = span.offset
    stop = span.offset + span.length
    while at < stop:
        file.seek(read_at)
        block = file.read(min(_BLOCK_BYTES, stop - read_at))
        if not block:
            raise NotAPaquete(problem="su directorio está cortado")
        read_at += len(block)
        data = rest + block
        used = 0
        for entry, used in _records(data, shift):
            yield entry, at + used
        at += used
        rest = data[used:]
        if read_at >= stop and rest:
            raise NotAPaquete(problem="su directorio está cortado")


def _records(data: bytes, shift: int) -> Iterator[tuple[Entry, int]]:
    """Read the whole records at the start of some bytes, each with the place where it ends."""
    at = 0
    size = len(data)
    while size - at >= _RECORD.size:
        record = _RECORD.unpack_from(data, at)
        signature, flags, method, crc, compressed, inflated, name_length, extra_length, comment_length, offset = record
        if signature != _RECORD_SIGNATURE:
            raise NotAPaquete(problem="su directorio no cuadra")
        name_at = at + _RECORD.size
        extra_at = name_at + name_length
        at = extra_at + extra_length + comment_length
        if at > size:
            return
        if _SATURATED in (compressed, inflated, offset):
            extra = data[extra_at : extra_at + extra_length]
            inflated, compressed, offset = _zip64(extra, inflated, compressed, offset)
        name = _decode(data[name_at:extra_at], flags)
        yield Entry(name, offset + shift, compressed, inflated, crc, method, flags), at


def _zip64(extra: bytes, inflated: int, compressed: int, offset: int) -> tuple[int, int, int]:
    """Take the 64-bit sizes from the extra field, for those that are saturated, in their fixed order."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == _ZIP64_EXTRA:
            values = iter(struct.unpack_from(f"<{min(length, len(extra) - at - 4) // 8}Q", extra, at + 4))
            wide = [next(values, None) if each == _SATURATED else each for each in (inflated, compressed, offset)]
            if None in wide:
                break
            return wide[0] or 0, wide[1] or 0, wide[2] or 0
        at += 4 + length
    raise NotAPaquete(problem="su directorio ZIP64 no cuadra")


def _decode(name: bytes, flags: int) -> str:
    encoding = "utf-8" if flags & _UTF8_FLAG or name.isascii() else "cp437"
    if len(name) > _NAME_START + _NAME_END:
        name = name[:_NAME_START] + b"~" + name[-_NAME_END:]
    return name.decode(encoding, "replace")
