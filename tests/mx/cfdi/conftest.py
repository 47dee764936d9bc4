"""The official style sheets and schemas, as one library ships them: independent eyes."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

from acuse.mx.cfdi.names import CFD4, PAGOS20, TFD

_DRIVER = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="{cfd}" schemaLocation="{root}/4/cfdv40.xsd"/>
<xs:import namespace="{pagos}" schemaLocation="{root}/Pagos/Pagos20.xsd"/>
<xs:import namespace="{tfd}" schemaLocation="{root}/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"/>
</xs:schema>"""


@cache
def official() -> Path:
    """The SAT's files."""
    spec = find_spec("satcfdi")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "transform/schemas/www.sat.gob.mx/sitio_internet/cfd"


@cache
def schema() -> etree.XMLSchema:
    """CFDI 4.0 with Pagos 2.0 and the stamp. The wildcard of Complemento is strict, so all come in one schema."""
    driver = _DRIVER.format(cfd=CFD4, pagos=PAGOS20, tfd=TFD, root=official().as_uri())
    return etree.XMLSchema(etree.fromstring(driver))


@cache
def chain_of_document() -> etree.XSLT:
    """The official cadena original 4.0."""
    return etree.XSLT(etree.parse(official() / "4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt"))


@cache
def chain_of_stamp() -> etree.XSLT:
    """The official cadena original of the stamp."""
    return etree.XSLT(etree.parse(official() / "TimbreFiscalDigital/cadenaoriginal_TFD_1_1.xslt"))
