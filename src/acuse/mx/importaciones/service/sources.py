"""Finds documents and metadata in a folder or a ZIP of anybody: XMLs, packages, tables, ZIPs within a ZIP.

Nothing is ever written under a name found there; links and devices are not followed; every size has a bound.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from acuse.mx.cfdi.errors import MemberUnreadable, PaqueteError
from acuse.mx.cfdi.paquete import Kind, Limits, Paquete, kind_of
from acuse.mx.cfdi.zip_directory import Entry
from acuse.mx.importaciones.errors import ImportPathMissing

_PIECE: Final = 1 << 18
_NESTED_BYTES: Final = 4 * 1024 * 1024 * 1024
_COMPANIONS: Final = {"leeme.txt", "id_solicitud.txt", "paquetes.txt"}
"""Texts our own exports lay beside the documents: no metadata, and no damage either."""
LIMITS: Final = Limits(total_bytes=16 * 1024 * 1024 * 1024)


class Document(NamedTuple):
    """Something that may be a CFDI, whole."""

    name: str
    content: bytes


class Table(NamedTuple):
    """Something that may be metadata, to be read before the next is asked for."""

    name: str
    pieces: Iterator[bytes]


class Trouble(NamedTuple):
    """Something that cannot be read."""

    name: str
    code: str
    text: str


class Skipped(NamedTuple):
    """A file of another kind."""

    name: str


class Entered(NamedTuple):
    """One more file of the outermost level was come to; for the progress."""


Found = Document | Table | Trouble | Skipped | Entered


@dataclass(frozen=True)
class Source:
    """Where an archive lies: a folder, or one file. `name` stands for the file in the report."""

    path: Path
    name: str = ""

    def count(self) -> int:
        """Answer how many files there are, those in ZIPs counted one by one where their directory can be read."""
        return sum(_members(path) if path.suffix.lower() == ".zip" else 1 for path, _ in self._files())

    def walk(self, limits: Limits = LIMITS) -> Iterator[Found]:
        """Answer all that lies there, always in the same order."""
        for path, name in self._files():
            suffix = path.suffix.lower()
            if suffix == ".zip":
                yield from _zip_of(path, name, limits)
                continue
            yield Entered()
            try:
                yield from _loose(path, name, suffix, limits)
            except OSError:
                yield Trouble(name, "FILE_UNREADABLE", "El sistema no dejó leer el archivo.")

    def _files(self) -> Iterator[tuple[Path, str]]:
        if not self.path.is_dir():
            if not self.path.is_file():
                raise ImportPathMissing(path=str(self.path))
            yield self.path, self.name or self.path.name
            return
        for folder, folders, names in os.walk(self.path):
            folders.sort()
            for name in sorted(names, key=_order):
                path = Path(folder, name)
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path, path.relative_to(self.path).as_posix()


def _order(name: str) -> tuple[bool, str]:
    """The second table of metadata adds to what the first brought."""
    return "tercero" in name.lower(), name


def _loose(path: Path, name: str, suffix: str, limits: Limits) -> Iterator[Found]:
    if suffix == ".xml":
        if path.stat().st_size > limits.document_bytes:
            yield Trouble(name, MemberUnreadable.code, "Es demasiado grande para ser un CFDI.")
        else:
            yield Document(name, path.read_bytes())
    elif suffix == ".txt" and path.name.lower() not in _COMPANIONS:
        with path.open("rb") as file:
            yield Table(name, iter(lambda: file.read(_PIECE), b""))
    else:
        yield Skipped(name)


def _members(path: Path) -> int:
    try:
        with Paquete.open(path, LIMITS) as paquete:
            return sum(1 for _ in paquete.entries())
    except (PaqueteError, OSError):
        return 1


def _zip_of(path: Path, name: str, limits: Limits) -> Iterator[Found]:
    try:
        with Paquete.open(path, limits) as paquete:
            yield from _in_zip(paquete, name, limits, outermost=True)
    except (PaqueteError, OSError) as fault:
        code, text = (fault.code, fault.text) if isinstance(fault, PaqueteError) else ("FILE_UNREADABLE", str(fault))
        yield Trouble(name, code, text)


def _in_zip(paquete: Paquete, name: str, limits: Limits, *, outermost: bool) -> Iterator[Found]:
    later: list[Entry] = []
    for entry in paquete.entries():
        if outermost:
            yield Entered()
        inside = f"{name}/{entry.name}"
        if entry.name.lower().endswith(".zip") and entry.size_bytes and "__MACOSX" not in entry.name:
            yield from _nested(paquete, entry, inside, limits, outermost=outermost)
        elif (kind := _kind_of(entry)) is Kind.TABLE and _order(entry.name)[0]:
            later.append(entry)
        elif kind is Kind.TABLE:
            yield Table(inside, paquete.stream(entry))
        elif kind is Kind.XML:
            try:
                yield Document(inside, paquete.read(entry).content)
            except MemberUnreadable as fault:
                yield Trouble(inside, fault.code, fault.text)
        elif not entry.name.endswith("/"):
            yield Skipped(inside)
    for entry in later:
        yield Table(f"{name}/{entry.name}", paquete.stream(entry))


def _kind_of(entry: Entry) -> Kind | None:
    return None if entry.name.rpartition("/")[2].lower() in _COMPANIONS else kind_of(entry)


def _nested(paquete: Paquete, entry: Entry, name: str, limits: Limits, *, outermost: bool) -> Iterator[Found]:
    """Open a ZIP within a ZIP through a file of its own; one level is enough for anybody's archive."""
    if not outermost:
        yield Trouble(name, MemberUnreadable.code, "Es un ZIP dentro de otro ZIP que ya estaba en un ZIP.")
        return
    if entry.size_bytes > _NESTED_BYTES:
        yield Trouble(name, MemberUnreadable.code, "El ZIP de adentro es demasiado grande.")
        return
    with tempfile.TemporaryFile(prefix="acuse-importar-") as copy:
        try:
            for piece in paquete.stream(entry):
                copy.write(piece)
            inner: BinaryIO = copy
            yield from _in_zip(Paquete(inner, limits), name, limits, outermost=False)
        except PaqueteError as fault:
            yield Trouble(name, fault.code, fault.text)
