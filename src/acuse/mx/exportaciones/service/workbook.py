"""Writes a workbook (XLSX) a stretch of rows at a time: sheets as flows of one ZIP, bounded memory, any number of rows.

Text stands in the cells themselves, so that nothing is a formula and no table of texts has to be kept.
Source: ECMA-376 (5th edition) part 1, sections 18.2, 18.3 and 18.8; part 2 (packages).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from acuse.mx.contribuyentes.model import MEXICO_CITY
from acuse.mx.exportaciones.model import Exportacion, Part, Progress
from acuse.mx.exportaciones.service.writing import Closing
from acuse.mx.exportaciones.store import COLUMNS, Kind, Line

ROWS_PER_SHEET: Final = 1_000_000
_FIXED, _END = 10, 1_000_000
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - the calendar of a workbook has no zone
_DAY_S: Final = 86_400
_STYLES: Final = {Kind.MOMENT: 1, Kind.AMOUNT: 2}
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SHEETML: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_CAPTIONS: Final = ("RFC", *(column.caption for column in COLUMNS))
_WIDTHS: Final = (15, *(column.width for column in COLUMNS))
_KINDS: Final = (Kind.CODE, *(column.kind for column in COLUMNS))


def _letters(place: int) -> str:
    """Answer the name of a column, counted from 0."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


_COLUMNS: Final = tuple((_letters(place), _STYLES.get(kind, 0)) for place, kind in enumerate(_KINDS))


class WorkbookWriter:
    """Full sheets are followed by another."""

    as_text = False

    def __init__(self, rows_per_sheet: int = ROWS_PER_SHEET) -> None:
        self._rows_per_sheet = rows_per_sheet

    async def stretch(self, lines: Sequence[Line], progress: Progress) -> AsyncIterator[Part]:
        """Write rows into the present sheet; a full one is followed by the next."""
        start = 0
        while start < len(lines):
            number = progress.rows // self._rows_per_sheet + 1
            room = number * self._rows_per_sheet - progress.rows
            some = lines[start : start + room]
            yield Part(_rank(number) + 1, await asyncio.to_thread(self._write, number, some, progress))
            progress.rows += len(some)
            start += len(some)

    async def finish(self, export: Exportacion, progress: Progress) -> AsyncIterator[Part]:
        """End the sheets and write what binds them into a workbook."""
        progress.flow(_sheet(1))
        closing = Closing(export.created_at.astimezone(MEXICO_CITY), 0)
        sheets = len(progress.flows)
        for name, text in _fixed(sheets):
            yield Part(_FIXED, closing.add(name, (_DECLARATION + text).encode()))
        for number in range(1, sheets + 1):
            flow = progress.flow(_sheet(number))
            opening = b"" if flow.rows else _opening()
            tail = flow.take(opening + _tail(max(flow.rows, 1)), last=True)
            yield Part(_rank(number), closing.add_flow(_sheet(number), flow))
            yield Part(_rank(number) + 1, tail)
        yield Part(_END, closing.end())

    def _write(self, number: int, lines: Sequence[Line], progress: Progress) -> bytes:
        flow = progress.flow(_sheet(number))
        opening = b"" if flow.rows else _opening()
        first = max(flow.rows, 1) + 1
        flow.rows = first + len(lines) - 1
        return flow.take(opening + "".join(_row(at, line.cells) for at, line in enumerate(lines, first)).encode())


def _rank(number: int) -> int:
    return 100 + 10 * number


def _sheet(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _row(at: int, values: Sequence[Any]) -> str:
    cells = [
        _cell(f"{letters}{at}", style, value)
        for (letters, style), value in zip(_COLUMNS, values, strict=True)
        if value is not None and value != ""
    ]
    return f'<row r="{at}">{"".join(cells)}</row>'


def _cell(at: str, style: int, value: Any) -> str:
    if isinstance(value, Decimal):
        return f'<c r="{at}" s="{style}"><v>{value:f}</v></c>'
    if isinstance(value, datetime):
        passed = value - _DAY_ZERO
        return f'<c r="{at}" s="{style}"><v>{passed.days + passed.seconds / _DAY_S:.8f}</v></c>'
    text = escape(_NO_XML.sub("", str(value)))
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _opening() -> bytes:
    """Answer how a sheet begins: a header that stays in view."""
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>' for at, width in enumerate(_WIDTHS, 1)
    )
    heads = "".join(
        f'<c r="{letters}1" s="3" t="inlineStr"><is><t>{escape(caption)}</t></is></c>'
        for (letters, _), caption in zip(_COLUMNS, _CAPTIONS, strict=True)
    )
    view = (
        '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        "</sheetView>"
    )
    text = (
        f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews>{view}</sheetViews>'
        f'<cols>{widths}</cols><sheetData><row r="1">{heads}</row>'
    )
    return text.encode()


def _tail(last_row: int) -> bytes:
    return f'</sheetData><autoFilter ref="A1:{_COLUMNS[-1][0]}{last_row}"/></worksheet>'.encode()


def _fixed(sheets: int) -> list[tuple[str, str]]:
    """Answer the members of a workbook that do not depend on its rows."""
    parts = "".join(
        f'<Override PartName="/{_sheet(number)}" ContentType="{_SHEETML}.worksheet+xml"/>'
        for number in range(1, sheets + 1)
    )
    content_types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEETML}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEETML}.styles+xml"/>{parts}</Types>'
    )
    listed = "".join(
        f'<sheet name={quoteattr("CFDI" if number == 1 else f"CFDI {number}")} sheetId="{number}" r:id="r{number}"/>'
        for number in range(1, sheets + 1)
    )
    related = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, sheets + 1)
    )
    return [
        ("[Content_Types].xml", content_types),
        (
            "_rels/.rels",
            (
                f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
                f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ),
        ),
        ("xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>'),
        (
            "xl/_rels/workbook.xml.rels",
            (
                f'<Relationships xmlns="{_PACKAGE}/relationships">{related}'
                f'<Relationship Id="r0" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
            ),
        ),
        ("xl/styles.xml", _styles()),
    ]


def _styles() -> str:
    """Answer four formats: plain, date with time, amount, header."""
    formats = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
        f' applyFont="1"/>'
        for number, font in ((0, 0), (164, 0), (4, 0), (0, 1))
    )
    fonts = "".join(f'<font>{bold}<sz val="11"/><name val="Calibri"/><family val="2"/></font>' for bold in ("", "<b/>"))
    fills = "".join(f'<fill><patternFill patternType="{kind}"/></fill>' for kind in ("none", "gray125"))
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
        '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
        f'<fonts count="2">{fonts}</fonts><fills count="2">{fills}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="4">{formats}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )
