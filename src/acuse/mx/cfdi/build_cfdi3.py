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
from acuse.mx.cfdi.build import add_line_taxes
from acuse.mx.cfdi.build_nodes import add, add_complement, by_kind, new_root, put, rate
from acuse.mx.cfdi.build_nomina import add_nomina, total_of
from acuse.mx.cfdi.draft import Comprobante, Concepto, Emisor, Nomina, Pago, Receptor
from acuse.mx.cfdi.names import CFD3, CFD32_XSD, CFD33_XSD, NOMINA12, NOMINA12_XSD, PAGOS10, PAGOS10_XSD

_KINDS_32: Final = {"I": "ingreso", "E": "egreso", "T": "traslado"}
_METHODS_32: Final = {"01": "01", "02": "02", "03": "03", "04": "04", "28": "28", "17": "NA"}
_TAXES_32: Final = {"001": "ISR", "002": "IVA", "003": "IEPS"}
_USES_SINCE_40: Final = {"S01": "P01", "CP01": "P01", "CN01": "P01"}


def build_comprobante_33(draft: Comprobante) -> etree._Element:
    """Write a CFDI 3.3; what only 4.0 knows is left out."""
    totals = totals_of(draft.conceptos, draft.moneda)
    places = places_of(draft.moneda)
    root = new_root(CFD3, f"{CFD3} {CFD33_XSD}")
    put(
        root,
        Version="3.3",
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
        MetodoPago=draft.metodo_pago,
        LugarExpedicion=draft.lugar_expedicion,
    )
    if draft.relacion is not None:
        related = add(root, "CfdiRelacionados", TipoRelacion=draft.relacion.tipo)
        for uuid in draft.relacion.uuids:
            add(related, "CfdiRelacionado", UUID=uuid)
    _add_parties_33(root, draft.emisor, draft.receptor)
    conceptos = add(root, "Conceptos")
    for concepto in draft.conceptos:
        _add_line_33(conceptos, concepto)
    _add_totals_33(root, totals, places)
    return root


def build_pago_33(draft: Pago) -> etree._Element:
    """Write a payment as CFDI 3.3 with the complement Pagos 1.0, which knows no taxes."""
    root = new_root(CFD3, f"{CFD3} {CFD33_XSD} {PAGOS10} {PAGOS10_XSD}")
    put(
        root,
        Version="3.3",
        Serie=draft.serie,
        Folio=draft.folio,
        Fecha=draft.fecha.isoformat(timespec="seconds"),
        SubTotal="0",
        Moneda="XXX",
        Total="0",
        TipoDeComprobante="P",
        LugarExpedicion=draft.lugar_expedicion,
    )
    _add_parties_33(root, draft.emisor, draft.receptor)
    line = {"ClaveProdServ": "84111506", "Cantidad": "1", "ClaveUnidad": "ACT", "Descripcion": "Pago"}
    add(add(root, "Conceptos"), "Concepto", **line, ValorUnitario="0", Importe="0")
    pagos = add_complement(add(root, "Complemento"), PAGOS10, "pago10", "Pagos")
    pagos.set("Version", "1.0")
    pago = add(
        pagos,
        "Pago",
        FechaPago=draft.fecha_pago.isoformat(timespec="seconds"),
        FormaDePagoP=draft.forma_pago,
        MonedaP=draft.moneda,
        TipoCambioP=None if draft.moneda == "MXN" else plain(draft.tipo_cambio, least=0),
        Monto=f"{sum(document.pagado for document in draft.documentos):.2f}",
    )
    for document in draft.documentos:
        add(
            pago,
            "DoctoRelacionado",
            IdDocumento=document.uuid,
            Serie=document.serie,
            Folio=document.folio,
            MonedaDR=draft.moneda,
            MetodoDePagoDR="PPD",
            NumParcialidad=str(document.parcialidad),
            ImpSaldoAnt=f"{document.saldo_anterior:.2f}",
            ImpPagado=f"{document.pagado:.2f}",
            ImpSaldoInsoluto=f"{document.saldo_anterior - document.pagado:.2f}",
        )
    return root


def build_nomina_33(draft: Nomina) -> etree._Element:
    """Write a payroll receipt as CFDI 3.3 with the complement Nómina 1.2."""
    earned, withheld = f"{draft.sueldo + draft.exento:.2f}", f"{draft.isr + draft.seguro:.2f}"
    root = new_root(CFD3, f"{CFD3} {CFD33_XSD} {NOMINA12} {NOMINA12_XSD}")
    put(
        root,
        Version="3.3",
        Serie=draft.serie,
        Folio=draft.folio,
        Fecha=draft.fecha.isoformat(timespec="seconds"),
        FormaPago="99",
        SubTotal=earned,
        Descuento=withheld,
        Moneda="MXN",
        Total=f"{total_of(draft):.2f}",
        TipoDeComprobante="N",
        MetodoPago="PUE",
        LugarExpedicion=draft.lugar_expedicion,
    )
    _add_parties_33(root, draft.emisor, draft.trabajador.receptor)
    line = {"ClaveProdServ": "84111505", "Cantidad": "1", "ClaveUnidad": "ACT", "Descripcion": "Pago de nómina"}
    add(add(root, "Conceptos"), "Concepto", **line, ValorUnitario=earned, Importe=earned, Descuento=withheld)
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


def _add_line_33(conceptos: etree._Element, concepto: Concepto) -> None:
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
    )
    if concepto.impuestos:
        add_line_taxes(add(node, "Impuestos"), concepto)


def _add_totals_33(root: etree._Element, totals: Totals, places: int) -> None:
    """Write the taxes of the document. An exempt one has no amount and is not summed here."""
    charged = _charged(totals.traslados)
    if not (charged or totals.retenciones):
        return
    node = add(root, "Impuestos")
    if totals.retenciones:
        node.set("TotalImpuestosRetenidos", f"{totals.retenidos:.{places}f}")
        group = add(node, "Retenciones")
        for clave, importe in by_kind(totals.retenciones):
            add(group, "Retencion", Impuesto=clave, Importe=f"{importe:.{places}f}")
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
