"""The statement as CSV, as Excel in Argentina opens it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from acuse.ar.crs.model import stamp
from acuse.ar.resumenes.model import Line
from acuse.kernel.csv import BOM, harmless

_COLUMNS = (
    *("tipo", "fecha", "controlador_id", "id_certificado", "certificado_nombre", "estado", "estado_anterior"),
    *("tamaño", "checksum", "id_descarga"),
)


def sheet(lines: Sequence[Line]) -> bytes:
    """Answer the file: UTF-8 with its mark, semicolons, CRLF; a name that could be a formula gets a quote before it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for line in lines:
        writer.writerow(
            (
                line.kind.value,
                stamp(line.fecha),
                line.controlador_id,
                line.id_certificado,
                harmless(line.certificado_nombre),
                line.estado.value,
                line.estado_anterior.value if line.estado_anterior else "",
                line.size_bytes,
                line.checksum,
                line.id_descarga,
            )
        )
    return BOM + text.getvalue().encode()
