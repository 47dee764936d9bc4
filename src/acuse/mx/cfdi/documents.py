"""Reads any document of the SAT's packages for the index: CFDI 4.0, 3.3 and 3.2, Retenciones 2.0 and 1.0."""

from __future__ import annotations

from typing import Final

from lxml import etree

from acuse.mx.cfdi.cfdi32 import header_of_32, is_cfdi32
from acuse.mx.cfdi.header import CfdiHeader, header_of
from acuse.mx.cfdi.names import CFD4, clark
from acuse.mx.cfdi.reader import parse_xml
from acuse.mx.cfdi.retenciones import ROOTS, header_of_retencion

_USUAL: Final = clark(CFD4, "Comprobante")


def read_document(xml: bytes) -> CfdiHeader:
    """Read the header of one stamped document.

    Raises UnreadableXml, NotACfdi, NotStamped or BadCfdi (all CfdiError), never anything else.
    """
    return document_of(parse_xml(xml))


def document_of(root: etree._Element) -> CfdiHeader:
    """Read the header of a document already parsed; see `read_document`."""
    tag = root.tag
    if tag != _USUAL:
        if tag in ROOTS:
            return header_of_retencion(root)
        if is_cfdi32(root):
            return header_of_32(root)
    return header_of(root)
