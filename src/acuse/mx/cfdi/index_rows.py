"""Turns documents and metadata into rows in the text form of PostgreSQL's COPY. Runs in the process pool.

It stands here, apart from the archive's service, because a process of the pool loads nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from acuse.mx.cfdi.errors import CfdiError, MemberUnreadable
from acuse.mx.cfdi.header import CfdiHeader, read_header
from acuse.mx.cfdi.metadata import BadRow, Block, Layout, MetadataRow, TerceroRow, read_block
from acuse.mx.cfdi.paquete import Kind, Limits, Member, Paquete, RefusedMember
from acuse.mx.cfdi.zip_directory import Span

_COMMON: Final = (
    "uuid", "direction", "fecha", "fecha_timbrado", "efecto", "emisor_rfc", "emisor_nombre", "receptor_rfc",
    "receptor_nombre", "rfc_pac", "total",
)  # fmt: skip
XML_COLUMNS: Final = (
    *_COMMON,
    "version", "serie", "folio", "emisor_regimen", "receptor_regimen", "uso_cfdi", "moneda", "tipo_cambio",
    "subtotal", "descuento", "trasladados", "retenidos", "iva_trasladado", "iva_retenido", "isr_retenido",
    "ieps_trasladado", "pagado_mxn", "metodo_pago", "forma_pago", "lugar_expedicion", "tipo_relacion", "relacionados",
    "complementos", "no_certificado", "sello_final", "xml_offset", "xml_length", "xml_method", "xml_size",
)  # fmt: skip
METADATA_COLUMNS: Final = (*_COMMON, "estado", "fecha_cancelacion")
TERCERO_COLUMNS: Final = ("uuid", "tercero_rfc", "tercero_nombre")

_NULL: Final = r"\N"
_NEEDS_ESCAPE: Final = re.compile(r"[\\\t\n\r\x00]").search
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\0": ""})
_NAME_CHARS: Final = 300

Party = tuple[str, str]


class Refused(NamedTuple):
    """A document or row that was not indexed: where it stood, the code of the fault and its text."""

    name: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows ready for COPY, how many there are, the other parties they name, and what was refused."""

    block: bytes
    count: int
    parties: Sequence[Party]
    refused: Sequence[Refused]


class Taxpayer(NamedTuple):
    """From whose side the rows are told: the RFC, and the direction the package was asked for."""

    rfc: str
    direction: str


def xml_rows(path: Path, span: Span, taxpayer: Taxpayer, limits: Limits | None = None) -> Rows:
    """Read the documents of a stretch of a package on disk."""
    with Paquete.open(path, limits) as paquete:
        return rows_of_members(paquete.members(Kind.XML, span), taxpayer)


def rows_of_members(members: Iterable[Member | RefusedMember], taxpayer: Taxpayer) -> Rows:
    """Read documents one by one; one that cannot be read is told and the rest go on."""
    lines: list[str] = []
    parties: dict[Party, None] = {}
    refused: list[Refused] = []
    for member in members:
        if isinstance(member, RefusedMember):
            refused.append(_refused(member.name, member.fault))
            continue
        try:
            header = read_header(member.content)
        except CfdiError as fault:
            refused.append(_refused(member.name, fault))
            continue
        direction = "E" if header.emisor_rfc == taxpayer.rfc else taxpayer.direction
        parties[_party_of(header, direction)] = None
        lines.append(_xml_line(header, direction, member))
    return Rows(_block(lines), len(lines), list(parties), refused)


def metadata_rows(layout: Layout, block: Block, taxpayer: Taxpayer) -> Rows:
    """Read the rows of a block of metadata, of either table."""
    lines: list[str] = []
    parties: dict[Party, None] = {}
    refused: list[Refused] = []
    for row in read_block(layout, block):
        if isinstance(row, BadRow):
            refused.append(Refused(f"renglón {row.line}", "METADATA_ROW_INVALID", f"{row.problem}: {row.text}"))
        elif isinstance(row, TerceroRow):
            lines.append("\t".join((row.uuid, _text(row.rfc), _text(row.nombre[:_NAME_CHARS]))))
        else:
            direction = "E" if row.emisor_rfc == taxpayer.rfc else taxpayer.direction
            parties[_party_of(row, direction)] = None
            lines.append(_metadata_line(row, direction))
    return Rows(_block(lines), len(lines), list(parties), refused)


def _party_of(row: CfdiHeader | MetadataRow, direction: str) -> Party:
    """Answer who stands on the other side."""
    if direction == "E":
        return row.receptor_rfc, (row.receptor_nombre or "")[:_NAME_CHARS]
    return row.emisor_rfc, (row.emisor_nombre or "")[:_NAME_CHARS]


def _xml_line(header: CfdiHeader, direction: str, member: Member) -> str:
    return "\t".join((
        header.uuid,
        direction,
        header.fecha.isoformat(),
        header.fecha_timbrado.isoformat(),
        header.efecto,
        header.emisor_rfc,
        _text(header.emisor_nombre),
        header.receptor_rfc,
        _text(header.receptor_nombre),
        _text(header.rfc_pac),
        str(header.total),
        header.version,
        _text(header.serie),
        _text(header.folio),
        _text(header.emisor_regimen),
        _text(header.receptor_regimen),
        _text(header.uso_cfdi),
        _text(header.moneda),
        _amount(header.tipo_cambio),
        str(header.subtotal),
        _amount(header.descuento),
        _amount(header.trasladados),
        _amount(header.retenidos),
        _amount(header.iva_trasladado),
        _amount(header.iva_retenido),
        _amount(header.isr_retenido),
        _amount(header.ieps_trasladado),
        _amount(header.pagado_mxn),
        _text(header.metodo_pago),
        _text(header.forma_pago),
        _text(header.lugar_expedicion),
        _text(header.tipo_relacion),
        _array(header.relacionados),
        _array(header.complementos),
        header.no_certificado,
        _text(header.sello_final),
        str(member.offset),
        str(member.length),
        str(member.method),
        str(len(member.content)),
    ))  # fmt: skip


def _metadata_line(row: MetadataRow, direction: str) -> str:
    cancelled_at: datetime | None = row.fecha_cancelacion
    return "\t".join((
        row.uuid,
        direction,
        row.fecha.isoformat(),
        row.fecha_timbrado.isoformat(),
        row.efecto,
        _text(row.emisor_rfc),
        _text(row.emisor_nombre[:_NAME_CHARS] or None),
        _text(row.receptor_rfc),
        _text(row.receptor_nombre[:_NAME_CHARS] or None),
        _text(row.rfc_pac or None),
        str(row.total),
        "cancelado" if row.cancelado else "vigente",
        _NULL if cancelled_at is None else cancelled_at.isoformat(),
    ))  # fmt: skip


def _text(value: str | None) -> str:
    if value is None:
        return _NULL
    return value.translate(_ESCAPES) if _NEEDS_ESCAPE(value) else value


def _amount(value: Decimal | None) -> str:
    return _NULL if value is None else str(value)


def _array(values: Sequence[str]) -> str:
    """Write names of elements or UUIDs, which hold nothing an array would need quoted."""
    return f"{{{','.join(values)}}}" if values else "{}"


def _block(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode() if lines else b""


def _refused(name: str, fault: CfdiError | MemberUnreadable) -> Refused:
    return Refused(name, fault.code, fault.text)
