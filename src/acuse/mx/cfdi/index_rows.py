"""Turns documents and metadata into rows in the text form of PostgreSQL's COPY. Runs in the process pool.

It stands here, apart from the archive's service, because a process of the pool loads nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from acuse.mx.cfdi.copy_text import amount, array, block, text
from acuse.mx.cfdi.documents import document_of
from acuse.mx.cfdi.errors import CfdiError, MemberUnreadable
from acuse.mx.cfdi.header import CfdiHeader
from acuse.mx.cfdi.metadata import NAME_CHARS
from acuse.mx.cfdi.pago_rows import PagoLines, pago_rows
from acuse.mx.cfdi.paquete import Kind, Limits, Member, Paquete, RefusedMember
from acuse.mx.cfdi.reader import parse_xml
from acuse.mx.cfdi.usual_row import DocumentRow, usual_row
from acuse.mx.cfdi.zip_directory import Span

_COMMON: Final = (
    "uuid", "direction", "fecha", "fecha_timbrado", "efecto", "emisor_rfc", "emisor_nombre", "receptor_rfc",
    "receptor_nombre", "rfc_pac", "total",
)  # fmt: skip
XML_COLUMNS: Final = (
    *_COMMON,
    "version", "serie", "folio", "emisor_regimen", "receptor_regimen", "uso_cfdi", "moneda", "tipo_cambio",
    "subtotal", "descuento", "trasladados", "retenidos", "iva_trasladado", "iva_retenido", "isr_retenido",
    "ieps_trasladado", "pagado_mxn", "metodo_pago", "forma_pago", "lugar_expedicion", "no_certificado", "sello_final",
    "tipo_relacion", "relacionados", "complementos", "detalle", "xml_offset", "xml_length", "xml_method", "xml_size",
)  # fmt: skip

READER: Final = 1
"""Raised whenever documents are read into more than before: packages of an older reader are read again."""

Party = tuple[str, str]


class Refused(NamedTuple):
    """A document or row that was not indexed: where it stood, the code of the fault and its text."""

    name: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows ready for COPY, how many there are, the other parties they name, and what was refused.

    `side` holds the rows of the tables beside, by table: payments and what they pay.
    """

    block: bytes
    count: int
    parties: Sequence[Party]
    refused: Sequence[Refused]
    side: Mapping[str, bytes] = field(default_factory=dict)


class Taxpayer(NamedTuple):
    """From whose side the rows are told: the RFC, and the direction the package was asked for.

    `efecto` is what every row of metadata is, where the family alone tells it.
    """

    rfc: str
    direction: str
    efecto: str = ""


def xml_rows(path: Path, span: Span, taxpayer: Taxpayer, limits: Limits | None = None) -> Rows:
    """Read the documents of a stretch of a package on disk."""
    with Paquete.open(path, limits) as paquete:
        return rows_of_members(paquete.members(Kind.XML, span), taxpayer)


def rows_of_members(members: Iterable[Member | RefusedMember], taxpayer: Taxpayer) -> Rows:
    """Read documents one by one; one that cannot be read is told and the rest go on."""
    lines: list[str] = []
    parties: dict[Party, None] = {}
    refused: list[Refused] = []
    pagos = PagoLines()
    for member in members:
        if isinstance(member, RefusedMember):
            refused.append(_refused(member.name, member.fault))
            continue
        try:
            row = _row_of(member.content, taxpayer)
        except CfdiError as fault:
            refused.append(_refused(member.name, fault))
            continue
        parties[row.party] = None
        lines.append(f"{row.line}\t{member.offset}\t{member.length}\t{member.method}\t{len(member.content)}")
        if row.pagos.pagos:
            pagos.add(row.pagos, member.offset)
    return Rows(block(lines), len(lines), list(parties), refused, pagos.blocks())


def _party_of(row: CfdiHeader, direction: str) -> Party:
    """Answer who stands on the other side."""
    if direction == "E":
        return row.receptor_rfc, (row.receptor_nombre or "")[:NAME_CHARS]
    return row.emisor_rfc, (row.emisor_nombre or "")[:NAME_CHARS]


def _row_of(xml: bytes, taxpayer: Taxpayer) -> DocumentRow:
    """Read one document, whose tree ends with this call: the next one is parsed into memory still at hand."""
    root = parse_xml(xml)
    return usual_row(root, taxpayer.rfc, taxpayer.direction) or careful_row(document_of(root), taxpayer)


def careful_row(header: CfdiHeader, taxpayer: Taxpayer) -> DocumentRow:
    """Write the row of a document that was read value by value."""
    direction = "E" if header.emisor_rfc == taxpayer.rfc else taxpayer.direction
    line = "\t".join((
        header.uuid,
        direction,
        header.fecha.isoformat(),
        header.fecha_timbrado.isoformat(),
        header.efecto,
        header.emisor_rfc,
        text(header.emisor_nombre),
        header.receptor_rfc,
        text(header.receptor_nombre),
        text(header.rfc_pac),
        str(header.total),
        header.version,
        text(header.serie),
        text(header.folio),
        text(header.emisor_regimen),
        text(header.receptor_regimen),
        text(header.uso_cfdi),
        text(header.moneda),
        amount(header.tipo_cambio),
        str(header.subtotal),
        amount(header.descuento),
        amount(header.trasladados),
        amount(header.retenidos),
        amount(header.iva_trasladado),
        amount(header.iva_retenido),
        amount(header.isr_retenido),
        amount(header.ieps_trasladado),
        amount(header.pagado_mxn),
        text(header.metodo_pago),
        text(header.forma_pago),
        text(header.lugar_expedicion),
        header.no_certificado,
        text(header.sello_final),
        text(header.tipo_relacion),
        array(header.relacionados),
        array(header.complementos),
        text(header.detalle),
    ))  # fmt: skip
    return DocumentRow(line, _party_of(header, direction), pago_rows(header.uuid, header.pagos))


def _refused(name: str, fault: CfdiError | MemberUnreadable) -> Refused:
    return Refused(name, fault.code, fault.text)
