"""The complements of a document in its printed form: those we know in full, any other by its own attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from lxml import etree

from acuse.mx.cfdi.header import CfdiHeader
from acuse.mx.cfdi.names import CARTA_PORTE, NOMINA11, NOMINA12, TFD, clark
from acuse.mx.cfdi.pagos import PAGOS
from acuse.mx.cfdi.printed.freight import print_carta_porte
from acuse.mx.cfdi.printed.model import Fact, Kind, Section
from acuse.mx.cfdi.printed.payments import print_pagos
from acuse.mx.cfdi.printed.payroll import print_nomina
from acuse.mx.cfdi.printed.wording import attribute, fact, known, moment, spoken

Printer = Callable[[Any, int], Iterator[Section]]
_STAMP: Final = clark(TFD, "TimbreFiscalDigital")
_MOST_FACTS: Final = 60
_PRINTERS: Final[Mapping[str, Printer]] = {
    **dict.fromkeys(PAGOS, print_pagos),
    **dict.fromkeys((clark(NOMINA12, "Nomina"), clark(NOMINA11, "Nomina")), print_nomina),
    **dict.fromkeys((clark(namespace, "CartaPorte") for namespace in CARTA_PORTE), print_carta_porte),
}


def complement_sections(root: etree._Element, namespace: str, most_rows: int) -> Iterator[Section]:
    """Answer the sections of the complements, the stamp left out."""
    for holder in root.iterchildren(f"{{{namespace}}}Complemento"):
        for node in holder:
            if node.tag == _STAMP:
                continue
            printer = _PRINTERS.get(node.tag, _print_other)
            yield from printer(node, most_rows)


def stamp_of(root: etree._Element, header: CfdiHeader, namespace: str) -> Section:
    """Answer the section of the stamp and the seals."""
    stamp = root.find(f"{{{namespace}}}Complemento/{_STAMP}")
    return Section(
        "Timbre fiscal",
        known(
            (
                fact("Folio fiscal", header.uuid, kind=Kind.CODE),
                fact("Fecha de certificación", moment(attribute(stamp, "FechaTimbrado"))),
                fact("PAC", attribute(stamp, "RfcProvCertif"), kind=Kind.CODE),
                fact("Certificado del emisor", header.no_certificado, kind=Kind.CODE),
                fact("Certificado del SAT", attribute(stamp, "NoCertificadoSAT"), kind=Kind.CODE),
                fact("Leyenda", attribute(stamp, "Leyenda")),
                fact("Sello del emisor", attribute(stamp, "SelloCFD"), kind=Kind.CODE),
                fact("Sello del SAT", attribute(stamp, "SelloSAT"), kind=Kind.CODE),
            )
        ),
    )


def _print_other(node: etree._Element, most_rows: int) -> Iterator[Section]:
    """Tell a complement without a form of its own by its attributes, element by element."""
    facts: list[Fact] = []
    for each in node.iter():
        where = spoken(etree.QName(each).localname)
        for name, value in each.attrib.items():
            label = spoken(etree.QName(str(name)).localname)
            facts.append(Fact(label if each is node else f"{where}: {label.lower()}", str(value)[:500]))
        if len(facts) >= min(_MOST_FACTS, most_rows):
            break
    yield Section(f"Complemento {spoken(etree.QName(node).localname)}", facts[:_MOST_FACTS])
