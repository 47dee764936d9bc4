"""Writes everything of one taxpayer: documents, metadata, the list of packages, and packages nothing was read of."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Final

from acuse.kernel.csv import CsvStyle, header
from acuse.kernel.files import Files, StoredKey
from acuse.mx.cfdi.zip_records import Written
from acuse.mx.exportaciones.model import Exportacion
from acuse.mx.exportaciones.service.documents import ZipWriter
from acuse.mx.exportaciones.service.writing import Closing, csv_lines
from acuse.mx.exportaciones.store import PackageLine

_STORED: Final = 0
_NAMES: Final = ("paquete", "bytes", "clase", "sentido", "leidos", "nuevos", "repetidos", "rechazados", "leido_el")


class EverythingWriter(ZipWriter):
    """The ZIP after which a taxpayer may be removed."""

    def __init__(self, export: Exportacion, files: Files, packages: Sequence[PackageLine]) -> None:
        super().__init__(export, files)
        self._folder = f"clientes/{export.rfcs[0]}/"
        self._packages = {each.key: each for each in packages}

    async def _others(self, closing: Closing) -> AsyncIterator[bytes]:
        stored = await self._files.list(self._folder)
        yield closing.add("paquetes.csv", self._listing(stored))
        for item in stored:
            name = item.key.removeprefix(self._folder)
            if "/solicitudes/" in f"/{name}":
                yield closing.add(f"solicitudes/{name.replace('solicitudes/', '')}", await self._files.get(item.key))
            elif _is_package(name) and item.key not in self._packages:
                async for data in self._whole(closing, item.key, f"paquetes-sin-leer/{name.rpartition('/')[2]}"):
                    yield data

    async def _whole(self, closing: Closing, key: str, name: str) -> AsyncIterator[bytes]:
        """Answer a stored file as a member: read twice, since its sum stands before its bytes."""
        crc = size = 0
        async for piece in self._files.stream(key):
            crc = zlib.crc32(piece, crc)
            size += len(piece)
        yield closing.count(Written(name, crc, size, size, _STORED))
        async for piece in self._files.stream(key):
            yield piece

    def _listing(self, stored: Sequence[StoredKey]) -> bytes:
        sizes = {item.key: item.size_bytes for item in stored if _is_package(item.key.removeprefix(self._folder))}
        rows: list[tuple[object, ...]] = []
        for key in sorted({*sizes, *self._packages}):
            told = self._packages.get(key)
            shown = key.removeprefix(self._folder)
            if told is None:
                rows.append((shown, sizes[key], "", "", "", "", "", "", ""))
                continue
            counts = (told.read, told.new, told.duplicate, told.refused)
            rows.append((shown, sizes.get(key), told.kind, told.direction, *counts, told.indexed_at.isoformat()))
        return header(_NAMES, CsvStyle()) + csv_lines(rows)


def _is_package(name: str) -> bool:
    return "/paquetes/" in f"/{name}" and name.endswith(".zip")
