"""Rules of CFDI 3.3 and 3.2. Sources: SAT, cadenaoriginal_3_3.xslt and cadenaoriginal_3_2.xslt."""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.cadena.nomina12 import NOMINA, NOMINA_TAG
from acuse.mx.cfdi.cadena.pagos10 import PAGOS10_TAG, PAGOS_10
from acuse.mx.cfdi.cadena.walk import Nodes, Rules, attributes, complements
from acuse.mx.cfdi.names import CFD3

_each = Nodes(CFD3).each
_ADDRESS: Final = "noExterior? noInterior? colonia? localidad? referencia?"

COMPROBANTE_33: Final[Rules] = (
    attributes(
        "Version Serie? Folio? Fecha FormaPago? NoCertificado CondicionesDePago? SubTotal Descuento? Moneda "
        "TipoCambio? Total TipoDeComprobante MetodoPago? LugarExpedicion Confirmacion?"
    ),
    _each("CfdiRelacionados", attributes("TipoRelacion"), _each("CfdiRelacionado", attributes("UUID"))),
    _each("Emisor", attributes("Rfc Nombre? RegimenFiscal")),
    _each("Receptor", attributes("Rfc Nombre? ResidenciaFiscal? NumRegIdTrib? UsoCFDI")),
    _each(
        "Conceptos/Concepto",
        attributes(
            "ClaveProdServ NoIdentificacion? Cantidad ClaveUnidad Unidad? Descripcion ValorUnitario Importe Descuento?"
        ),
        _each("Impuestos/Traslados/Traslado", attributes("Base Impuesto TipoFactor TasaOCuota? Importe?")),
        _each("Impuestos/Retenciones/Retencion", attributes("Base Impuesto TipoFactor TasaOCuota Importe")),
        _each("InformacionAduanera", attributes("NumeroPedimento")),
        _each("CuentaPredial", attributes("Numero")),
        _each("ComplementoConcepto", complements({})),
        _each(
            "Parte",
            attributes("ClaveProdServ NoIdentificacion? Cantidad Unidad? Descripcion ValorUnitario? Importe?"),
            _each("InformacionAduanera", attributes("NumeroPedimento")),
        ),
    ),
    _each(
        "Impuestos",
        _each("Retenciones/Retencion", attributes("Impuesto Importe")),
        attributes("TotalImpuestosRetenidos?"),
        _each("Traslados/Traslado", attributes("Impuesto TipoFactor TasaOCuota Importe")),
        attributes("TotalImpuestosTrasladados?"),
    ),
    _each("Complemento", complements({NOMINA_TAG: NOMINA, PAGOS10_TAG: PAGOS_10})),
)

COMPROBANTE_32: Final[Rules] = (
    attributes(
        "version fecha tipoDeComprobante formaDePago condicionesDePago? subTotal descuento? TipoCambio? Moneda? total "
        "metodoDePago LugarExpedicion NumCtaPago? FolioFiscalOrig? SerieFolioFiscalOrig? FechaFolioFiscalOrig? "
        "MontoFolioFiscalOrig?"
    ),
    _each(
        "Emisor",
        attributes("rfc nombre?"),
        _each("DomicilioFiscal", attributes(f"calle {_ADDRESS} municipio estado pais codigoPostal")),
        _each("ExpedidoEn", attributes(f"calle? {_ADDRESS} municipio? estado? pais codigoPostal?")),
        _each("RegimenFiscal", attributes("Regimen")),
    ),
    _each(
        "Receptor",
        attributes("rfc nombre?"),
        _each("Domicilio", attributes(f"calle? {_ADDRESS} municipio? estado? pais codigoPostal?")),
    ),
    _each(
        "Conceptos/Concepto",
        attributes("cantidad unidad noIdentificacion? descripcion valorUnitario importe"),
        _each("InformacionAduanera", attributes("numero fecha aduana?")),
        _each("Parte/InformacionAduanera", attributes("numero fecha aduana?")),
        _each("CuentaPredial", attributes("numero")),
        _each("ComplementoConcepto", complements({})),
    ),
    _each(
        "Impuestos",
        _each("Retenciones/Retencion", attributes("impuesto importe")),
        attributes("totalImpuestosRetenidos?"),
        _each("Traslados/Traslado", attributes("impuesto tasa importe")),
        attributes("totalImpuestosTrasladados?"),
    ),
    _each("Complemento", complements({})),
)
