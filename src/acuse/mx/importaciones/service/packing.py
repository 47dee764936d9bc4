"""Puts loose documents and rows into ZIPs of bounded size, the same ZIPs from the same documents in the same order."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from acuse.mx.cfdi.metadata import HEADER, TERCERO_HEADER

PACK_DOCUMENTS: Final = 5_000
PACK_ROWS: Final = 200_000
OPEN_BYTES: Final = 32_000_000
_DAY: Final = (1980, 1, 1, 0, 0, 0)


@dataclass
class Pack:
    """A ZIP under way: the documents of one year."""

    year: int
    uuids: list[str] = field(default_factory=list)
    _out: io.BytesIO = field(default_factory=io.BytesIO)
    _zip: zipfile.ZipFile | None = None

    @property
    def size_bytes(self) -> int:
        """Answer how much memory it takes."""
        return self._out.tell()

    def add(self, uuid: str, content: bytes) -> None:
        """Put a document in, byte for byte."""
        if self._zip is None:
            self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        self._zip.writestr(_info(f"{uuid}.xml"), content)
        self.uuids.append(uuid)

    def close(self) -> bytes:
        """Answer the ZIP."""
        if self._zip is not None:
            self._zip.close()
        return self._out.getvalue()


class Packs:
    """The ZIPs under way, one a year; together they stay below a bound."""

    def __init__(self, *, documents: int = PACK_DOCUMENTS, open_bytes: int = OPEN_BYTES) -> None:
        self._documents = documents
        self._open_bytes = open_bytes
        self._open: dict[int, Pack] = {}

    def add(self, year: int, uuid: str, content: bytes) -> Pack | None:
        """Put a document in; answer a ZIP that is to be stored now, if one is."""
        pack = self._open.setdefault(year, Pack(year))
        pack.add(uuid, content)
        if len(pack.uuids) >= self._documents:
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
    """A package of metadata under way."""

    tercero: bool
    rows: int = 0
    newest: datetime | None = None
    first: datetime | None = None
    _out: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)
        name = "importado_tercero.txt" if self.tercero else "importado_01.txt"
        self._table = self._zip.open(_info(name), "w", force_zip64=True)
        self._table.write(f"{TERCERO_HEADER if self.tercero else HEADER}\r\n".encode())

    def add(self, data: bytes, rows: int, newest: datetime | None, first: datetime | None) -> bool:
        """Put rows in; answer whether it is full."""
        self._table.write(data)
        self.rows += rows
        self.newest = max(filter(None, (self.newest, newest)), default=None)
        self.first = min(filter(None, (self.first, first)), default=None)
        return self.rows >= PACK_ROWS

    def close(self) -> bytes:
        """Answer the ZIP."""
        self._table.close()
        self._zip.close()
        return self._out.getvalue()


def _info(name: str) -> zipfile.ZipInfo:
    """A member without a moment of its own, so that equal content makes an equal ZIP."""
    info = zipfile.ZipInfo(name, _DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o100644 << 16
    return info
