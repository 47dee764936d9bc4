"""Opens a package of the SAT (a ZIP of XML or of metadata) safely and with bounded memory.

Members are inflated raw, each in one piece, under a bound and with its checksum; names are never used as paths.
Quirks kept: double extensions, junk of other systems, empty members, folders.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple, Self, cast

from isal import isal_zlib

from acuse.mx.cfdi.errors import MemberUnreadable, NotAPaquete, PaqueteTooLarge
from acuse.mx.cfdi.zip_directory import Directory, Entry, Span, find_directory, walk_entries

STORED: Final = 0
DEFLATED: Final = 8
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_LOCAL_SIGNATURE: Final = b"PK\3\4"
_ENCRYPTED: Final = 0x1
_EXTRA_GUESS: Final = 64
_STREAM_BYTES: Final = 1 << 18
_BUFFER_BYTES: Final = 1 << 17
_RAW: Final = -15
_Damaged: Final = cast("type[Exception]", isal_zlib.error)  # its stub calls the class an instance


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much a package may hold. The defaults are several times what the SAT puts into one."""

    members: int = 1_000_000
    document_bytes: int = 32 * 1024 * 1024
    table_bytes: int = 4 * 1024 * 1024 * 1024
    total_bytes: int = 32 * 1024 * 1024 * 1024


class Kind(Enum):
    """What a member may be, by its name; what it is, only its content tells."""

    XML = "xml"
    TABLE = "txt"
    JUNK = "junk"


class Member(NamedTuple):
    """An inflated member and where its compressed bytes lie in the package, for a later read by range."""

    name: str
    offset: int
    length: int
    method: int
    content: bytes


class RefusedMember(NamedTuple):
    """A member that cannot be read; the rest of the package can."""

    name: str
    fault: MemberUnreadable


def kind_of(entry: Entry) -> Kind:
    """Tell documents and tables from the junk that other systems leave in a ZIP."""
    name = entry.name
    if "/" in name or "\\" in name:
        folders, _, name = name.replace("\\", "/").rpartition("/")
        if "__MACOSX" in folders:
            return Kind.JUNK
    lower = name.lower()
    if not entry.size_bytes or lower.startswith("."):
        return Kind.JUNK
    if lower.endswith(".xml"):
        return Kind.XML
    return Kind.TABLE if lower.endswith(".txt") else Kind.JUNK


class Paquete:
    """An open package. Use it as a context manager."""

    def __init__(self, file: BinaryIO, limits: Limits | None = None) -> None:
        self._file = file
        self._limits = limits or Limits()
        self._directory: Directory = find_directory(file)
        if self._directory.members > self._limits.members:
            raise PaqueteTooLarge(problem=f"dice traer {self._directory.members} archivos")

    @classmethod
    def open(cls, path: Path, limits: Limits | None = None) -> Self:
        """Open a package on disk; raises NotAPaquete or PaqueteTooLarge."""
        file = path.open("rb", buffering=_BUFFER_BYTES)
        try:
            return cls(file, limits)
        except BaseException:
            file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def spans(self, kind: Kind, count: int) -> Iterator[Span]:
        """Cut the directory into stretches of at most `count` members of this kind, checking every bound on the way.

        The stretches can be given to other processes, which read them with `members`.
        """
        start = stop = at = self._directory.span.offset
        found = 0
        for entry, end in self._checked():
            if kind_of(entry) is kind:
                if not found:
                    start = at
                stop = end
                found += 1
                if found == count:
                    yield Span(start, stop - start)
                    found = 0
            at = end
        if found:
            yield Span(start, stop - start)

    def entries(self, span: Span | None = None) -> Iterator[Entry]:
        """Walk the directory or a stretch of it."""
        if span is None:
            for entry, _ in self._checked():
                yield entry
            return
        for entry, _ in walk_entries(self._file, span, self._directory.shift):
            yield entry

    def members(self, kind: Kind = Kind.XML, span: Span | None = None) -> Iterator[Member | RefusedMember]:
        """Walk the members of this kind, inflated one at a time; a damaged one is told and the walk goes on."""
        for entry in self.entries(span):
            if kind_of(entry) is not kind:
                continue
            try:
                yield self.read(entry)
            except MemberUnreadable as fault:
                yield RefusedMember(entry.name, fault)

    def read(self, entry: Entry) -> Member:
        """Inflate one member whole; raises MemberUnreadable."""
        if entry.size_bytes > self._limits.document_bytes:
            raise MemberUnreadable(problem="es demasiado grande para ser un CFDI")
        offset, data = self._raw(entry, entry.compressed_bytes)
        if len(data) != entry.compressed_bytes:
            raise MemberUnreadable(problem="está cortado")
        content = inflate(data, method=entry.method, size_bytes=entry.size_bytes)
        if isal_zlib.crc32(content) != entry.crc:
            raise MemberUnreadable(problem="su suma de control no cuadra")
        return Member(entry.name, offset, entry.compressed_bytes, entry.method, content)

    def stream(self, entry: Entry) -> Iterator[bytes]:
        """Inflate one large member piece by piece; raises MemberUnreadable, at the latest at its end."""
        if entry.size_bytes > self._limits.table_bytes:
            raise MemberUnreadable(problem="es demasiado grande")
        offset, _ = self._raw(entry, 0)
        crc = size = 0
        for piece in self._pieces(entry, offset):
            crc = isal_zlib.crc32(piece, crc)
            size += len(piece)
            if size > entry.size_bytes:
                raise MemberUnreadable(problem="es más grande de lo que declara")
            yield piece
        if size != entry.size_bytes or crc != entry.crc:
            raise MemberUnreadable(problem="su suma de control no cuadra")

    def _checked(self) -> Iterator[tuple[Entry, int]]:
        """Walk the directory, each member with the end of its record.

        Refuses counts and sums no package of the SAT has, and members that overlap.
        """
        compressed = inflated = 0
        walk = walk_entries(self._file, self._directory.span, self._directory.shift)
        for members, (entry, end) in enumerate(walk, 1):
            compressed += entry.compressed_bytes
            inflated += entry.size_bytes
            if members > self._limits.members:
                raise PaqueteTooLarge(problem="trae demasiados archivos")
            if inflated > self._limits.total_bytes:
                raise PaqueteTooLarge(problem="descomprimido pesa demasiado")
            if compressed > self._directory.span.offset:
                raise NotAPaquete(problem="sus archivos se enciman")
            yield entry, end

    def _raw(self, entry: Entry, wanted: int) -> tuple[int, bytes]:
        """Answer where the member's bytes begin, and as many of them as wanted."""
        if entry.flags & _ENCRYPTED:
            raise MemberUnreadable(problem="está cifrado")
        if entry.method not in {STORED, DEFLATED}:
            raise MemberUnreadable(problem="usa una compresión que el SAT no usa")
        self._file.seek(entry.header_offset)
        block = self._file.read(_LOCAL.size + len(entry.name) + _EXTRA_GUESS + wanted)
        if len(block) < _LOCAL.size or block[:4] != _LOCAL_SIGNATURE:
            raise MemberUnreadable(problem="no está donde el directorio dice")
        fields = _LOCAL.unpack_from(block)
        start = _LOCAL.size + fields[9] + fields[10]
        offset = entry.header_offset + start
        data = block[start : start + wanted]
        if len(data) < wanted:
            self._file.seek(offset)
            data = self._file.read(wanted)
        return offset, data

    def _pieces(self, entry: Entry, offset: int) -> Iterator[bytes]:
        inflater = isal_zlib.decompressobj(_RAW)
        left = entry.compressed_bytes
        while left:
            self._file.seek(offset)
            block = self._file.read(min(_STREAM_BYTES, left))
            if not block:
                raise MemberUnreadable(problem="está cortado")
            offset += len(block)
            left -= len(block)
            if entry.method == STORED:
                yield block
                continue
            try:
                while block:
                    yield inflater.decompress(block, _STREAM_BYTES * 4)
                    block = inflater.unconsumed_tail
            except _Damaged as error:
                raise MemberUnreadable(problem="está dañado") from error


def inflate(data: bytes, *, method: int, size_bytes: int) -> bytes:
    """Inflate the bytes of one member, as they lie in the package, to exactly this size.

    Raises MemberUnreadable when they give less, or more: never more than one byte above the bound is made.
    """
    if method == STORED:
        content = data
    else:
        inflater = isal_zlib.decompressobj(_RAW)
        try:
            content = inflater.decompress(data, size_bytes + 1)
        except _Damaged as error:
            raise MemberUnreadable(problem="está dañado") from error
        if not inflater.eof and len(content) == size_bytes:
            raise MemberUnreadable(problem="está cortado")
    if len(content) != size_bytes:
        raise MemberUnreadable(problem="no mide lo que declara")
    return content
