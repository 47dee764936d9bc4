"""The cadena original of a CFDI 4.0 and of its stamp, by one direct walk.

It gives, string for string, what the official style sheets give for the nodes they know here; a complement
whose rules are not written below is refused, never left out of the chain.
Source: SAT, cadenaoriginal_4_0.xslt, Pagos20.xslt and cadenaoriginal_TFD_1_1.xslt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from acuse.mx.cfdi.errors import CfdiError, NotACfdi
from acuse.mx.cfdi.names import CFD4, PAGOS20, TFD, clark

_Out = list[str]

# A name ending in "?" is optional: when absent it leaves no bar. A required one always leaves its bar.
_COMPROBANTE: Final = (
    "Version Serie? Folio? Fecha FormaPago? NoCertificado CondicionesDePago? SubTotal Descuento? Moneda TipoCambio? "
    "Total TipoDeComprobante Exportacion MetodoPago? LugarExpedicion Confirmacion?"
)
_EMISOR: Final = "Rfc Nombre RegimenFiscal FacAtrAdquirente?"
_RECEPTOR: Final = "Rfc Nombre DomicilioFiscalReceptor ResidenciaFiscal? NumRegIdTrib? RegimenFiscalReceptor UsoCFDI"
_CONCEPTO: Final = "ClaveProdServ NoIdentificacion? Cantidad ClaveUnidad Unidad? Descripcion ValorUnitario Importe Descuento? ObjetoImp"
_TRASLADO: Final = "Base Impuesto TipoFactor TasaOCuota? Importe?"
_RETENCION: Final = "Base Impuesto TipoFactor TasaOCuota Importe"
_TERCEROS: Final = (
    "RfcACuentaTerceros NombreACuentaTerceros RegimenFiscalACuentaTerceros DomicilioFiscalACuentaTerceros"
)
_PARTE: Final = "ClaveProdServ NoIdentificacion? Cantidad Unidad? Descripcion ValorUnitario? Importe?"
_TOTALES: Final = (
    "TotalRetencionesIVA? TotalRetencionesISR? TotalRetencionesIEPS? TotalTrasladosBaseIVA16? "
    "TotalTrasladosImpuestoIVA16? TotalTrasladosBaseIVA8? TotalTrasladosImpuestoIVA8? TotalTrasladosBaseIVA0? "
    "TotalTrasladosImpuestoIVA0? TotalTrasladosBaseIVAExento? MontoTotalPagos"
)
_PAGO: Final = (
    "FechaPago FormaDePagoP MonedaP TipoCambioP? Monto NumOperacion? RfcEmisorCtaOrd? NomBancoOrdExt? CtaOrdenante? "
    "RfcEmisorCtaBen? CtaBeneficiario? TipoCadPago? CertPago? CadPago? SelloPago?"
)
_DOCTO: Final = (
    "IdDocumento Serie? Folio? MonedaDR EquivalenciaDR? NumParcialidad ImpSaldoAnt ImpPagado ImpSaldoInsoluto "
    "ObjetoImpDR"
)
_TIMBRE: Final = "Version UUID FechaTimbrado RfcProvCertif Leyenda? SelloCFD NoCertificadoSAT"

_LOOSE_SPACE: Final = re.compile(r"[\t\r\n]|  |\A | \Z").search
_SPACES: Final = re.compile(r"[ \t\r\n]+").sub


class ComplementNotSealed(CfdiError):
    """The cadena original of this complement is not known here."""

    code = "CFDI_COMPLEMENT_UNKNOWN"
    message = "Acuse no conoce la cadena original del complemento «{complement}»."


def cadena_original(comprobante: etree._Element) -> str:
    """Answer the cadena original 4.0 of a document. `Sello` need not be there, `NoCertificado` must.

    Raises NotACfdi for another root, ComplementNotSealed for a complement whose rules are not written here.
    """
    if comprobante.tag != clark(CFD4, "Comprobante"):
        raise NotACfdi(root=etree.QName(comprobante).localname[:60])
    out: _Out = []
    _put_comprobante(out, comprobante)
    for node in _each(comprobante, "InformacionGlobal"):
        _put_global(out, node)
    for node in _each(comprobante, "CfdiRelacionados"):
        _put_related(out, node)
    for node in _each(comprobante, "Emisor"):
        _put_emisor(out, node)
    for node in _each(comprobante, "Receptor"):
        _put_receptor(out, node)
    for conceptos in _each(comprobante, "Conceptos"):
        for node in _each(conceptos, "Concepto"):
            _concepto(out, node)
    for node in _each(comprobante, "Impuestos"):
        _impuestos(out, node)
    for complemento in _each(comprobante, "Complemento"):
        for node in complemento:
            _complemento(out, node)
    return f"||{'|'.join(out)}||"


def cadena_timbre(timbre: etree._Element) -> str:
    """Answer the cadena original of a TimbreFiscalDigital 1.1."""
    out: _Out = []
    _put_timbre(out, timbre)
    return f"||{'|'.join(out)}||"


def _puts(attributes: str) -> Callable[[_Out, etree._Element], None]:
    """Make the writer of one element's attributes, in their order."""
    wanted = [(name.rstrip("?"), not name.endswith("?")) for name in attributes.split()]

    def put(out: _Out, node: etree._Element) -> None:
        get = node.get
        for name, required in wanted:
            value = get(name)
            if value is not None:
                out.append(_SPACES(" ", value).strip(" ") if _LOOSE_SPACE(value) else value)
            elif required:
                out.append("")

    return put


_put_comprobante = _puts(_COMPROBANTE)
_put_global = _puts("Periodicidad Meses Año")
_put_emisor = _puts(_EMISOR)
_put_receptor = _puts(_RECEPTOR)
_put_concepto = _puts(_CONCEPTO)
_put_traslado = _puts(_TRASLADO)
_put_retencion = _puts(_RETENCION)
_put_terceros = _puts(_TERCEROS)
_put_pedimento = _puts("NumeroPedimento")
_put_predial = _puts("Numero")
_put_parte = _puts(_PARTE)
_put_document_retencion = _puts("Impuesto Importe")
_put_retenidos = _puts("TotalImpuestosRetenidos?")
_put_trasladados = _puts("TotalImpuestosTrasladados?")
_put_relacion = _puts("TipoRelacion")
_put_uuid = _puts("UUID")
_put_version = _puts("Version")
_put_totales = _puts(_TOTALES)
_put_pago = _puts(_PAGO)
_put_docto = _puts(_DOCTO)
_put_retencion_dr = _puts("BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR ImporteDR")
_put_traslado_dr = _puts("BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR? ImporteDR?")
_put_retencion_p = _puts("ImpuestoP ImporteP")
_put_traslado_p = _puts("BaseP ImpuestoP TipoFactorP TasaOCuotaP? ImporteP?")
_put_timbre = _puts(_TIMBRE)


def _each(node: etree._Element, name: str, namespace: str = CFD4) -> Iterator[etree._Element]:
    """Walk the direct children of this name."""
    return node.iterchildren(f"{{{namespace}}}{name}")


def _within(node: etree._Element, *path: str, namespace: str = CFD4) -> Iterator[etree._Element]:
    """Walk the elements at the end of this path of names."""
    first, *rest = path
    for child in _each(node, first, namespace):
        if rest:
            yield from _within(child, *rest, namespace=namespace)
        else:
            yield child


def _put_related(out: _Out, node: etree._Element) -> None:
    _put_relacion(out, node)
    for each in _each(node, "CfdiRelacionado"):
        _put_uuid(out, each)


def _concepto(out: _Out, node: etree._Element) -> None:
    _put_concepto(out, node)
    if len(node) == 0:
        return
    for each in _within(node, "Impuestos", "Traslados", "Traslado"):
        _put_traslado(out, each)
    for each in _within(node, "Impuestos", "Retenciones", "Retencion"):
        _put_retencion(out, each)
    for each in _each(node, "ACuentaTerceros"):
        _put_terceros(out, each)
    for each in _each(node, "InformacionAduanera"):
        _put_pedimento(out, each)
    for each in _each(node, "CuentaPredial"):
        _put_predial(out, each)
    for complement in _within(node, "ComplementoConcepto"):
        for each in complement:
            raise ComplementNotSealed(complement=etree.QName(each).localname[:60])
    for each in _each(node, "Parte"):
        _put_parte(out, each)
        for pedimento in _each(each, "InformacionAduanera"):
            _put_pedimento(out, pedimento)


def _impuestos(out: _Out, node: etree._Element) -> None:
    for each in _within(node, "Retenciones", "Retencion"):
        _put_document_retencion(out, each)
    _put_retenidos(out, node)
    for each in _within(node, "Traslados", "Traslado"):
        _put_traslado(out, each)
    _put_trasladados(out, node)


def _complemento(out: _Out, node: etree._Element) -> None:
    if node.tag == clark(TFD, "TimbreFiscalDigital"):
        return
    if node.tag != clark(PAGOS20, "Pagos"):
        raise ComplementNotSealed(complement=etree.QName(node).localname[:60])
    _put_version(out, node)
    for each in _each(node, "Totales", PAGOS20):
        _put_totales(out, each)
    for pago in _each(node, "Pago", PAGOS20):
        _put_pago(out, pago)
        for docto in _each(pago, "DoctoRelacionado", PAGOS20):
            _put_docto(out, docto)
            for each in _within(docto, "ImpuestosDR", "RetencionesDR", "RetencionDR", namespace=PAGOS20):
                _put_retencion_dr(out, each)
            for each in _within(docto, "ImpuestosDR", "TrasladosDR", "TrasladoDR", namespace=PAGOS20):
                _put_traslado_dr(out, each)
        for each in _within(pago, "ImpuestosP", "RetencionesP", "RetencionP", namespace=PAGOS20):
            _put_retencion_p(out, each)
        for each in _within(pago, "ImpuestosP", "TrasladosP", "TrasladoP", namespace=PAGOS20):
            _put_traslado_p(out, each)
