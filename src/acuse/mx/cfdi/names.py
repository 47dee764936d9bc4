"""Namespaces and Clark names of the documents we read and write."""

from __future__ import annotations

from typing import Final

CFD4: Final = "http://www.sat.gob.mx/cfd/4"
CFD3: Final = "http://www.sat.gob.mx/cfd/3"
TFD: Final = "http://www.sat.gob.mx/TimbreFiscalDigital"
PAGOS20: Final = "http://www.sat.gob.mx/Pagos20"
PAGOS10: Final = "http://www.sat.gob.mx/Pagos"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

CFD4_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd"
TFD_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"
PAGOS20_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/Pagos/Pagos20.xsd"


def clark(namespace: str, name: str) -> str:
    """Write a name as `{namespace}name`, the way the parser reports it."""
    return f"{{{namespace}}}{name}"
