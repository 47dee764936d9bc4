"""What all builders share: roots and heads, elements, attributes that have a value, relations, lines, taxes by kind."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lxml import etree

from acuse.mx.cfdi.amounts import TaxSum, line_amount, plain
from acuse.mx.cfdi.draft import Comprobante, Concepto, Impuesto, Nomina, Pago, Relacion
from acuse.mx.cfdi.names import XSI, clark


def new_root(namespace: str, schema_location: str, *, tag: str = "Comprobante", prefix: str = "cfdi") -> etree._Element:
    """Open a document with its namespaces."""
    root = etree.Element(clark(namespace, tag), nsmap={prefix: namespace, "xsi": XSI})
    root.set(clark(XSI, "schemaLocation"), schema_location)
    return root


def put(node: etree._Element, **attributes: str | None) -> None:
    """Set the attributes that have a value, in the order given."""
    for name, value in attributes.items():
        if value is not None:
            node.set(name, value)


def add(parent: etree._Element, tag: str, **attributes: str | None) -> etree._Element:
    """Append an element of its parent's namespace."""
    node = etree.SubElement(parent, parent.tag[: parent.tag.index("}") + 1] + tag)
    put(node, **attributes)
    return node


def add_complement(parent: etree._Element, namespace: str, prefix: str, tag: str) -> etree._Element:
    """Append the root of a complement, which declares its own namespace."""
    return etree.SubElement(parent, clark(namespace, tag), nsmap={prefix: namespace})


def put_head(
    root: etree._Element,
    version: str,
    draft: Comprobante | Pago | Nomina,
    *,
    efecto: str,
    subtotal: str,
    total: str,
    moneda: str,
    forma_pago: str | None = None,
    descuento: str | None = None,
    tipo_cambio: Decimal | None = None,
    metodo_pago: str | None = None,
) -> None:
    """Set the attributes of a Comprobante 4.0 or 3.3; only 4.0 says whether anything is exported."""
    put(
        root,
        Version=version,
        Serie=draft.serie,
        Folio=draft.folio,
        Fecha=draft.fecha.isoformat(timespec="seconds"),
        FormaPago=forma_pago,
        SubTotal=subtotal,
        Descuento=descuento,
        Moneda=moneda,
        TipoCambio=None if tipo_cambio is None else plain(tipo_cambio, least=0),
        Total=total,
        TipoDeComprobante=efecto,
        Exportacion="01" if version == "4.0" else None,
        MetodoPago=metodo_pago,
        LugarExpedicion=draft.lugar_expedicion,
    )


def add_relation(root: etree._Element, relacion: Relacion | None) -> None:
    """Name the documents this one speaks of."""
    if relacion is not None:
        related = add(root, "CfdiRelacionados", TipoRelacion=relacion.tipo)
        for uuid in relacion.uuids:
            add(related, "CfdiRelacionado", UUID=uuid)


def add_concepto(conceptos: etree._Element, concepto: Concepto, **more: str) -> etree._Element:
    """Append a line, its taxes not yet in it; `more` is what the version of the document adds."""
    return add(
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
        Descuento=optional(concepto.descuento),
        **more,
    )


def by_kind(sums: Sequence[TaxSum]) -> list[tuple[str, Decimal]]:
    """Sum taxes by kind, whatever their rates."""
    kinds: dict[str, Decimal] = {}
    for each in sums:
        kinds[each.impuesto.clave] = kinds.get(each.impuesto.clave, Decimal(0)) + (each.importe or 0)
    return list(kinds.items())


def rate(tax: Impuesto) -> str | None:
    """Write a rate with its six decimals."""
    return None if tax.tasa is None else f"{tax.tasa:.6f}"


def optional(amount: Decimal | None) -> str | None:
    """Write an amount that may be absent."""
    return None if amount is None else plain(amount)
