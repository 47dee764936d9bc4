"""Turns tables of metadata into rows in the text form of PostgreSQL's COPY. Runs in the process pool.

A row is handed on as the SAT wrote it, column by column; what follows from it (whose side it is told from, the words
for its state) is left to the merge, which sees all rows at once. An empty text is COPY's null here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from acuse.mx.cfdi.copy_text import block, text
from acuse.mx.cfdi.index_rows import Refused, Rows
from acuse.mx.cfdi.metadata import NAME_CHARS, BadRow, Block, Layout, MetadataRow, TerceroRow, part_block, read_lines

METADATA_COLUMNS: Final = (
    "uuid", "emisor_rfc", "emisor_nombre", "receptor_rfc", "receptor_nombre", "rfc_pac", "fecha", "fecha_timbrado",
    "total", "efecto", "estatus", "fecha_cancelacion",
)  # fmt: skip
TERCERO_COLUMNS: Final = ("uuid", "tercero_rfc", "tercero_nombre")
CANCELLED: Final = "0"
"""The `estatus` of a cancelled document."""
_MIDDLE: Final = "8"  # of sixteen digits


def metadata_rows(layout: Layout, table: Block, efecto: str = "", *, halved: bool = False) -> list[Rows]:
    """Read the rows of a block of metadata, of either table; `efecto` as in `read_lines`.

    Halved by their UUIDs, so that two may bring them in side by side: what is told of one document is in one half.
    """
    plain, others = part_block(layout, table, efecto)
    lines: list[str] = []
    refused: list[Refused] = []
    for row in read_lines(layout, others, efecto):
        if isinstance(row, BadRow):
            refused.append(Refused(f"renglón {row.line}", "METADATA_ROW_INVALID", f"{row.problem}: {row.text}"))
        elif isinstance(row, TerceroRow):
            lines.append("\t".join((row.uuid, text(row.rfc), text(row.nombre[:NAME_CHARS]))))
        else:
            lines.append(_line(row))
    if not halved:
        return [_rows(plain, lines, refused)]
    return [
        _rows([each for each in plain if each[0] < _MIDDLE], [each for each in lines if each[0] < _MIDDLE], refused),
        _rows([each for each in plain if each[0] >= _MIDDLE], [each for each in lines if each[0] >= _MIDDLE], ()),
    ]


def _rows(plain: list[str], lines: list[str], refused: Sequence[Refused]) -> Rows:
    count = len(plain) + len(lines)
    if plain:
        lines.append("\n".join(plain).replace("\\", r"\\").replace("~", "\t"))
    return Rows(block(lines), count, (), refused)


def _line(row: MetadataRow) -> str:
    return "\t".join(
        (
            row.uuid,
            text(row.emisor_rfc),
            text(row.emisor_nombre[:NAME_CHARS]),
            text(row.receptor_rfc),
            text(row.receptor_nombre[:NAME_CHARS]),
            text(row.rfc_pac),
            row.fecha.isoformat(),
            row.fecha_timbrado.isoformat(),
            str(row.total),
            row.efecto,
            CANCELLED if row.cancelado else "1",
            "" if row.fecha_cancelacion is None else row.fecha_cancelacion.isoformat(),
        )
    )
