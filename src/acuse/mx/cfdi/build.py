"""Writes a CFDI 4.0 (Ingreso, Egreso, Traslado) as an XML tree, not yet sealed.

Order of nodes and attributes: cfdv40.xsd. Amounts: `amounts`.
"""

from __future__ import annotations

from typing import Final

from lxml import etree

from acuse.kernel.money import places_of
from acuse.mx.cfdi.amounts import Totals, line_amount, line_base, plain, tax_amount, totals_of
from acuse.mx.cfdi.build_carta_porte import add_carta_porte
from acuse.mx.cfdi.build_nodes import add, by_kind, new_root, optional, put, rate
from acuse.mx.cfdi.draft import Comprobante, Concepto, Emisor, Receptor
from acuse.mx.cfdi.names import CARTA_PORTE31, CARTA_PORTE31_XSD, CFD4, CFD4_XSD

_SCHEMAS: Final = f"{CFD4} {CFD4_XSD}"


def build_comprobante(draft: Comprobante) -> etree._Element:
    """Write an Ingreso, Egreso or Traslado; `seal` adds what is missing."""
    totals = totals_of(draft.conceptos, draft.moneda)
    places = places_of(draft.moneda)
    root = new_root(CFD4, _SCHEMAS if draft.carta_porte is None else f"{_SCHEMAS} {CARTA_PORTE31} {CARTA_PORTE31_XSD}")
    put(
        root,
        Version="4.0",
        Serie=draft.serie,
        Folio=draft.folio,
        Fecha=draft.fecha.isoformat(timespec="seconds"),
        FormaPago=draft.forma_pago,
        SubTotal=f"{totals.subtotal:.{places}f}",
        Descuento=None if totals.descuento is None else f"{totals.descuento:.{places}f}",
        Moneda=draft.moneda,
        TipoCambio=None if draft.tipo_cambio is None else plain(draft.tipo_cambio, least=0),
        Total=f"{totals.total:.{places}f}",
        TipoDeComprobante=draft.efecto,
        Exportacion="01",
        MetodoPago=draft.metodo_pago,
        LugarExpedicion=draft.lugar_expedicion,
    )
    if draft.informacion_global is not None:
        info = draft.informacion_global
        node = add(root, "InformacionGlobal", Periodicidad=info.periodicidad, Meses=info.meses)
        node.set("Año", str(info.year))
    if draft.relacion is not None:
        related = add(root, "CfdiRelacionados", TipoRelacion=draft.relacion.tipo)
        for uuid in draft.relacion.uuids:
            add(related, "CfdiRelacionado", UUID=uuid)
    add_parties(root, draft.emisor, draft.receptor)
    conceptos = add(root, "Conceptos")
    for concepto in draft.conceptos:
        _add_concepto(conceptos, concepto)
    if totals.traslados or totals.retenciones:
        _add_totals(root, totals, places)
    if draft.carta_porte is not None:
        add_carta_porte(add(root, "Complemento"), draft.carta_porte, draft.conceptos)
    return root


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
    node = add(
        conceptos,
        "Concepto",
        ClaveProdServ=concepto.clave_prod_serv,
        NoIdentificacion=concepto.no_identificacion,
        Cantidad=plain(concepto.cantidad, least=0),
        ClaveUnidad=concepto.clave_unidad,
        Unidad=concepto.unidad,
        Descripcion=concepto.descripcion,
        ValorUnitario=plain(concepto.valor_unitario),
        Importe=plain(line_amount(concepto)),
        Descuento=None if concepto.descuento is None else plain(concepto.descuento),
        ObjetoImp="02" if concepto.impuestos else "01",
    )
    if concepto.impuestos:
        add_line_taxes(add(node, "Impuestos"), concepto)
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


def add_line_taxes(node: etree._Element, concepto: Concepto) -> None:
    """Write the taxes of a line: here transferred ones come before withheld ones."""
    base = line_base(concepto)
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
    if totals.retenciones:
        node.set("TotalImpuestosRetenidos", f"{totals.retenidos:.{places}f}")
        parent = add(node, "Retenciones")
        for clave, importe in by_kind(totals.retenciones):
            add(parent, "Retencion", Impuesto=clave, Importe=f"{importe:.{places}f}")
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
