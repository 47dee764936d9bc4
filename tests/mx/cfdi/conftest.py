"""The official style sheets and schemas, as one library ships them: independent eyes."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from acuse.mx.cfdi.names import CARTA_PORTE31, CFD3, CFD4, NOMINA12, PAGOS10, PAGOS20, RETENCIONES2, TFD

_STAMP = (TFD, "sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd")
_PAYROLL = (NOMINA12, "sitio_internet/cfd/nomina/nomina12.xsd")
_SCHEMAS = {
    "4.0": (
        (CFD4, "sitio_internet/cfd/4/cfdv40.xsd"),
        (PAGOS20, "sitio_internet/cfd/Pagos/Pagos20.xsd"),
        (CARTA_PORTE31, "sitio_internet/cfd/CartaPorte/CartaPorte31.xsd"),
        _PAYROLL,
        _STAMP,
    ),
    "3.3": (
        (CFD3, "sitio_internet/cfd/3/cfdv33.xsd"),
        (PAGOS10, "sitio_internet/cfd/Pagos/Pagos10.xsd"),
        _PAYROLL,
        _STAMP,
    ),
    "3.2": (
        (CFD3, "sitio_internet/cfd/3/cfdv32.xsd"),
        (TFD, "sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigital.xsd"),
    ),
    "2.0": ((RETENCIONES2, "esquemas/retencionpago/2/retencionpagov2.xsd"), _STAMP),
}
_CHAINS = {
    "4.0": "sitio_internet/cfd/4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt",
    "3.3": "sitio_internet/cfd/3/cadenaoriginal_3_3/cadenaoriginal_3_3.xslt",
    "3.2": "sitio_internet/cfd/3/cadenaoriginal_3_2/cadenaoriginal_3_2.xslt",
    "2.0": "esquemas/retencionpago/2/retenciones.xslt",
}
_STAMP_CHAINS = {"1.1": "cadenaoriginal_TFD_1_1.xslt", "1.0": "cadenaoriginal_TFD_1_0.xslt"}


@cache
def official() -> Path:
    """The SAT's files."""
    spec = find_spec("satcfdi")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "transform/schemas/www.sat.gob.mx"


@cache
def schema(version: str = "4.0") -> etree.XMLSchema:
    """Documents of a version with their complements: the wildcard of Complemento is strict, so all come in one."""
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{(official() / path).as_uri()}"/>'
        for namespace, path in _SCHEMAS[version]
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver))


@cache
def chain_of_document(version: str = "4.0") -> etree.XSLT:
    """The official cadena original."""
    return etree.XSLT(etree.parse(official() / _CHAINS[version]))


@cache
def chain_of_stamp(version: str = "1.1") -> etree.XSLT:
    """The official cadena original of the stamp."""
    return etree.XSLT(etree.parse(official() / "sitio_internet/cfd/TimbreFiscalDigital" / _STAMP_CHAINS[version]))
