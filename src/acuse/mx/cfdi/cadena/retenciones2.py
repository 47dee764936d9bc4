"""Rules of CFDI de Retenciones e información de pagos 2.0. Source: SAT, retencionpago/2/retenciones.xslt."""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.cadena.walk import Nodes, Rules, attributes, complements
from acuse.mx.cfdi.names import RETENCIONES2

_each = Nodes(RETENCIONES2).each

RETENCIONES: Final[Rules] = (
    attributes("Version NoCertificado FolioInt? FechaExp LugarExpRetenc CveRetenc DescRetenc?"),
    _each("CfdiRetenRelacionados", attributes("TipoRelacion UUID")),
    _each("Emisor", attributes("RfcE NomDenRazSocE RegimenFiscalE")),
    _each(
        "Receptor",
        attributes("NacionalidadR"),
        _each("Nacional", attributes("RfcR NomDenRazSocR CurpR? DomicilioFiscalR")),
        _each("Extranjero", attributes("NumRegIdTribR? NomDenRazSocR")),
    ),
    _each("Periodo", attributes("MesIni MesFin Ejercicio")),
    _each(
        "Totales",
        attributes("MontoTotOperacion MontoTotGrav MontoTotExent MontoTotRet UtilidadBimestral? ISRCorrespondiente?"),
        _each("ImpRetenidos", attributes("BaseRet? ImpuestoRet? MontoRet TipoPagoRet")),
    ),
    _each("Complemento", complements({})),
)
