"""Steps over a document's nodes that write a cadena original, in the order of the official style sheets.

Source: SAT, utilerias.xslt (templates Requerido, Opcional, ManejaEspacios).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from lxml import etree

from acuse.mx.cfdi.errors import ComplementNotSealed
from acuse.mx.cfdi.names import TFD, clark

Out = list[str]
Step = Callable[[Out, etree._Element], None]  # noqa: SLF001 - lxml has no other name for the type
Rules = tuple[Step, ...]

_LOOSE_SPACE: Final = re.compile(r"[\t\r\n]|  |\A | \Z").search
_SPACES: Final = re.compile(r"[ \t\r\n]+").sub
_STAMP: Final = clark(TFD, "TimbreFiscalDigital")


def chain(node: etree._Element, rules: Rules) -> str:
    """Answer the chain these rules write for a node."""
    out: Out = []
    for step in rules:
        step(out, node)
    return f"||{'|'.join(out)}||"


def attributes(names: str) -> Step:
    """Put attributes in this order. One ending in "?" is optional: absent, it leaves no bar."""
    wanted = [(name.rstrip("?"), not name.endswith("?")) for name in names.split()]

    def put(out: Out, node: etree._Element) -> None:
        get = node.get
        for name, required in wanted:
            value = get(name)
            if value is not None:
                out.append(_SPACES(" ", value).strip(" ") if _LOOSE_SPACE(value) else value)
            elif required:
                out.append("")

    return put


class Nodes:
    """The steps over the nodes of one namespace."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def each(self, path: str, *steps: Step) -> Step:
        """Take these steps on every element at the end of a path of direct children."""
        first, _, rest = path.partition("/")
        tag = clark(self.namespace, first)
        inner = (self.each(rest, *steps),) if rest else steps

        def walk(out: Out, node: etree._Element) -> None:
            for child in node.iterchildren(tag):
                for step in inner:
                    step(out, child)

        return walk


def complements(known: Mapping[str, Rules]) -> Step:
    """Put the complements in their order; the stamp is no part of the chain. One not known here is refused."""

    def walk(out: Out, node: etree._Element) -> None:
        for child in node:
            rules = known.get(child.tag)
            if rules is not None:
                for step in rules:
                    step(out, child)
            elif child.tag != _STAMP:
                raise ComplementNotSealed(complement=etree.QName(child).localname[:60])

    return walk
