"""What lies in a batch: certificates, keys and the list of passwords, from a folder or a ZIP. Nothing is written."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from acuse.kernel.commands import FileUnreadable
from acuse.kernel.zips import ZIP_FAULTS
from acuse.mx.contribuyentes.errors import (
    BatchTooLarge,
    BatchUnreadable,
    PasswordListMissing,
    PasswordListUnreadable,
)

MOST_FILES: Final = 2000
LARGEST_BYTES: Final = 256_000
MOST_BYTES: Final = 32_000_000
_CERTIFICATES: Final = frozenset({".cer", ".crt"})
_KEYS: Final = frozenset({".key", ".pem", ".pfx", ".p12"})
_LISTS: Final = frozenset({".csv", ".txt"})
_HEADS: Final = {
    "who": frozenset({"rfc", "cer", "archivo", "certificado"}),
    "key": frozenset({"key", "llave"}),
    "password": frozenset({"password", "contraseña", "contrasena", "clave", "contraseña de la llave"}),
}


@dataclass(frozen=True)
class BatchFile:
    """One file of a batch, by its path inside."""

    path: PurePosixPath
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Line:
    """One line of the list: whose password it is (an RFC or a file's name), and perhaps which key it opens."""

    number: int
    who: str
    password: str = field(repr=False)
    key: str = ""


@dataclass(frozen=True)
class Batch:
    """The certificates, the keys and the lines of the list."""

    certificates: Sequence[BatchFile]
    keys: Sequence[BatchFile]
    lines: Sequence[Line]


def batch_of(files: Iterable[BatchFile]) -> Batch:
    """Sort the files of a batch by what they are. Raises PasswordListMissing, PasswordListUnreadable."""
    found = [file for file in files if not _is_litter(file.path)]
    lists = [file for file in found if file.path.suffix.lower() in _LISTS]
    if len(lists) != 1:
        raise PasswordListMissing(found=len(lists))
    return Batch(
        certificates=[file for file in found if file.path.suffix.lower() in _CERTIFICATES],
        keys=[file for file in found if file.path.suffix.lower() in _KEYS],
        lines=read_lines(lists[0].content),
    )


def files_of(name: str, content: bytes) -> Sequence[BatchFile]:
    """Answer the files a person handed in: those inside when it is a ZIP, else the file itself."""
    if not zipfile.is_zipfile(io.BytesIO(content)) and not name.lower().endswith(".zip"):
        return [BatchFile(PurePosixPath(PurePosixPath(name).name), content)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and _is_known(entry.filename)]
            if len(entries) > MOST_FILES:
                raise BatchTooLarge(most=MOST_FILES)
            return _bounded(BatchFile(PurePosixPath(entry.filename), _inflate(archive, entry)) for entry in entries)
    except (*ZIP_FAULTS, OSError) as error:
        raise BatchUnreadable(file=name) from error


def files_in(place: Path) -> Sequence[BatchFile]:
    """Answer the files of a folder, with its folders inside, or those of a ZIP. Raises FileUnreadable."""
    try:
        if place.is_file():
            return files_of(place.name, place.read_bytes())
        paths = sorted(path for path in place.rglob("*") if path.is_file() and _is_known(path.name))
        if not place.is_dir():
            raise FileUnreadable(path=str(place))
        if len(paths) > MOST_FILES:
            raise BatchTooLarge(most=MOST_FILES)
        return _bounded(BatchFile(PurePosixPath(path.relative_to(place).as_posix()), _read(path)) for path in paths)
    except OSError as error:
        raise FileUnreadable(path=str(place)) from error


def read_lines(content: bytes) -> Sequence[Line]:
    """Read the list: separated by commas, semicolons or tabs; with a header, or RFC and password in this order.

    A password is kept as it stands, spaces included. Raises PasswordListUnreadable.
    """
    text = _text(content)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if any(map(str.strip, row))]
    if not rows:
        raise PasswordListUnreadable
    places = _places(rows[0])
    first = 1 if places else 0
    places = places or {"who": 0, "password": 1}
    lines = []
    for number, row in enumerate(rows[first:], start=first + 1):
        cells = {name: row[place] if place < len(row) else "" for name, place in places.items()}
        lines.append(Line(number, cells["who"].strip(), cells["password"], cells.get("key", "").strip()))
    if "who" not in places or "password" not in places or not lines:
        raise PasswordListUnreadable
    return lines


def _places(heads: Sequence[str]) -> dict[str, int]:
    """Answer which column holds what; nothing when the first row is no header."""
    named = [head.strip().lower() for head in heads]
    found: dict[str, int] = {}
    for name, words in _HEADS.items():
        place = next((place for place, head in enumerate(named) if head in words), None)
        if place is not None:
            found[name] = place
    return found if {"who", "password"} <= found.keys() else {}


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _bounded(files: Iterable[BatchFile]) -> Sequence[BatchFile]:
    """Take files until they weigh more than a batch may: they all lie in memory."""
    taken, held = [], 0
    for file in files:
        held += len(file.content)
        if held > MOST_BYTES:
            raise BatchTooLarge(most=MOST_FILES)
        taken.append(file)
    return taken


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read one entry, never more than any of these files may weigh, whatever its header says."""
    with archive.open(entry) as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise BatchTooLarge(most=MOST_FILES)
    return content


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise BatchTooLarge(most=MOST_FILES)
    return content


def _is_known(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _CERTIFICATES | _KEYS | _LISTS


def _is_litter(path: PurePosixPath) -> bool:
    """Tell what systems leave in archives beside the files themselves."""
    return "__MACOSX" in path.parts or path.name.startswith(".")
