"""The statement as PDF: a head with who, when and how many, then a line a download."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from acuse.ar.crs.model import ZONE
from acuse.ar.cuit import formatted
from acuse.ar.resumenes.model import Line, Month

_WIDTH, _HEIGHT = landscape(A4)
_MARGIN: Final = 36
_ROW: Final = 13
_TOP: Final = _HEIGHT - _MARGIN
_INK, _QUIET, _RULE = HexColor("#3b2f8f"), HexColor("#555555"), HexColor("#cccccc")
_COLUMNS: Final = (
    ("Fecha", 0),
    ("Controlador", 92),
    ("Certificado", 190),
    ("Estado", 372),
    ("Antes", 480),
    ("Huella (SHA-256)", 588),
)
_NAME_CHARS: Final = 38
_HASH_CHARS: Final = 32


def paper(
    resumen_id: UUID, month: Month, nombre: str, cuit: str, figures: dict[str, int], lines: Sequence[Line], at: datetime
) -> bytes:
    """Answer the document. The same statement gives the same bytes."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle(f"Resumen de descargas, {month.caption}")
    canvas.setAuthor("Acuse")
    canvas.setSubject(f"{nombre}, CUIT {formatted(cuit)}")
    y = _head(canvas, month, nombre, cuit, figures, at)
    number = 1
    y = _columns(canvas, y)
    for line in lines:
        if y < _MARGIN + 2 * _ROW:
            _foot(canvas, resumen_id, number)
            canvas.showPage()
            number += 1
            y = _columns(canvas, _TOP)
        _line(canvas, y, line)
        y -= _ROW
    if not lines:
        canvas.setFont("Helvetica", 9)
        canvas.drawString(_MARGIN, y, "Sin movimientos.")
    _foot(canvas, resumen_id, number)
    canvas.save()
    return file.getvalue()


def _head(canvas: Canvas, month: Month, nombre: str, cuit: str, figures: dict[str, int], at: datetime) -> float:
    canvas.setFillColor(_INK)
    canvas.setFont("Helvetica-Bold", 17)
    canvas.drawString(_MARGIN, _TOP - 14, f"Resumen de descargas, {month.caption}")
    canvas.setFillColor(HexColor("#000000"))
    canvas.setFont("Helvetica-Bold", 11)
    canvas.drawString(_MARGIN, _TOP - 36, _plain(nombre))
    canvas.setFont("Helvetica", 10)
    canvas.drawString(_MARGIN, _TOP - 50, f"CUIT {formatted(cuit)}")
    told = (
        f"Descargas del mes: {figures['descargas']}     De meses ya cerrados: {figures['tardias']}     "
        f"Correcciones: {figures['correcciones']}"
    )
    canvas.drawString(_MARGIN, _TOP - 68, told)
    canvas.setFont("Helvetica-Bold", 10)
    billed = f"Pendientes de facturar: {figures['pendientes']}     Facturadas: {figures['facturadas']}"
    canvas.drawString(_MARGIN, _TOP - 83, billed)
    canvas.setFillColor(_QUIET)
    canvas.setFont("Helvetica", 9)
    closed = f"Cerrado el {at.astimezone(ZONE):%d/%m/%Y %H:%M} (Buenos Aires)"
    canvas.drawRightString(_WIDTH - _MARGIN, _TOP - 14, closed)
    canvas.setFillColor(HexColor("#000000"))
    return _TOP - 108


def _columns(canvas: Canvas, y: float) -> float:
    canvas.setFont("Helvetica-Bold", 8.5)
    for caption, x in _COLUMNS:
        canvas.drawString(_MARGIN + x, y, caption)
    canvas.setStrokeColor(_RULE)
    canvas.line(_MARGIN, y - 4, _WIDTH - _MARGIN, y - 4)
    return y - _ROW - 3


def _line(canvas: Canvas, y: float, line: Line) -> None:
    canvas.setFont("Helvetica", 8)
    name = _plain(line.certificado_nombre)
    cells = (
        f"{line.fecha.astimezone(ZONE):%d/%m/%Y %H:%M}",
        line.controlador_id,
        name if len(name) <= _NAME_CHARS else f"{name[: _NAME_CHARS - 1]}…",
        line.estado.value,
        line.estado_anterior.value if line.estado_anterior else "",
        f"{line.checksum.removeprefix('sha256:')[:_HASH_CHARS]}…",
    )
    for text, (_, x) in zip(cells, _COLUMNS, strict=True):
        canvas.drawString(_MARGIN + x, y, text)


def _foot(canvas: Canvas, resumen_id: UUID, number: int) -> None:
    canvas.setFont("Helvetica", 7.5)
    canvas.setFillColor(_QUIET)
    said = (
        f"Resumen {resumen_id}. La huella entera de cada descarga está en el CSV. Se comprueba en Acuse, en Resúmenes."
    )
    canvas.drawString(_MARGIN, _MARGIN - 14, said)
    canvas.drawRightString(_WIDTH - _MARGIN, _MARGIN - 14, f"Página {number}")
    canvas.setFillColor(HexColor("#000000"))


def _plain(words: str) -> str:
    """Answer the text as the built-in fonts can draw it."""
    return " ".join(words.split()).encode("cp1252", "replace").decode("cp1252")
