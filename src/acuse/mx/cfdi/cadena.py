"""The cadena original of a CFDI 4.0 and of its stamp, by one direct walk.

It gives, string for string, what the official style sheets give for the nodes they know here; a complement
whose rules are not written below is refused, never left out of the chain.
Source: SAT, cadenaoriginal_4_0.xslt, Pagos20.xslt and cadenaoriginal_TFD_1_1.xslt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from acuse.mx.cfdi.errors import ComplementNotSealed, NotACfdi
from acuse.mx.cfdi.names import CFD4, PAGOS20, TFD, clark

_Out = list[str]
_Step = Callable[[_Out, etree._Element], None]  # noqa: SLF001 - lxml has no other name for the type

_LOOSE_SPACE: Final = re.compile(r"[\t\r\n]|  |\A | \Z").search
_SPACES: Final = re.compile(r"[ \t\r\n]+").sub


def cadena_original(comprobante: etree._Element) -> str:
    """Answer the cadena original 4.0 of a document. `Sello` need not be there, `NoCertificado` must.

    Raises NotACfdi for another root, ComplementNotSealed for a complement whose rules are not written here.
    """
    if comprobante.tag != clark(CFD4, "Comprobante"):
        raise NotACfdi(root=etree.QName(comprobante).localname[:60])
    return _chain(comprobante, _COMPROBANTE)


def cadena_timbre(timbre: etree._Element) -> str:
    """Answer the cadena original of a TimbreFiscalDigital 1.1."""
    return _chain(timbre, _TIMBRE)


def _chain(node: etree._Element, steps: tuple[_Step, ...]) -> str:
    out: _Out = []
    for step in steps:
        step(out, node)
    return f"||{'|'.join(out)}||"


def _attributes(names: str) -> _Step:
    """Put attributes in this order. One ending in "?" is optional: absent, it leaves no bar."""
    wanted = [(name.rstrip("?"), not name.endswith("?")) for name in names.split()]

    def put(out: _Out, node: etree._Element) -> None:
        get = node.get
        for name, required in wanted:
            value = get(name)
            if value is not None:
                out.append(_SPACES(" ", value).strip(" ") if _LOOSE_SPACE(value) else value)
            elif required:
                out.append("")

    return put


def _each(path: str, *steps: _Step, namespace: str = CFD4) -> _Step:
    """Take these steps on every element at the end of a path of direct children."""
    first, _, rest = path.partition("/")
    tag = clark(namespace, first)
    inner = (_each(rest, *steps, namespace=namespace),) if rest else steps

    def walk(out: _Out, node: etree._Element) -> None:
        for child in node.iterchildren(tag):
            for step in inner:
                step(out, child)

    return walk


def _each_paid(path: str, *steps: _Step) -> _Step:
    return _each(path, *steps, namespace=PAGOS20)


def _complement(out: _Out, node: etree._Element) -> None:
    """Put the complements in their order; the stamp is no part of the chain."""
    for child in node:
        if child.tag == _PAGOS_TAG:
            for step in _PAGOS:
                step(out, child)
        elif child.tag != _TIMBRE_TAG:
            _refuse(child)


def _concept_complement(_: _Out, node: etree._Element) -> None:
    for child in node:
        _refuse(child)


def _refuse(node: etree._Element) -> None:
    raise ComplementNotSealed(complement=etree.QName(node).localname[:60])


_TIMBRE_TAG: Final = clark(TFD, "TimbreFiscalDigital")
_PAGOS_TAG: Final = clark(PAGOS20, "Pagos")

_TIMBRE: Final = (_attributes("Version UUID FechaTimbrado RfcProvCertif Leyenda? SelloCFD NoCertificadoSAT"),)

_TRASLADO: Final = _attributes("Base Impuesto TipoFactor TasaOCuota? Importe?")

_CONCEPTO: Final = (
    _attributes(
        "ClaveProdServ NoIdentificacion? Cantidad ClaveUnidad Unidad? Descripcion ValorUnitario Importe Descuento? "
        "ObjetoImp"
    ),
    _each("Impuestos/Traslados/Traslado", _TRASLADO),
    _each("Impuestos/Retenciones/Retencion", _attributes("Base Impuesto TipoFactor TasaOCuota Importe")),
    _each(
        "ACuentaTerceros",
        _attributes(
            "RfcACuentaTerceros NombreACuentaTerceros RegimenFiscalACuentaTerceros DomicilioFiscalACuentaTerceros"
        ),
    ),
    _each("InformacionAduanera", _attributes("NumeroPedimento")),
    _each("CuentaPredial", _attributes("Numero")),
    _each("ComplementoConcepto", _concept_complement),
    _each(
        "Parte",
        _attributes("ClaveProdServ NoIdentificacion? Cantidad Unidad? Descripcion ValorUnitario? Importe?"),
        _each("InformacionAduanera", _attributes("NumeroPedimento")),
    ),
)

_COMPROBANTE: Final = (
    _attributes(
        "Version Serie? Folio? Fecha FormaPago? NoCertificado CondicionesDePago? SubTotal Descuento? Moneda "
        "TipoCambio? Total TipoDeComprobante Exportacion MetodoPago? LugarExpedicion Confirmacion?"
    ),
    _each("InformacionGlobal", _attributes("Periodicidad Meses Año")),
    _each("CfdiRelacionados", _attributes("TipoRelacion"), _each("CfdiRelacionado", _attributes("UUID"))),
    _each("Emisor", _attributes("Rfc Nombre RegimenFiscal FacAtrAdquirente?")),
    _each(
        "Receptor",
        _attributes("Rfc Nombre DomicilioFiscalReceptor ResidenciaFiscal? NumRegIdTrib? RegimenFiscalReceptor UsoCFDI"),
    ),
    _each("Conceptos/Concepto", *_CONCEPTO),
    _each(
        "Impuestos",
        _each("Retenciones/Retencion", _attributes("Impuesto Importe")),
        _attributes("TotalImpuestosRetenidos?"),
        _each("Traslados/Traslado", _TRASLADO),
        _attributes("TotalImpuestosTrasladados?"),
    ),
    _each("Complemento", _complement),
)

_PAGOS: Final = (
    _attributes("Version"),
    _each_paid(
        "Totales",
        _attributes(
            "TotalRetencionesIVA? TotalRetencionesISR? TotalRetencionesIEPS? TotalTrasladosBaseIVA16? "
            "TotalTrasladosImpuestoIVA16? TotalTrasladosBaseIVA8? TotalTrasladosImpuestoIVA8? "
            "TotalTrasladosBaseIVA0? TotalTrasladosImpuestoIVA0? TotalTrasladosBaseIVAExento? MontoTotalPagos"
        ),
    ),
    _each_paid(
        "Pago",
        _attributes(
            "FechaPago FormaDePagoP MonedaP TipoCambioP? Monto NumOperacion? RfcEmisorCtaOrd? NomBancoOrdExt? "
            "CtaOrdenante? RfcEmisorCtaBen? CtaBeneficiario? TipoCadPago? CertPago? CadPago? SelloPago?"
        ),
        _each_paid(
            "DoctoRelacionado",
            _attributes(
                "IdDocumento Serie? Folio? MonedaDR EquivalenciaDR? NumParcialidad ImpSaldoAnt ImpPagado "
                "ImpSaldoInsoluto ObjetoImpDR"
            ),
            _each_paid(
                "ImpuestosDR/RetencionesDR/RetencionDR",
                _attributes("BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR ImporteDR"),
            ),
            _each_paid(
                "ImpuestosDR/TrasladosDR/TrasladoDR",
                _attributes("BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR? ImporteDR?"),
            ),
        ),
        _each_paid("ImpuestosP/RetencionesP/RetencionP", _attributes("ImpuestoP ImporteP")),
        _each_paid(
            "ImpuestosP/TrasladosP/TrasladoP", _attributes("BaseP ImpuestoP TipoFactorP TasaOCuotaP? ImporteP?")
        ),
    ),
)
