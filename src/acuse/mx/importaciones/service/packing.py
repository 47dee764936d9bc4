"""Puts loose documents and rows into ZIPs of bounded size, the same ZIPs from the same documents in the same order."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from acuse.mx.cfdi.metadata import HEADER, TERCERO_HEADER
from acuse.mx.cfdi.paquete import DEFLATED
from acuse.mx.cfdi.zip_records import Written, directory_record, end_records, local_header

PACK_DOCUMENTS: Final = 5_000
PACK_ROWS: Final = 200_000
OPEN_BYTES: Final = 32_000_000
# Members have no moment of their own, so that equal content makes an equal ZIP.
_NO_MOMENT: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - a ZIP's dates have no zone


@dataclass
class Pack:
    """A ZIP under way: the documents of one year."""

    year: int
    documents: int = 0
    _body: bytearray = field(default_factory=bytearray)
    _directory: bytearray = field(default_factory=bytearray)

    @property
    def size_bytes(self) -> int:
        """Answer how much memory it takes."""
        return len(self._body) + len(self._directory)

    def add(self, name: str, content: bytes) -> None:
        """Put a document in, byte for byte."""
        deflater = _deflater()
        data = deflater.compress(content) + deflater.flush()
        self.add_deflated(Written(name, zlib.crc32(content), len(data), len(content), DEFLATED), data)

    def add_deflated(self, member: Written, data: bytes) -> None:
        """Put in a member that was deflated already."""
        self._directory += directory_record(member, len(self._body), _NO_MOMENT)
        self._body += local_header(member, _NO_MOMENT)
        self._body += data
        self.documents += 1

    def close(self) -> bytes:
        """Answer the ZIP."""
        end = end_records(self.documents, len(self._directory), len(self._body))
        return bytes(self._body + self._directory + end)


class Packs:
    """The ZIPs under way, one a year; together they stay below a bound."""

    def __init__(self, *, documents: int = PACK_DOCUMENTS, open_bytes: int = OPEN_BYTES) -> None:
        self._documents = documents
        self._open_bytes = open_bytes
        self._open: dict[int, Pack] = {}

    def add(self, year: int, uuid: str, content: bytes) -> Pack | None:
        """Put a document in; answer a ZIP that is to be stored now, if one is."""
        pack = self._open.setdefault(year, Pack(year))
        pack.add(f"{uuid}.xml", content)
        if pack.documents >= self._documents:
            return self._open.pop(year)
        if sum(each.size_bytes for each in self._open.values()) > self._open_bytes:
            largest = max(self._open.values(), key=lambda each: each.size_bytes)
            return self._open.pop(largest.year)
        return None

    def rest(self) -> list[Pack]:
        """Answer those that were not full, oldest year first."""
        left = [self._open[year] for year in sorted(self._open)]
        self._open.clear()
        return left


@dataclass
class RowPack:
    """A package of metadata under way: one table, deflated as it comes."""

    tercero: bool
    rows: int = 0
    newest: datetime | None = None
    first: datetime | None = None
    _size: int = 0
    _crc: int = 0
    _data: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self._deflater = _deflater()
        self._write(f"{TERCERO_HEADER if self.tercero else HEADER}\r\n".encode())

    def add(self, data: bytes, rows: int, newest: datetime | None, first: datetime | None) -> bool:
        """Put rows in; answer whether it is full."""
        self._write(data)
        self.rows += rows
        self.newest = max(filter(None, (self.newest, newest)), default=None)
        self.first = min(filter(None, (self.first, first)), default=None)
        return self.rows >= PACK_ROWS

    def close(self) -> bytes:
        """Answer the ZIP."""
        data = bytes(self._data) + self._deflater.flush()
        name = "importado_tercero.txt" if self.tercero else "importado_01.txt"
        pack = Pack(0)
        pack.add_deflated(Written(name, self._crc, len(data), self._size, DEFLATED), data)
        return pack.close()

    def _write(self, data: bytes) -> None:
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._data += self._deflater.compress(data)


def _deflater() -> Any:
    return zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
