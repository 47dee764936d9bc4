"""Sets a printed document on paper: letter size, the QR code of its verification, the same bytes every time.

Runs in the process pool. The letters are the PDF's own (Helvetica); what they lack is told on the page.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final
from xml.sax.saxutils import escape

import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from acuse.mx.cfdi.printed.letters import MISSING, fit
from acuse.mx.cfdi.printed.model import Fact, Kind, Printed, Section, Standing, Table
from acuse.mx.cfdi.printed.reading import MOST_ROWS, print_document

_INK, _FAINT, _LINE, _RED = HexColor(0x1A2B33), HexColor(0x5A6B73), HexColor(0xC9D3D7), HexColor(0xB3261E)
_MARGIN: Final = 15 * mm
_WIDTH: Final = letter[0] - 2 * _MARGIN - 12  # the paper's frame has 6 points on each side
_QR_SIDE: Final = 30 * mm
_CELL_LINES: Final = 66  # of the widest letter; a page holds some more
_WIDEST_LETTER: Final = 7.5
_PADDING: Final = 8
_PARTY_FACTS: Final = 12
_SEAL_LABELS: Final = frozenset({"Sello del emisor", "Sello del SAT"})

_BODY: Final = ParagraphStyle("body", fontName="Helvetica", fontSize=7.5, leading=9.5, textColor=_INK)
_AMOUNT: Final = ParagraphStyle("amount", _BODY, alignment=TA_RIGHT)
_CODE: Final = ParagraphStyle("code", _BODY, splitLongWords=True)
_HEAD: Final = ParagraphStyle("head", _BODY, fontName="Helvetica-Bold", textColor=_FAINT)
_HEAD_AMOUNT: Final = ParagraphStyle("head-amount", _HEAD, alignment=TA_RIGHT)
_TITLE: Final = ParagraphStyle("title", _BODY, fontName="Helvetica-Bold", fontSize=15, leading=18)
_SECTION: Final = ParagraphStyle("section", _BODY, fontName="Helvetica-Bold", fontSize=9, leading=12, spaceBefore=8)
_SEAL: Final = ParagraphStyle("seal", _BODY, fontName="Courier", fontSize=6, leading=7.2, wordWrap="CJK")
_TOTAL: Final = ParagraphStyle("total", _AMOUNT, fontName="Helvetica-Bold", fontSize=10, leading=13)
_CANCELLED: Final = ParagraphStyle("cancelled", _BODY, fontName="Helvetica-Bold", fontSize=10, textColor=_RED)


def pdf_of(xml: bytes, standing: Standing, most_rows: int = MOST_ROWS) -> bytes:
    """Answer the PDF of one document, no table longer than `most_rows`. Raises CfdiError as `print_document`."""
    return render(print_document(xml, most_rows), standing)


def render(printed: Printed, standing: Standing) -> bytes:
    """Answer a printed document as PDF."""
    out = io.BytesIO()
    writer = _Writer(printed, standing)
    story = list(writer.story())
    paper = SimpleDocTemplate(
        out,
        pagesize=letter,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=16 * mm,
        title=f"{printed.title} {printed.number}".strip(),
        subject=printed.uuid,
        author="Acuse",
        invariant=1,
    )
    frame = partial(_frame, printed=printed, standing=standing, changed=writer.changed)
    paper.build(story, onFirstPage=frame, onLaterPages=frame)
    return out.getvalue()


class _Qr(Flowable):
    """A QR code drawn as one path."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.width = self.height = _QR_SIDE
        self._matrix = segno.make(text, error="m", micro=False).matrix

    def wrap(self, *_: float) -> tuple[float, float]:
        """Answer the space it takes."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the dark modules, runs of a row together."""
        side = self.width / (len(self._matrix) + 8)  # four light modules around
        path = self.canv.beginPath()
        for row, modules in enumerate(self._matrix):
            bottom = self.height - (row + 5) * side
            start = None
            for column, dark in enumerate((*modules, 0)):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    path.rect((start + 4) * side, bottom, (column - start) * side, side)
                    start = None
        self.canv.setFillColorRGB(0, 0, 0)
        self.canv.drawPath(path, stroke=0, fill=1)


class _Writer:
    """Turns sections into what the paper flows; remembers whether a letter had to be changed."""

    def __init__(self, printed: Printed, standing: Standing) -> None:
        self._printed = printed
        self._standing = standing
        self.changed = False

    def story(self) -> Iterator[Flowable]:
        """Answer the document from its title to its seals."""
        printed = self._printed
        yield self._paragraph(f"{printed.title} {printed.number}".strip(), _TITLE)
        yield self._paragraph(f"{printed.version} · Folio fiscal {printed.uuid}", _HEAD)
        if self._standing.cancelled:
            yield Spacer(1, 4)
            yield self._paragraph(f"CFDI cancelado ante el SAT. {self._standing.words}.", _CANCELLED)
        yield Spacer(1, 6)
        parties = [Section(each.title, each.facts[:_PARTY_FACTS]) for each in printed.parties]
        yield self._side_by_side([self._facts(each, _WIDTH / 2 - 6) for each in parties])
        yield from self._section(printed.document)
        for section in printed.sections:
            yield from self._section(section)
        yield Spacer(1, 6)
        yield self._totals()
        yield from self._stamp()

    def _section(self, section: Section) -> Iterator[Flowable]:
        if section.facts:
            yield self._facts(section, _WIDTH, halves=True)
        else:
            yield self._paragraph(section.title, _SECTION)
        for table in section.tables:
            yield from self._table(table)

    def _facts(self, section: Section, width: float, *, halves: bool = False) -> Grid:
        """Lay facts out under their title, in two halves when there is room."""
        facts = list(section.facts)
        cut = (len(facts) + 1) // 2 if halves and len(facts) > 1 else len(facts)
        columns = [facts[:cut], facts[cut:]] if halves and len(facts) > 1 else [facts]
        share = width / len(columns)
        rows: list[list[object]] = [[self._paragraph(section.title, _SECTION), *[""] * (2 * len(columns) - 1)]]
        for place in range(cut):
            row: list[object] = []
            for column in columns:
                row += self._fact(column[place], share * 0.66) if place < len(column) else ["", ""]
            rows.append(row)
        widths = [part for _ in columns for part in (share * 0.34, share * 0.66)]
        grid = Grid(rows, colWidths=widths, spaceBefore=5)
        grid.setStyle([*_TIGHT, ("SPAN", (0, 0), (-1, 0)), ("LINEBELOW", (0, 0), (-1, 0), 0.5, _LINE)])
        return grid

    def _fact(self, fact: Fact, width: float) -> list[Flowable]:
        return [self._cell(fact.label, width / 2, _HEAD), self._cell(fact.text, width, _CODE)]

    def _table(self, table: Table) -> Iterator[Flowable]:
        if table.caption:
            yield self._paragraph(table.caption, ParagraphStyle("caption", _HEAD, spaceBefore=4, spaceAfter=2))
        share = _WIDTH / sum(column.weight for column in table.columns)
        right = [column.kind is Kind.AMOUNT for column in table.columns]
        head = [
            self._paragraph(column.label, _HEAD_AMOUNT if amount else _HEAD)
            for column, amount in zip(table.columns, right, strict=True)
        ]
        rows = [
            [
                self._cell(value, share * column.weight, _AMOUNT if column.kind is Kind.AMOUNT else _CODE)
                for value, column in zip(row, table.columns, strict=True)
            ]
            for row in table.rows
        ]
        grid = Grid([head, *rows], colWidths=[share * column.weight for column in table.columns], repeatRows=1)
        grid.setStyle([*_TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 0.25, _LINE)])
        yield grid
        if table.left_out:
            yield self._paragraph(f"Y {table.left_out:,} renglones más, que están en el XML.", _HEAD)

    def _totals(self) -> Grid:
        *before, total = self._printed.totals
        rows = [[self._paragraph(fact.label, _AMOUNT), self._paragraph(fact.value, _AMOUNT)] for fact in before]
        rows.append([self._paragraph(total.label, _TOTAL), self._paragraph(total.value, _TOTAL)])
        grid = Grid(rows, colWidths=[_WIDTH * 0.25, _WIDTH * 0.25], hAlign="RIGHT")
        grid.setStyle([*_TIGHT, ("LINEABOVE", (0, -1), (-1, -1), 0.75, _INK)])
        return grid

    def _stamp(self) -> Iterator[Flowable]:
        """Lay the QR code beside the stamp, the seals below."""
        stamp = self._printed.stamp
        short = Section(stamp.title, [fact for fact in stamp.facts if fact.label not in _SEAL_LABELS])
        beside = [[_Qr(self._printed.verification), self._facts(short, _WIDTH - _QR_SIDE - 6)]]
        grid = Grid(beside, colWidths=[_QR_SIDE + 6, _WIDTH - _QR_SIDE - 6])
        grid.setStyle(_TIGHT)
        yield Spacer(1, 6)
        yield grid
        for fact in stamp.facts:
            if fact.label in _SEAL_LABELS:
                yield self._paragraph(fact.label, _HEAD)
                yield self._paragraph(fact.value, _SEAL)

    def _side_by_side(self, grids: Sequence[Grid]) -> Grid:
        grid = Grid([list(grids)], colWidths=[_WIDTH / len(grids)] * len(grids))
        grid.setStyle(_TIGHT)
        return grid

    def _cell(self, text: str, width: float, style: ParagraphStyle) -> Paragraph:
        """Set a value that may not grow taller than a page, which no table could break."""
        a_line = max(1, int((width - _PADDING) / _WIDEST_LETTER))
        room = _CELL_LINES
        kept: list[str] = []
        for line in text.split("\n"):
            kept.append(line[: room * a_line])
            room -= -(-max(1, len(line)) // a_line)
            if room <= 0:
                break
        cut = "\n".join(kept)
        return self._paragraph(cut if len(cut) == len(text) else f"{cut}…", style)

    def _paragraph(self, text: str, style: ParagraphStyle) -> Paragraph:
        fitted, changed = fit(text)
        self.changed = self.changed or changed
        return Paragraph(escape(fitted).replace("\n", "<br/>"), style)


_TIGHT: Final = (
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("LEFTPADDING", (1, 0), (-1, -1), 4),
    ("RIGHTPADDING", (0, 0), (-1, -1), 4),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
)


def _frame(canvas: Canvas, _paper: object, *, printed: Printed, standing: Standing, changed: bool) -> None:
    """Draw what every page bears: whose it is, its number, and the mark of a cancelled document."""
    canvas.saveState()
    if standing.cancelled:
        canvas.setFillColor(_RED)
        canvas.setFillAlpha(0.12)
        canvas.setFont("Helvetica-Bold", 84)
        canvas.translate(letter[0] / 2, letter[1] / 2)
        canvas.rotate(52)
        canvas.drawCentredString(0, -30, "CANCELADO")
        canvas.rotate(-52)
        canvas.translate(-letter[0] / 2, -letter[1] / 2)
        canvas.setFillAlpha(1)
    canvas.setFillColor(_FAINT)
    canvas.setFont("Helvetica", 6.5)
    note = f"Representación impresa de un {printed.version}; el XML es el comprobante."
    if changed:
        note += f" Alguna letra del XML no existe en este tipo y va con su letra base o «{MISSING}»."
    canvas.drawString(_MARGIN, 9 * mm, note)
    canvas.drawRightString(letter[0] - _MARGIN, 9 * mm, f"{printed.uuid} · página {canvas.getPageNumber()}")
    canvas.restoreState()
