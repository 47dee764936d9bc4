"""Writes a CFDI 4.0 (Ingreso, Egreso, Traslado) as an XML tree, not yet sealed.

Order of nodes and attributes: cfdv40.xsd. Amounts: `amounts`.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from acuse.kernel.money import places_of
from acuse.mx.cfdi.amounts import Totals, line_base, plain, tax_amount, totals_of
from acuse.mx.cfdi.build_carta_porte import add_carta_porte
from acuse.mx.cfdi.build_nodes import add, add_concepto, add_relation, by_kind, new_root, optional, put_head, rate
from acuse.mx.cfdi.draft import Comprobante, Concepto, Emisor, Receptor
from acuse.mx.cfdi.names import CARTA_PORTE31, CARTA_PORTE31_XSD, CFD4, CFD4_XSD

_SCHEMAS: Final = f"{CFD4} {CFD4_XSD}"


def build_comprobante(draft: Comprobante) -> etree._Element:
    """Write an Ingreso, Egreso or Traslado; `seal` adds what is missing."""
    totals = totals_of(draft.conceptos, draft.moneda)
    root = new_root(CFD4, _SCHEMAS if draft.carta_porte is None else f"{_SCHEMAS} {CARTA_PORTE31} {CARTA_PORTE31_XSD}")
    put_invoice_head(root, "4.0", draft, totals)
    if draft.informacion_global is not None:
        info = draft.informacion_global
        node = add(root, "InformacionGlobal", Periodicidad=info.periodicidad, Meses=info.meses)
        node.set("Año", str(info.year))
    add_relation(root, draft.relacion)
    add_parties(root, draft.emisor, draft.receptor)
    conceptos = add(root, "Conceptos")
    for concepto in draft.conceptos:
        _add_concepto(conceptos, concepto)
    if totals.traslados or totals.retenciones:
        _add_totals(root, totals, places_of(draft.moneda))
    if draft.carta_porte is not None:
        add_carta_porte(add(root, "Complemento"), draft.carta_porte, draft.conceptos)
    return root


def put_invoice_head(root: etree._Element, version: str, draft: Comprobante, totals: Totals) -> None:
    """Set the attributes of an Ingreso, Egreso or Traslado, its sums in the places of its currency."""
    places = places_of(draft.moneda)
    put_head(
        root,
        version,
        draft,
        efecto=draft.efecto,
        subtotal=f"{totals.subtotal:.{places}f}",
        descuento=None if totals.descuento is None else f"{totals.descuento:.{places}f}",
        total=f"{totals.total:.{places}f}",
        moneda=draft.moneda,
        tipo_cambio=draft.tipo_cambio,
        forma_pago=draft.forma_pago,
        metodo_pago=draft.metodo_pago,
    )


def add_parties(root: etree._Element, emisor: Emisor, receptor: Receptor) -> None:
    """Write who issues and who receives."""
    add(root, "Emisor", Rfc=emisor.rfc, Nombre=emisor.nombre, RegimenFiscal=emisor.regimen)
    add(
        root,
        "Receptor",
        Rfc=receptor.rfc,
        Nombre=receptor.nombre,
        DomicilioFiscalReceptor=receptor.domicilio,
        ResidenciaFiscal=receptor.residencia,
        NumRegIdTrib=receptor.registro_extranjero,
        RegimenFiscalReceptor=receptor.regimen,
        UsoCFDI=receptor.uso,
    )


def _add_concepto(conceptos: etree._Element, concepto: Concepto) -> None:
    node = add_concepto(conceptos, concepto, ObjetoImp="02" if concepto.impuestos else "01")
    add_line_taxes(node, concepto)
    if concepto.tercero is not None:
        tercero = concepto.tercero
        add(
            node,
            "ACuentaTerceros",
            RfcACuentaTerceros=tercero.rfc,
            NombreACuentaTerceros=tercero.nombre,
            RegimenFiscalACuentaTerceros=tercero.regimen,
            DomicilioFiscalACuentaTerceros=tercero.domicilio,
        )


def add_line_taxes(line: etree._Element, concepto: Concepto) -> None:
    """Write the taxes of a line, if it has any: here transferred ones come before withheld ones."""
    if not concepto.impuestos:
        return
    node, base = add(line, "Impuestos"), line_base(concepto)
    for withheld, group, tag in ((False, "Traslados", "Traslado"), (True, "Retenciones", "Retencion")):
        taxes = [each for each in concepto.impuestos if each.retenido is withheld]
        if not taxes:
            continue
        parent = add(node, group)
        for tax in taxes:
            add(
                parent,
                tag,
                Base=plain(base),
                Impuesto=tax.clave,
                TipoFactor=tax.factor,
                TasaOCuota=rate(tax),
                Importe=optional(tax_amount(base, tax)),
            )


def _add_totals(root: etree._Element, totals: Totals, places: int) -> None:
    """Write the taxes of the document: here withheld ones come first, summed by kind."""
    node = add(root, "Impuestos")
    add_withheld(node, totals, places)
    if totals.traslados:
        if any(each.importe is not None for each in totals.traslados):
            node.set("TotalImpuestosTrasladados", f"{totals.trasladados:.{places}f}")
        parent = add(node, "Traslados")
        for each in totals.traslados:
            add(
                parent,
                "Traslado",
                Base=f"{each.base:.{places}f}",
                Impuesto=each.impuesto.clave,
                TipoFactor=each.impuesto.factor,
                TasaOCuota=rate(each.impuesto),
                Importe=None if each.importe is None else f"{each.importe:.{places}f}",
            )


def add_withheld(node: etree._Element, totals: Totals, places: int) -> None:
    """Write what is withheld of the document, if anything, summed by kind."""
    if totals.retenciones:
        node.set("TotalImpuestosRetenidos", f"{totals.retenidos:.{places}f}")
        group = add(node, "Retenciones")
        for clave, importe in by_kind(totals.retenciones):
            add(group, "Retencion", Impuesto=clave, Importe=f"{importe:.{places}f}")
