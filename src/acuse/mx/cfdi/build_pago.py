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
from acuse.mx.cfdi.build_nodes import add, add_complement, by_kind, new_root, optional, put, put_head, rate
from acuse.mx.cfdi.draft import DocumentoPagado, Impuesto, Pago
from acuse.mx.cfdi.names import CFD4, CFD4_XSD, PAGOS20, PAGOS20_XSD

PAYMENT_LINE: Final = {
    "ClaveProdServ": "84111506",
    "Cantidad": "1",
    "ClaveUnidad": "ACT",
    "Descripcion": "Pago",
    "ValorUnitario": "0",
    "Importe": "0",
}
"""The one line of every payment document."""
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
    put_payment_head(root, "4.0", draft)
    add_parties(root, draft.emisor, draft.receptor)
    add(add(root, "Conceptos"), "Concepto", **PAYMENT_LINE, ObjetoImp="01")
    _add_pagos(add(root, "Complemento"), draft)
    return root


def put_payment_head(root: etree._Element, version: str, draft: Pago) -> None:
    """Set the attributes of a payment document: no amount of its own and no currency."""
    put_head(root, version, draft, efecto="P", subtotal="0", total="0", moneda="XXX")


def add_payment(pagos: etree._Element, draft: Pago, tipo_cambio: str | None) -> etree._Element:
    """Append the one payment, without its invoices and taxes."""
    return add(
        pagos,
        "Pago",
        FechaPago=draft.fecha_pago.isoformat(timespec="seconds"),
        FormaDePagoP=draft.forma_pago,
        MonedaP=draft.moneda,
        TipoCambioP=tipo_cambio,
        Monto=f"{sum(document.pagado for document in draft.documentos):.2f}",
    )


def add_paid(pago: etree._Element, document: DocumentoPagado, moneda: str, **terms: str) -> etree._Element:
    """Append an invoice with what was owed, what is paid and what remains; `terms` is what the version says of it."""
    return add(
        pago,
        "DoctoRelacionado",
        IdDocumento=document.uuid,
        Serie=document.serie,
        Folio=document.folio,
        MonedaDR=moneda,
        **terms,
        NumParcialidad=str(document.parcialidad),
        ImpSaldoAnt=f"{document.saldo_anterior:.2f}",
        ImpPagado=f"{document.pagado:.2f}",
        ImpSaldoInsoluto=f"{document.saldo_anterior - document.pagado:.2f}",
    )


def paid_taxes(document: DocumentoPagado) -> list[tuple[Impuesto, Decimal]]:
    """Answer the taxes of an invoice with the part of their base that this payment covers."""
    return [
        (tax, round_half_up(base * document.pagado / document.total, LINE_PLACES)) for tax, base in document.impuestos
    ]


def _add_pagos(complemento: etree._Element, draft: Pago) -> None:
    pagos = add_complement(complemento, PAGOS20, "pago20", "Pagos")
    pagos.set("Version", "2.0")
    taxes = sum_taxes(each for document in draft.documentos for each in paid_taxes(document))
    monto = sum((document.pagado for document in draft.documentos), Decimal(0))
    totales = add(pagos, "Totales")
    for name, amount in _totals(taxes):
        totales.set(name, f"{round_half_up(amount * draft.tipo_cambio, 2):.2f}")
    totales.set("MontoTotalPagos", f"{round_half_up(monto * draft.tipo_cambio, 2):.2f}")
    pago = add_payment(pagos, draft, plain(draft.tipo_cambio, least=0))
    for document in draft.documentos:
        node = add_paid(pago, document, draft.moneda, EquivalenciaDR="1")
        node.set("ObjetoImpDR", "02" if document.impuestos else "01")
        _add_taxes(node, sum_taxes(paid_taxes(document)), "DR")
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


def _add_taxes(parent: etree._Element, taxes: list[TaxSum], suffix: str) -> None:
    """Write ImpuestosDR or ImpuestosP; both put withheld taxes first."""
    if not taxes:
        return
    node = add(parent, f"Impuestos{suffix}")
    withheld = [each for each in taxes if each.impuesto.retenido]
    transferred = [each for each in taxes if not each.impuesto.retenido]
    if withheld:
        group = add(node, f"Retenciones{suffix}")
        if suffix == "P":
            for clave, importe in by_kind(withheld):
                add(group, "RetencionP", ImpuestoP=clave, ImporteP=plain(importe))
        else:
            for each in withheld:
                _put_tax(add(group, "RetencionDR"), each, suffix)
    if transferred:
        group = add(node, f"Traslados{suffix}")
        for each in transferred:
            _put_tax(add(group, f"Traslado{suffix}"), each, suffix)


def _put_tax(node: etree._Element, tax: TaxSum, suffix: str) -> None:
    values = {
        "Base": plain(tax.base),
        "Impuesto": tax.impuesto.clave,
        "TipoFactor": tax.impuesto.factor,
        "TasaOCuota": rate(tax.impuesto),
        "Importe": optional(tax.importe),
    }
    put(node, **{f"{name}{suffix}": value for name, value in values.items()})
