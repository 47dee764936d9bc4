"""Reads a document into its printed form: CFDI 4.0, 3.3 and 3.2, Retenciones 2.0 and 1.0."""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.documents import document_of
from acuse.mx.cfdi.printed.comprobante import print_comprobante
from acuse.mx.cfdi.printed.model import Printed
from acuse.mx.cfdi.printed.retenciones import print_retencion
from acuse.mx.cfdi.reader import parse_xml
from acuse.mx.cfdi.retenciones import ROOTS

MOST_ROWS: Final = 1_000


def print_document(xml: bytes, most_rows: int = MOST_ROWS) -> Printed:
    """Answer the printed form of one stamped document; no table gets longer than `most_rows`.

    Raises UnreadableXml, NotACfdi, NotStamped or BadCfdi (all CfdiError), never anything else.
    """
    root = parse_xml(xml)
    header = document_of(root)
    if root.tag in ROOTS:
        return print_retencion(root, header, most_rows)
    return print_comprobante(root, header, most_rows)
