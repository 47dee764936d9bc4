"""What every way of writing an export has: stretches in, parts out, an end."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from acuse.kernel.csv import CsvStyle, header
from acuse.mx.cfdi.paquete import DEFLATED
from acuse.mx.cfdi.zip_records import Written, directory_record, end_records, local_header
from acuse.mx.exportaciones.model import Exportacion, Flow, Part, Progress
from acuse.mx.exportaciones.store import COLUMNS, Line

NAMES: Final = ("rfc", *(column.name for column in COLUMNS))


class Writer(Protocol):
    """Makes the bytes of one export. What it must remember stands in the progress, never in itself."""

    as_text: bool
    """Whether it wants the cells as text of a CSV."""

    def stretch(self, lines: Sequence[Line], progress: Progress) -> AsyncIterator[Part]:
        """Answer the parts of some rows and count them in the progress."""
        ...

    def finish(self, export: Exportacion, progress: Progress) -> AsyncIterator[Part]:
        """Answer the parts that end the file."""
        ...


class CsvWriter:
    """One CSV as Excel likes it."""

    as_text = True

    async def stretch(self, lines: Sequence[Line], progress: Progress) -> AsyncIterator[Part]:
        """Write the rows."""
        start = header(NAMES, CsvStyle()) if not progress.rows else b""
        progress.rows += len(lines)
        yield Part(0, start + csv_lines(line.cells for line in lines))

    async def finish(self, export: Exportacion, progress: Progress) -> AsyncIterator[Part]:
        """Nothing is left to write."""
        del export
        if not progress.rows:
            yield Part(0, header(NAMES, CsvStyle()))


@dataclass
class Closing:
    """The last members of a ZIP and its directory, when all sizes are known.

    `offset` is where the next member will begin; `listed` counts the bytes of directory lines written before.
    """

    moment: datetime
    offset: int
    members: int = 0
    listed: int = 0
    lines: list[bytes] = field(default_factory=list)

    def add_flow(self, name: str, flow: Flow) -> bytes:
        """Count a member whose bytes were written as a flow, and answer its local header."""
        return self.count(Written(name, flow.crc, flow.compressed, flow.size, DEFLATED))

    def add(self, name: str, content: bytes) -> bytes:
        """Answer a whole small member."""
        flow = Flow()
        data = flow.take(content, last=True)
        return self.add_flow(name, flow) + data

    def end(self) -> bytes:
        """Answer the lines of these members and the end of the ZIP."""
        lines = b"".join(self.lines)
        return lines + end_records(self.members, self.listed + len(lines), self.offset)

    def count(self, member: Written) -> bytes:
        """Count a member and answer its local header."""
        head = local_header(member, self.moment)
        self.lines.append(directory_record(member, self.offset, self.moment))
        self.offset += len(head) + member.compressed
        self.members += 1
        return head


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Answer rows of text as lines of a CSV (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
