"""Namespaces and Clark names of the documents we read and write."""

from __future__ import annotations

from typing import Final

CFD4: Final = "http://www.sat.gob.mx/cfd/4"
CFD3: Final = "http://www.sat.gob.mx/cfd/3"
TFD: Final = "http://www.sat.gob.mx/TimbreFiscalDigital"
PAGOS20: Final = "http://www.sat.gob.mx/Pagos20"
PAGOS10: Final = "http://www.sat.gob.mx/Pagos"
NOMINA12: Final = "http://www.sat.gob.mx/nomina12"
NOMINA11: Final = "http://www.sat.gob.mx/nomina"
CARTA_PORTE31: Final = "http://www.sat.gob.mx/CartaPorte31"
CARTA_PORTE: Final = (CARTA_PORTE31, *(f"http://www.sat.gob.mx/CartaPorte{version}" for version in ("30", "20", "")))
RETENCIONES2: Final = "http://www.sat.gob.mx/esquemas/retencionpago/2"
RETENCIONES1: Final = "http://www.sat.gob.mx/esquemas/retencionpago/1"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

CFD4_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd"
TFD_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"
TFD10_XSD: Final = "http://www.sat.gob.mx/sitio_internet/TimbreFiscalDigital/TimbreFiscalDigital.xsd"
CFD33_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/3/cfdv33.xsd"
CFD32_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/3/cfdv32.xsd"
PAGOS20_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/Pagos/Pagos20.xsd"
PAGOS10_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/Pagos/Pagos10.xsd"
NOMINA12_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/nomina/nomina12.xsd"
CARTA_PORTE31_XSD: Final = "http://www.sat.gob.mx/sitio_internet/cfd/CartaPorte/CartaPorte31.xsd"
RETENCIONES2_XSD: Final = "http://www.sat.gob.mx/esquemas/retencionpago/2/retencionpagov2.xsd"


def clark(namespace: str, name: str) -> str:
    """Write a name as `{namespace}name`, the way the parser reports it."""
    return f"{{{namespace}}}{name}"
