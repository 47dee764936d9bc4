"""What all builders share: roots with their namespaces, elements, attributes that have a value, taxes by kind."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from lxml import etree

from acuse.mx.cfdi.amounts import TaxSum, plain
from acuse.mx.cfdi.draft import Impuesto
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
