"""Writes documents of earlier years: CFDI 3.3 (also payments and payroll) and 3.2, not yet sealed.

Sources: SAT, cfdv33.xsd (2017 to March 2023) and cfdv32.xsd (2012 to November 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from lxml import etree

from acuse.kernel.money import places_of
from acuse.mx.cfdi.amounts import TaxSum, Totals, line_amount, plain, totals_of
from acuse.mx.cfdi.build import add_line_taxes, add_withheld, put_invoice_head
from acuse.mx.cfdi.build_nodes import add, add_complement, add_concepto, add_relation, by_kind, new_root, put, rate
from acuse.mx.cfdi.build_nomina import add_nomina, add_payroll_line, put_payroll_head
from acuse.mx.cfdi.build_pago import PAYMENT_LINE, add_paid, add_payment, put_payment_head
from acuse.mx.cfdi.draft import Comprobante, Emisor, Nomina, Pago, Receptor
from acuse.mx.cfdi.names import CFD3, CFD32_XSD, CFD33_XSD, NOMINA12, NOMINA12_XSD, PAGOS10, PAGOS10_XSD

_KINDS_32: Final = {"I": "ingreso", "E": "egreso", "T": "traslado"}
_METHODS_32: Final = {"01": "01", "02": "02", "03": "03", "04": "04", "28": "28", "17": "NA"}
_TAXES_32: Final = {"001": "ISR", "002": "IVA", "003": "IEPS"}
_USES_SINCE_40: Final = {"S01": "P01", "CP01": "P01", "CN01": "P01"}


def build_comprobante_33(draft: Comprobante) -> etree._Element:
    """Write a CFDI 3.3; what only 4.0 knows is left out."""
    totals = totals_of(draft.conceptos, draft.moneda)
    root = new_root(CFD3, f"{CFD3} {CFD33_XSD}")
    put_invoice_head(root, "3.3", draft, totals)
    add_relation(root, draft.relacion)
    _add_parties_33(root, draft.emisor, draft.receptor)
    conceptos = add(root, "Conceptos")
    for concepto in draft.conceptos:
        add_line_taxes(add_concepto(conceptos, concepto), concepto)
    _add_totals_33(root, totals, places_of(draft.moneda))
    return root


def build_pago_33(draft: Pago) -> etree._Element:
    """Write a payment as CFDI 3.3 with the complement Pagos 1.0, which knows no taxes."""
    root = new_root(CFD3, f"{CFD3} {CFD33_XSD} {PAGOS10} {PAGOS10_XSD}")
    put_payment_head(root, "3.3", draft)
    _add_parties_33(root, draft.emisor, draft.receptor)
    add(add(root, "Conceptos"), "Concepto", **PAYMENT_LINE)
    pagos = add_complement(add(root, "Complemento"), PAGOS10, "pago10", "Pagos")
    pagos.set("Version", "1.0")
    pago = add_payment(pagos, draft, None if draft.moneda == "MXN" else plain(draft.tipo_cambio, least=0))
    for document in draft.documentos:
        add_paid(pago, document, draft.moneda, MetodoDePagoDR="PPD")
    return root


def build_nomina_33(draft: Nomina) -> etree._Element:
    """Write a payroll receipt as CFDI 3.3 with the complement Nómina 1.2."""
    root = new_root(CFD3, f"{CFD3} {CFD33_XSD} {NOMINA12} {NOMINA12_XSD}")
    put_payroll_head(root, "3.3", draft, forma_pago="99")
    _add_parties_33(root, draft.emisor, draft.trabajador.receptor)
    add_payroll_line(root, draft)
    add_nomina(add(root, "Complemento"), draft)
    return root


def build_comprobante_32(draft: Comprobante) -> etree._Element:
    """Write a CFDI 3.2: no catalogues, all taxes in one node, attributes in lower case."""
    totals = totals_of(draft.conceptos, draft.moneda)
    root = new_root(CFD3, f"{CFD3} {CFD32_XSD}")
    put(
        root,
        version="3.2",
        serie=draft.serie,
        folio=draft.folio,
        fecha=draft.fecha.isoformat(timespec="seconds"),
        formaDePago="Pago en una sola exhibición" if draft.metodo_pago != "PPD" else "Pago en parcialidades",
        subTotal=f"{totals.subtotal:.2f}",
        descuento=None if totals.descuento is None else f"{totals.descuento:.2f}",
        TipoCambio=None if draft.tipo_cambio is None else plain(draft.tipo_cambio, least=0),
        Moneda="Pesos" if draft.moneda == "MXN" else draft.moneda,
        total=f"{totals.total:.2f}",
        tipoDeComprobante=_KINDS_32[draft.efecto],
        metodoDePago=_METHODS_32.get(draft.forma_pago or "", "NA"),
        LugarExpedicion=f"{draft.lugar_expedicion}, México",
    )
    emisor = add(root, "Emisor", rfc=draft.emisor.rfc, nombre=draft.emisor.nombre)
    add(emisor, "RegimenFiscal", Regimen=draft.emisor.regimen)
    add(root, "Receptor", rfc=draft.receptor.rfc, nombre=draft.receptor.nombre)
    conceptos = add(root, "Conceptos")
    for concepto in draft.conceptos:
        add(
            conceptos,
            "Concepto",
            cantidad=plain(concepto.cantidad, least=0),
            unidad=concepto.unidad or "No aplica",
            noIdentificacion=concepto.no_identificacion,
            descripcion=concepto.descripcion,
            valorUnitario=plain(concepto.valor_unitario),
            importe=plain(line_amount(concepto)),
        )
    _add_taxes_32(add(root, "Impuestos"), totals)
    return root


def _add_parties_33(root: etree._Element, emisor: Emisor, receptor: Receptor) -> None:
    add(root, "Emisor", Rfc=emisor.rfc, Nombre=emisor.nombre, RegimenFiscal=emisor.regimen)
    add(
        root,
        "Receptor",
        Rfc=receptor.rfc,
        Nombre=receptor.nombre,
        ResidenciaFiscal=receptor.residencia,
        NumRegIdTrib=receptor.registro_extranjero,
        UsoCFDI=_USES_SINCE_40.get(receptor.uso, receptor.uso),
    )


def _add_totals_33(root: etree._Element, totals: Totals, places: int) -> None:
    """Write the taxes of the document. An exempt one has no amount and is not summed here."""
    charged = _charged(totals.traslados)
    if not (charged or totals.retenciones):
        return
    node = add(root, "Impuestos")
    add_withheld(node, totals, places)
    if charged:
        node.set("TotalImpuestosTrasladados", f"{totals.trasladados:.{places}f}")
        group = add(node, "Traslados")
        for each, importe in charged:
            tax = {"Impuesto": each.impuesto.clave, "TipoFactor": each.impuesto.factor}
            add(group, "Traslado", **tax, TasaOCuota=rate(each.impuesto), Importe=f"{importe:.{places}f}")


def _add_taxes_32(node: etree._Element, totals: Totals) -> None:
    if totals.retenciones:
        node.set("totalImpuestosRetenidos", f"{totals.retenidos:.2f}")
        group = add(node, "Retenciones")
        for clave, importe in by_kind(totals.retenciones):
            add(group, "Retencion", impuesto=_TAXES_32[clave], importe=f"{importe:.2f}")
    charged = _charged(totals.traslados)
    if charged:
        node.set("totalImpuestosTrasladados", f"{totals.trasladados:.2f}")
        group = add(node, "Traslados")
        for each, importe in charged:
            percent = plain((each.impuesto.tasa or Decimal(0)) * 100)
            add(group, "Traslado", impuesto=_TAXES_32[each.impuesto.clave], tasa=percent, importe=f"{importe:.2f}")


def _charged(traslados: Sequence[TaxSum]) -> list[tuple[TaxSum, Decimal]]:
    return [(each, each.importe) for each in traslados if each.importe is not None]
