"""Writes a ZIP of XMLs: each copied as it lies in its package, checked on the way, beside a CSV of all rows."""

from __future__ import annotations

import asyncio
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

from acuse.kernel.csv import CsvStyle, header
from acuse.kernel.files import FileMissing, Files
from acuse.mx.cfdi.errors import MemberUnreadable
from acuse.mx.cfdi.paquete import inflate
from acuse.mx.cfdi.zip_records import Written, directory_record, local_header
from acuse.mx.contribuyentes.model import MEXICO_CITY
from acuse.mx.exportaciones.model import Exportacion, Part, Progress
from acuse.mx.exportaciones.service.readme import readme
from acuse.mx.exportaciones.service.writing import NAMES, Closing, csv_lines
from acuse.mx.exportaciones.store import Line

INDEX: Final = "cfdi.csv"
BATCH_BYTES: Final = 8_000_000
DOCUMENTS, INDEX_HEAD, INDEX_ROWS, OTHERS, DIRECTORY, END = 10, 20, 21, 30, 40, 50
_INDEX_NAMES: Final = (*NAMES, "archivo", "nota")
_WITHOUT: Final = "Sin XML: sólo se conocen sus metadatos."


class Copied(NamedTuple):
    """The bytes of a document as they lie in its package, or why there are none."""

    line: Line
    crc: int
    data: bytes
    fault: str = ""


class ZipWriter:
    """Entries are `AAAA-MM/E|R/UUID.xml`, below a folder for each RFC when there are several."""

    as_text = True

    def __init__(self, export: Exportacion, files: Files) -> None:
        self._files = files
        self._moment = export.created_at.astimezone(MEXICO_CITY)
        self._by_rfc = len(export.taxpayers) > 1

    async def stretch(self, lines: Sequence[Line], progress: Progress) -> AsyncIterator[Part]:
        """Copy the documents of some rows, some megabytes at a time."""
        notes = {line.uuid: _WITHOUT for line in lines if line.xml.paquete_key is None}
        progress.without_xml += len(notes)
        paths: dict[object, str] = {}
        for key, batch in _batches(lines):
            content, directory = bytearray(), bytearray()
            for copied in await self._read(key, batch):
                if copied.fault:
                    notes[copied.line.uuid] = copied.fault
                    progress.unreadable += 1
                    continue
                paths[copied.line.uuid] = path = self._path(copied.line)
                where = copied.line.xml
                member = Written(path, copied.crc, where.length, where.size_bytes, where.method)
                directory += directory_record(member, progress.document_bytes, self._moment)
                head = local_header(member, self._moment)
                content += head
                content += copied.data
                progress.document_bytes += len(head) + where.length
                progress.documents += 1
            progress.directory_bytes += len(directory)
            yield Part(DOCUMENTS, bytes(content))
            yield Part(DIRECTORY, bytes(directory))
        flow = progress.flow(INDEX)
        start = b"" if progress.rows else header(_INDEX_NAMES, CsvStyle())
        rows = [(*line.cells, paths.get(line.uuid, ""), notes.get(line.uuid, "")) for line in lines]
        progress.rows += len(lines)
        yield Part(INDEX_ROWS, await asyncio.to_thread(flow.take, start + csv_lines(rows)))

    async def finish(self, export: Exportacion, progress: Progress) -> AsyncIterator[Part]:
        """Write the CSV's end, what tells of the whole, and the directory."""
        closing = Closing(self._moment, progress.document_bytes, progress.documents, progress.directory_bytes)
        flow = progress.flow(INDEX)
        start = b"" if progress.rows else header(_INDEX_NAMES, CsvStyle())
        tail = flow.take(start, last=True)
        yield Part(INDEX_HEAD, closing.add_flow(INDEX, flow))
        yield Part(INDEX_ROWS, tail)
        async for data in self._others(closing):
            yield Part(OTHERS, data)
        yield Part(OTHERS, closing.add("LEEME.txt", readme(export, progress)))
        yield Part(END, closing.end())

    async def _others(self, closing: Closing) -> AsyncIterator[bytes]:
        """Answer further members; here there are none."""
        nothing: tuple[bytes, ...] = ()
        for data in nothing:
            yield closing.add("", data)

    def _path(self, line: Line) -> str:
        path = f"{line.fecha:%Y-%m}/{line.direction}/{str(line.uuid).upper()}.xml"
        return f"{line.cells[0]}/{path}" if self._by_rfc else path

    async def _read(self, key: str, lines: Sequence[Line]) -> list[Copied]:
        try:
            found = await self._files.get_ranges(key, [(line.xml.offset, line.xml.length) for line in lines])
        except FileMissing:
            return [Copied(line, 0, b"", "Su paquete ya no está en el almacenamiento.") for line in lines]
        return await asyncio.to_thread(lambda: [_checked(*each) for each in zip(lines, found, strict=True)])


def _checked(line: Line, data: bytes) -> Copied:
    """Inflate a document to be sure of it; its deflated bytes are what is handed on."""
    try:
        content = inflate(data, method=line.xml.method, size_bytes=line.xml.size_bytes)
    except MemberUnreadable as fault:
        return Copied(line, 0, b"", f"XML ilegible. {fault.text}")
    return Copied(line, zlib.crc32(content), data)


def _batches(lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Put together what lies in one package, in its order there, some megabytes at a time."""
    by_key: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.xml.paquete_key is not None:
            by_key[line.xml.paquete_key].append(line)
    return chain.from_iterable(
        _cut(key, sorted(some, key=lambda each: each.xml.offset)) for key, some in by_key.items()
    )


def _cut(key: str, lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    batch: list[Line] = []
    held = 0
    for line in lines:
        if batch and held + line.xml.length > BATCH_BYTES:
            yield key, batch
            batch, held = [], 0
        batch.append(line)
        held += line.xml.length
    yield key, batch
