"""The envelopes of both services, and the reading of what comes back. XML is untrusted: no DTD, no network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from acuse.ar.outside.arca.errors import ArcaUnreadable

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass(frozen=True)
class Fault:
    """A SOAP fault: its code, its text, and the names of the elements in its detail."""

    code: str
    text: str
    detail: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Answer where the fault's own name may stand, the likeliest first."""
        return (*self.detail, self.code.rpartition(":")[2], self.text)


def envelope(operation: etree._Element) -> bytes:
    """Write a SOAP 1.1 envelope around an operation."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Header")
    etree.SubElement(root, f"{{{SOAP}}}Body").append(operation)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def parse(body: bytes) -> etree._Element:
    """Read a document. Raises ArcaUnreadable."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ArcaUnreadable(problem="no es XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ArcaUnreadable(problem="trae una DTD")
    return root


def read_fault(body: bytes) -> Fault | None:
    """Answer the SOAP fault these bytes are, or None."""
    try:
        fault = parse(body).find(f".//{{{SOAP}}}Fault")
    except ArcaUnreadable:
        return None
    if fault is None:
        return None
    detail = fault.find("detail")
    names = () if detail is None else tuple(local_name(each) for each in detail.iter() if each is not detail)
    return Fault((fault.findtext("faultcode") or "").strip(), (fault.findtext("faultstring") or "").strip(), names)


def local_name(element: etree._Element) -> str:
    """Answer an element's name without its namespace; comments and the like have none."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def texts(root: etree._Element, name: str) -> list[str]:
    """Answer the texts of all elements of this local name, in order, without the white space around them."""
    return [(each.text or "").strip() for each in root.iter() if local_name(each) == name]
