"""Opens what was uploaded: single files as they are, ZIPs into their files, with bounds."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from acuse.ar.crs.errors import ArchiveUnreadable
from acuse.kernel.zips import ZIP_FAULTS

FILE_MAX_BYTES: Final = 64 * 1024
FILES_MAX: Final = 2000
UPLOAD_LIMIT_BYTES: Final = 20_000_000
_MARK: Final = b"PK\x03\x04"
_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".der", ".p7b", ".p12", ".pfx", ".key", ".txt"})


@dataclass(frozen=True)
class Piece:
    """One uploaded file."""

    name: str
    content: bytes = field(repr=False)


def unpack(piece: Piece) -> Sequence[Piece]:
    """Answer the files of a ZIP, or the piece itself; raises ArchiveUnreadable.

    Folders, hidden files and files of other kinds in a ZIP are passed over.
    """
    if not piece.content.startswith(_MARK):
        return [piece] if piece.content else []
    try:
        with zipfile.ZipFile(io.BytesIO(piece.content)) as archive:
            wanted = [entry for entry in archive.infolist() if _is_wanted(entry.filename)]
            if len(wanted) > FILES_MAX:
                raise ArchiveUnreadable(problem=f"trae más de {FILES_MAX} archivos")
            return [Piece(PurePosixPath(entry.filename).name, _read(archive, entry)) for entry in wanted]
    except ZIP_FAULTS as error:
        raise ArchiveUnreadable(problem="está dañado o lleva contraseña") from error


def _is_wanted(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not hidden and path.suffix.lower() in _SUFFIXES


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        content = file.read(FILE_MAX_BYTES + 1)
    if len(content) > FILE_MAX_BYTES:
        raise ArchiveUnreadable(problem=f"{PurePosixPath(entry.filename).name} pesa demasiado para un certificado")
    return content
