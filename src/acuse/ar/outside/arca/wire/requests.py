"""Writes the calls of ARBCCF."""

from __future__ import annotations

import base64

from lxml import etree

from acuse.ar.controladores import ControladorId
from acuse.ar.outside.arca.codes import NAMESPACE
from acuse.ar.outside.arca.wire.login import Ticket
from acuse.ar.outside.arca.wire.operations import Operation
from acuse.ar.outside.arca.wire.soap import envelope


def call(
    operation: Operation, controlador: ControladorId, *, cuit: str, ticket: Ticket, request: bytes | None = None
) -> bytes:
    """Write one call: the parts of the device's identity, and the PKCS#10 (DER) where the operation takes one."""
    if operation.takes_request != (request is not None):
        raise ValueError(f"{operation.name}: a PKCS#10 goes with alta and with nothing else")
    values = {
        "cuit": cuit,
        "fabricante": controlador.fabricante,
        "marca": controlador.marca,
        "modelo": controlador.modelo,
        "numeroSerie": controlador.numero_serie,
    }
    if request is not None:
        values["request"] = base64.b64encode(request).decode("ascii")
    root = etree.Element(f"{{{NAMESPACE}}}{operation.name}", nsmap={"dva": NAMESPACE})
    for name, value in (values | {"token": ticket.token, "sign": ticket.sign}).items():
        etree.SubElement(root, name).text = value
    return envelope(root)
