"""Writes a payment document (CFDI 4.0 of type P with the complement Pagos 2.0), not yet sealed.

Source: Anexo 20, Complemento para recepción de pagos 2.0, guía de llenado.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from lxml import etree

from acuse.kernel.money import round_half_up
from acuse.mx.cfdi.amounts import LINE_PLACES, TaxSum, plain, sum_taxes
from acuse.mx.cfdi.build import add_parties
from acuse.mx.cfdi.build_nodes import add, by_kind, new_root, optional, put, rate
from acuse.mx.cfdi.draft import DocumentoPagado, Impuesto, Pago
from acuse.mx.cfdi.names import CFD4, CFD4_XSD, PAGOS20, PAGOS20_XSD

_IVA: Final = "002"
_WITHHELD_TOTALS: Final = {
    "002": "TotalRetencionesIVA",
    "001": "TotalRetencionesISR",
    "003": "TotalRetencionesIEPS",
}
_RATE_NAMES: Final = {Decimal("0.16"): "IVA16", Decimal("0.08"): "IVA8", Decimal(0): "IVA0"}


def build_pago(draft: Pago) -> etree._Element:
    """Write the payment document; `seal` adds what is missing."""
    root = new_root(CFD4, f"{CFD4} {CFD4_XSD} {PAGOS20} {PAGOS20_XSD}")
    put(
        root,
        Version="4.0",
        Serie=draft.serie,
        Folio=draft.folio,
        Fecha=draft.fecha.isoformat(timespec="seconds"),
        SubTotal="0",
        Moneda="XXX",
        Total="0",
        TipoDeComprobante="P",
        Exportacion="01",
        LugarExpedicion=draft.lugar_expedicion,
    )
    add_parties(root, draft.emisor, draft.receptor)
    add(
        add(root, "Conceptos"),
        "Concepto",
        ClaveProdServ="84111506",
        Cantidad="1",
        ClaveUnidad="ACT",
        Descripcion="Pago",
        ValorUnitario="0",
        Importe="0",
        ObjetoImp="01",
    )
    _add_pagos(add(root, "Complemento"), draft)
    return root


def paid_taxes(document: DocumentoPagado) -> list[tuple[Impuesto, Decimal]]:
    """Answer the taxes of an invoice with the part of their base that this payment covers."""
    return [
        (tax, round_half_up(base * document.pagado / document.total, LINE_PLACES)) for tax, base in document.impuestos
    ]


def _add_pagos(complemento: etree._Element, draft: Pago) -> None:
    pagos = etree.SubElement(complemento, _tag("Pagos"), nsmap={"pago20": PAGOS20})
    pagos.set("Version", "2.0")
    taxes = sum_taxes(each for document in draft.documentos for each in paid_taxes(document))
    monto = sum((document.pagado for document in draft.documentos), Decimal(0))
    totales = etree.SubElement(pagos, _tag("Totales"))
    for name, amount in _totals(taxes):
        totales.set(name, f"{round_half_up(amount * draft.tipo_cambio, 2):.2f}")
    totales.set("MontoTotalPagos", f"{round_half_up(monto * draft.tipo_cambio, 2):.2f}")
    pago = etree.SubElement(pagos, _tag("Pago"))
    put(
        pago,
        FechaPago=draft.fecha_pago.isoformat(timespec="seconds"),
        FormaDePagoP=draft.forma_pago,
        MonedaP=draft.moneda,
        TipoCambioP=plain(draft.tipo_cambio, least=0),
        Monto=f"{monto:.2f}",
    )
    for document in draft.documentos:
        _add_document(pago, document, draft.moneda)
    _add_taxes(pago, taxes, "P")


def _totals(taxes: list[TaxSum]) -> list[tuple[str, Decimal]]:
    """Name the totals in the order the schema wants them: withheld first, then transferred IVA by rate."""
    named: dict[str, Decimal] = {}
    for tax, base, importe in taxes:
        if tax.retenido:
            names = [(_WITHHELD_TOTALS[tax.clave], importe)]
        elif tax.clave != _IVA:
            continue
        elif tax.tasa is None:
            names = [("TotalTrasladosBaseIVAExento", base)]
        else:
            suffix = _RATE_NAMES[tax.tasa]
            names = [(f"TotalTrasladosBase{suffix}", base), (f"TotalTrasladosImpuesto{suffix}", importe)]
        for name, amount in names:
            named[name] = named.get(name, Decimal(0)) + (amount or 0)
    return list(named.items())


def _add_document(pago: etree._Element, document: DocumentoPagado, moneda: str) -> None:
    node = etree.SubElement(pago, _tag("DoctoRelacionado"))
    put(
        node,
        IdDocumento=document.uuid,
        Serie=document.serie,
        Folio=document.folio,
        MonedaDR=moneda,
        EquivalenciaDR="1",
        NumParcialidad=str(document.parcialidad),
        ImpSaldoAnt=f"{document.saldo_anterior:.2f}",
        ImpPagado=f"{document.pagado:.2f}",
        ImpSaldoInsoluto=f"{document.saldo_anterior - document.pagado:.2f}",
        ObjetoImpDR="02" if document.impuestos else "01",
    )
    if document.impuestos:
        _add_taxes(node, sum_taxes(paid_taxes(document)), "DR")


def _add_taxes(parent: etree._Element, taxes: list[TaxSum], suffix: str) -> None:
    """Write ImpuestosDR or ImpuestosP; both put withheld taxes first."""
    if not taxes:
        return
    node = etree.SubElement(parent, _tag(f"Impuestos{suffix}"))
    withheld = [each for each in taxes if each.impuesto.retenido]
    transferred = [each for each in taxes if not each.impuesto.retenido]
    if withheld:
        group = etree.SubElement(node, _tag(f"Retenciones{suffix}"))
        if suffix == "P":
            for clave, importe in by_kind(withheld):
                put(etree.SubElement(group, _tag("RetencionP")), ImpuestoP=clave, ImporteP=plain(importe))
        else:
            for each in withheld:
                _put_tax(etree.SubElement(group, _tag("RetencionDR")), each, suffix)
    if transferred:
        group = etree.SubElement(node, _tag(f"Traslados{suffix}"))
        for each in transferred:
            _put_tax(etree.SubElement(group, _tag(f"Traslado{suffix}")), each, suffix)


def _put_tax(node: etree._Element, tax: TaxSum, suffix: str) -> None:
    values = {
        "Base": plain(tax.base),
        "Impuesto": tax.impuesto.clave,
        "TipoFactor": tax.impuesto.factor,
        "TasaOCuota": rate(tax.impuesto),
        "Importe": optional(tax.importe),
    }
    put(node, **{f"{name}{suffix}": value for name, value in values.items()})


def _tag(name: str) -> str:
    return f"{{{PAGOS20}}}{name}"
