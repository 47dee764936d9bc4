"""The cadena original of a document and of its stamp, by one direct walk.

It gives, string for string, what the official style sheets give for the nodes they know here; a complement
whose rules are not written in this package is refused, never left out of the chain.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from acuse.mx.cfdi.cadena.cfdi3 import COMPROBANTE_32, COMPROBANTE_33
from acuse.mx.cfdi.cadena.cfdi40 import COMPROBANTE
from acuse.mx.cfdi.cadena.retenciones2 import RETENCIONES
from acuse.mx.cfdi.cadena.walk import Rules, attributes, chain
from acuse.mx.cfdi.errors import NotACfdi
from acuse.mx.cfdi.names import CFD3, CFD4, RETENCIONES2, clark

__all__ = ["cadena_original", "cadena_timbre"]

_RULES: Final[dict[tuple[str, str], Rules]] = {
    (clark(CFD4, "Comprobante"), "4.0"): COMPROBANTE,
    (clark(CFD3, "Comprobante"), "3.3"): COMPROBANTE_33,
    (clark(CFD3, "Comprobante"), "3.2"): COMPROBANTE_32,
    (clark(RETENCIONES2, "Retenciones"), "2.0"): RETENCIONES,
}
# Sources: cadenaoriginal_TFD_1_1.xslt, cadenaoriginal_TFD_1_0.xslt.
_TIMBRE: Final[Rules] = (attributes("Version UUID FechaTimbrado RfcProvCertif Leyenda? SelloCFD NoCertificadoSAT"),)
_TIMBRE_10: Final[Rules] = (attributes("version UUID FechaTimbrado selloCFD noCertificadoSAT"),)


def cadena_original(document: etree._Element) -> str:
    """Answer the cadena original of a CFDI 4.0, 3.3 or 3.2, or of Retenciones 2.0.

    `Sello` need not be there, `NoCertificado` must. Raises NotACfdi for another root, ComplementNotSealed for a
    complement whose rules are not written here.
    """
    rules = _RULES.get((document.tag, document.get("Version") or document.get("version") or ""))
    if rules is None:
        raise NotACfdi(root=etree.QName(document).localname[:60])
    return chain(document, rules)


def cadena_timbre(timbre: etree._Element) -> str:
    """Answer the cadena original of a TimbreFiscalDigital 1.1 or 1.0."""
    return chain(timbre, _TIMBRE_10 if timbre.get("version") else _TIMBRE)
