"""Files piece by piece: handed out under a name that every browser keeps, and taken in."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

from fastapi import UploadFile
from fastapi.responses import StreamingResponse

_PIECE: Final = 1 << 20


def file_answer(pieces: AsyncIterator[bytes], name: str, media_type: str, size_bytes: int) -> StreamingResponse:
    """Answer a file to save; its name may hold Ñ and &."""
    headers = {
        "Content-Disposition": disposition(name),
        "Content-Length": str(size_bytes),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(pieces, media_type=media_type, headers=headers)


def disposition(name: str) -> str:
    """Answer the header that names a file to save: in ASCII for old programs, as it is for the others (RFC 6266)."""
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if letter in '"\\;' else letter for letter in plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def pieces_of(upload: UploadFile) -> AsyncIterator[bytes]:
    """Answer an uploaded file a megabyte at a time."""
    while piece := await upload.read(_PIECE):
        yield piece


async def no_pieces() -> AsyncIterator[bytes]:
    """Answer a file that nobody chose."""
    for piece in (b"",):
        yield piece
