"""Reads the SAT's metadata tables as a stream, with all the quirks seen in them.

Lines end in CRLF and names may hold a lone LF; quotes are letters; `~` may stand inside a name, so a row with too
many fields is anchored at both its ends. A row that cannot be read is told, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from acuse.mx.cfdi.errors import MetadataUnknown

HEADER: Final = (
    "Uuid~RfcEmisor~NombreEmisor~RfcReceptor~NombreReceptor~RfcPac~FechaEmision~FechaCertificacionSat~Monto~"
    "EfectoComprobante~Estatus~FechaCancelacion"
)
TERCERO_HEADER: Final = "Uuid~RfcACuentaTerceros~NombreACuentaTerceros"
_BOM: Final = b"\xef\xbb\xbf"
_BLOCK_BYTES: Final = 1 << 20
_MAX_LINE_BYTES: Final = 1 << 20
_FIELDS: Final = 12
_LEFT, _RIGHT = 2, 7
_TERCERO_FIELDS: Final = 3
_SHOWN_CHARS: Final = 200
NAME_CHARS: Final = 300
"""What of a name is kept."""

_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}").fullmatch
_RFC: Final = re.compile(r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}").fullmatch
_MONTO: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?").fullmatch
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

_DATE: Final = (
    r"[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8])) (?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}"
)
_NAME: Final = rf"(?:[^~\s\x00-\x1f\x7f][^~\x00-\x1f\x7f]{{0,{NAME_CHARS - 1}}}+(?<!\s))?"
_PLAIN: Final = re.compile(
    "~".join((
        "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
        "[A-ZÑ&0-9]{12,13}", _NAME, "[A-ZÑ&0-9]{12,13}", _NAME, "[A-ZÑ&0-9]{0,13}",
        _DATE, _DATE, r"[0-9]{1,18}(?:\.[0-9]{1,12})?", "[IETNP]", "[01]", f"(?:{_DATE})?",
    ))
).fullmatch  # fmt: skip
_COLUMNS: Final = tuple(HEADER.upper().split("~"))
_ALIASES: Final = {
    "RFCE": "RFCEMISOR", "NOMDENRAZSOCE": "NOMBREEMISOR", "RFCR": "RFCRECEPTOR", "RFCRECEP": "RFCRECEPTOR",
    "NOMDENRAZSOCR": "NOMBRERECEPTOR", "FECHAEXP": "FECHAEMISION", "FECHAEXPEDICION": "FECHAEMISION",
    "MONTOTOTOPERACION": "MONTO", "MONTOOPERACION": "MONTO", "TOTAL": "MONTO", "EFECTO": "EFECTOCOMPROBANTE",
    "ESTADO": "ESTATUS",
}  # fmt: skip
_NEEDED: Final = ("UUID", "RFCEMISOR", "RFCRECEPTOR", "FECHAEMISION", "FECHACERTIFICACIONSAT")
_ABSENT: Final = {"MONTO": "0", "ESTATUS": "1"}
_EFECTOS: Final = {
    "I": "I", "E": "E", "T": "T", "N": "N", "P": "P", "R": "R", "RETENCION": "R", "RETENCIONES": "R",
    "INGRESO": "I", "EGRESO": "E", "TRASLADO": "T", "NOMINA": "N", "NÓMINA": "N", "PAGO": "P",
}  # fmt: skip
_ESTATUS: Final = {"1": False, "0": True, "VIGENTE": False, "CANCELADO": True}


class MetadataRow(NamedTuple):
    """One document as the SAT's metadata tells it. Dates are local, without a zone; the UUID is upper case."""

    uuid: str
    emisor_rfc: str
    emisor_nombre: str
    receptor_rfc: str
    receptor_nombre: str
    rfc_pac: str
    fecha: datetime
    fecha_timbrado: datetime
    total: Decimal
    efecto: str
    cancelado: bool
    fecha_cancelacion: datetime | None


class TerceroRow(NamedTuple):
    """On whose account a document was issued; from the second table."""

    uuid: str
    rfc: str
    nombre: str


class BadRow(NamedTuple):
    """A row that cannot be read: its line number (the header is 1), why, and how it begins."""

    line: int
    problem: str
    text: str


class Layout(NamedTuple):
    """What the first line told: which table it is, how its lines end, and where its columns stand.

    `places` is None for the columns as the SAT publishes them; else it says for each of them where it stands, or None.
    """

    tercero: bool
    line_end: bytes
    places: tuple[int | None, ...] | None = None
    width: int = _FIELDS


class Block(NamedTuple):
    """Some whole lines; the number of the first, and their bytes without the last line end."""

    first_line: int
    data: bytes


def read_metadata(pieces: Iterable[bytes]) -> Iterator[MetadataRow | TerceroRow | BadRow]:
    """Read a whole table from its bytes, whatever way they are cut; raises MetadataUnknown."""
    layout: Layout | None = None
    for each in open_table(pieces):
        if isinstance(each, Layout):
            layout = each
        elif layout is not None:
            yield from read_block(layout, each)


def open_table(pieces: Iterable[bytes]) -> Iterator[Layout | Block]:
    """Answer the layout, then the table in blocks of whole lines of about 1 MB; raises MetadataUnknown."""
    layout: Layout | None = None
    rest = b""
    line = 2
    for piece in pieces:
        rest += piece
        if layout is None:
            if b"\n" not in rest and len(rest) < _MAX_LINE_BYTES:
                continue
            layout, rest = _read_layout(rest)
            yield layout
        if len(rest) < _BLOCK_BYTES:
            continue
        cut = rest.rfind(layout.line_end)
        if cut >= 0:
            block = Block(line, rest[:cut])
            rest = rest[cut + len(layout.line_end) :]
            line += block.data.count(layout.line_end) + 1
            yield block
        elif len(rest) > _BLOCK_BYTES + _MAX_LINE_BYTES:
            raise MetadataUnknown
    if layout is None:
        layout, rest = _read_layout(rest)
        yield layout
    if rest:
        yield Block(line, rest)


def read_block(layout: Layout, block: Block, efecto: str = "") -> Iterator[MetadataRow | TerceroRow | BadRow]:
    """Read the lines of a block. Blank lines say nothing and are passed over.

    `efecto` is what every row of the table is, whatever it says itself: R in the Retenciones family.
    """
    return read_lines(layout, enumerate(_lines(layout, block), block.first_line), efecto)


def part_block(layout: Layout, block: Block, efecto: str = "") -> tuple[list[str], list[tuple[int, str]]]:
    """Part the lines of a block into those that need no reading, and the others with their numbers.

    The first are rows of the published twelve columns whose every value is already as `read_lines` would answer it,
    but for the case of the UUID: nearly all of what the SAT sends. One match tells, at a fifth of the cost of reading.
    """
    lines = _lines(layout, block)
    if layout.tercero or layout.places is not None or efecto:
        return [], list(enumerate(lines, block.first_line))
    plain: list[str] = []
    others: list[tuple[int, str]] = []
    for number, line in enumerate(lines, block.first_line):
        if _PLAIN(line):
            plain.append(line)
        else:
            others.append((number, line))
    return plain, others


def read_lines(
    layout: Layout, lines: Iterable[tuple[int, str]], efecto: str = ""
) -> Iterator[MetadataRow | TerceroRow | BadRow]:
    """Read numbered lines, as `read_block` does."""
    read = _read_tercero if layout.tercero else partial(_read_row, layout, efecto)
    lone = "\n" if layout.line_end == b"\r\n" else ""
    for number, line in lines:
        clean = line
        if lone and lone in clean:
            clean = clean.replace(lone, "")
        if clean.isprintable():
            row = read(number, clean) if clean and not clean.isspace() else None
        else:
            clean = _CONTROL.sub("", clean)
            row = read(number, clean) if clean.strip() else None
        if row is not None:
            yield row


def _read_layout(start: bytes) -> tuple[Layout, bytes]:
    """Read the first line and answer the rest."""
    first, newline, rest = start.removeprefix(_BOM).partition(b"\n")
    line_end = b"\r\n" if first.endswith(b"\r") or not newline else b"\n"
    names = first.rstrip(b"\r").decode("utf-8", "replace").strip().upper()
    if names.startswith(HEADER.upper()):
        return Layout(tercero=False, line_end=line_end), rest
    if names.startswith(TERCERO_HEADER.upper()):
        return Layout(tercero=True, line_end=line_end), rest
    columns = [_ALIASES.get(name.strip(), name.strip()) for name in names.split("~")]
    if all(name in columns for name in _NEEDED):
        places = tuple(columns.index(name) if name in columns else None for name in _COLUMNS)
        return Layout(tercero=False, line_end=line_end, places=places, width=len(columns)), rest
    raise MetadataUnknown


def _lines(layout: Layout, block: Block) -> list[str]:
    return _decode(block.data).split(layout.line_end.decode("ascii"))


def _decode(data: bytes) -> str:
    """Read UTF-8; a block that is not is read as Latin-1 rather than lost."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_row(layout: Layout, known_efecto: str, line: int, text: str) -> MetadataRow | BadRow:
    fields = text.split("~")
    if layout.places is not None or len(fields) != _FIELDS:
        arranged = _arranged(layout, fields)
        if arranged is None:
            return BadRow(line, f"tiene {len(fields)} columnas", text[:_SHOWN_CHARS])
        fields = arranged
    uuid, emisor, emisor_nombre, receptor, receptor_nombre, pac, fecha, timbrado, monto, efecto, estatus, fin = fields
    uuid = uuid.strip()
    if not _UUID(uuid):
        return BadRow(line, "no tiene UUID" if not uuid else "su UUID no es válido", text[:_SHOWN_CHARS])
    cancelled = _ESTATUS.get(estatus) if estatus in _ESTATUS else _ESTATUS.get(estatus.strip().upper())
    kind = known_efecto or _EFECTOS.get(efecto) or _EFECTOS.get(efecto.strip().upper())
    if not _MONTO(monto) and not _MONTO(monto := monto.strip()):
        return BadRow(line, "su monto no es válido", text[:_SHOWN_CHARS])
    if cancelled is None or kind is None:
        return BadRow(line, "su efecto o su estatus no es válido", text[:_SHOWN_CHARS])
    try:
        return MetadataRow(
            uuid.upper(),
            emisor.strip().upper(),
            emisor_nombre.strip(),
            receptor.strip().upper(),
            receptor_nombre.strip(),
            pac.strip().upper(),
            _moment(fecha),
            _moment(timbrado),
            Decimal(monto),
            kind,
            cancelled,
            _moment(fin) if fin and not fin.isspace() else None,
        )
    except ValueError:
        return BadRow(line, "una de sus fechas no es válida", text[:_SHOWN_CHARS])


def _moment(text: str) -> datetime:
    """Read `AAAA-MM-DD HH:MM:SS`. Raises ValueError, also for a date with a zone."""
    moment = datetime.fromisoformat(text.strip())
    if moment.tzinfo is not None:
        raise ValueError(text)
    return moment


def _arranged(layout: Layout, fields: list[str]) -> list[str] | None:
    """Bring the fields of a row into the order of the published columns; None when it cannot be told."""
    if layout.places is None:
        return _anchor(fields)
    if len(fields) != layout.width:
        return None
    return [
        _ABSENT.get(name, "") if place is None else fields[place]
        for name, place in zip(_COLUMNS, layout.places, strict=True)
    ]


def _anchor(fields: list[str]) -> list[str] | None:
    """Bring a row with `~` inside its names back to twelve fields; None when it cannot be told.

    The left end (UUID, RFC) and the right end (PAC, dates, amount, status) are sure; between the names stands the
    receiver's RFC. A row that lacks only its last, empty column is completed.
    """
    if len(fields) == _FIELDS - 1:
        return [*fields, ""]
    if len(fields) < _FIELDS:
        return None
    middle = fields[_LEFT:-_RIGHT]
    places = [at for at, field in enumerate(middle) if at and _RFC(field.strip().upper())]
    if len(places) != 1 or places[0] == len(middle) - 1:
        return None
    at = places[0]
    return [*fields[:_LEFT], "~".join(middle[:at]), middle[at], "~".join(middle[at + 1 :]), *fields[-_RIGHT:]]


def _read_tercero(line: int, text: str) -> TerceroRow | BadRow:
    fields = text.split("~", _TERCERO_FIELDS - 1)
    if len(fields) != _TERCERO_FIELDS or not _UUID(fields[0].strip()):
        return BadRow(line, "no se entiende", text[:_SHOWN_CHARS])
    return TerceroRow(fields[0].strip().upper(), fields[1].strip().upper(), fields[2].strip())
