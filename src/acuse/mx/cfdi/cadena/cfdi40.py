"""Rules of CFDI 4.0. Source: SAT, cadenaoriginal_4_0.xslt."""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.cadena.carta_porte31 import CARTA_PORTE, CARTA_PORTE_TAG
from acuse.mx.cfdi.cadena.nomina12 import NOMINA, NOMINA_TAG
from acuse.mx.cfdi.cadena.pagos20 import PAGOS, PAGOS_TAG
from acuse.mx.cfdi.cadena.walk import Nodes, Rules, attributes, complements
from acuse.mx.cfdi.names import CFD4

_each = Nodes(CFD4).each
_TRASLADO: Final = attributes("Base Impuesto TipoFactor TasaOCuota? Importe?")

_CONCEPTO: Final = (
    attributes(
        "ClaveProdServ NoIdentificacion? Cantidad ClaveUnidad Unidad? Descripcion ValorUnitario Importe Descuento? "
        "ObjetoImp"
    ),
    _each("Impuestos/Traslados/Traslado", _TRASLADO),
    _each("Impuestos/Retenciones/Retencion", attributes("Base Impuesto TipoFactor TasaOCuota Importe")),
    _each(
        "ACuentaTerceros",
        attributes(
            "RfcACuentaTerceros NombreACuentaTerceros RegimenFiscalACuentaTerceros DomicilioFiscalACuentaTerceros"
        ),
    ),
    _each("InformacionAduanera", attributes("NumeroPedimento")),
    _each("CuentaPredial", attributes("Numero")),
    _each("ComplementoConcepto", complements({})),
    _each(
        "Parte",
        attributes("ClaveProdServ NoIdentificacion? Cantidad Unidad? Descripcion ValorUnitario? Importe?"),
        _each("InformacionAduanera", attributes("NumeroPedimento")),
    ),
)

COMPROBANTE: Final[Rules] = (
    attributes(
        "Version Serie? Folio? Fecha FormaPago? NoCertificado CondicionesDePago? SubTotal Descuento? Moneda "
        "TipoCambio? Total TipoDeComprobante Exportacion MetodoPago? LugarExpedicion Confirmacion?"
    ),
    _each("InformacionGlobal", attributes("Periodicidad Meses Año")),
    _each("CfdiRelacionados", attributes("TipoRelacion"), _each("CfdiRelacionado", attributes("UUID"))),
    _each("Emisor", attributes("Rfc Nombre RegimenFiscal FacAtrAdquirente?")),
    _each(
        "Receptor",
        attributes("Rfc Nombre DomicilioFiscalReceptor ResidenciaFiscal? NumRegIdTrib? RegimenFiscalReceptor UsoCFDI"),
    ),
    _each("Conceptos/Concepto", *_CONCEPTO),
    _each(
        "Impuestos",
        _each("Retenciones/Retencion", attributes("Impuesto Importe")),
        attributes("TotalImpuestosRetenidos?"),
        _each("Traslados/Traslado", _TRASLADO),
        attributes("TotalImpuestosTrasladados?"),
    ),
    _each("Complemento", complements({PAGOS_TAG: PAGOS, NOMINA_TAG: NOMINA, CARTA_PORTE_TAG: CARTA_PORTE})),
)
