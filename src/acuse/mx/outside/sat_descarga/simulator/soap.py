"""Reads what arrives: the envelope, the operation in its body, the proof in its header."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from acuse.mx.outside.sat_descarga.simulator.names import DSIG, SERVICE_NS, SOAP, WSSE, WSU, Operation
from acuse.mx.outside.sat_descarga.simulator.refusals import malformed


@dataclass(frozen=True)
class Security:
    """The parts of an Autentica header that the proof is made of."""

    timestamp: etree._Element
    timestamp_id: str
    created: datetime
    expires: datetime
    certificate: bytes
    signature: etree._Element


@dataclass(frozen=True)
class Call:
    """A working call as it was read: operation element, its one child, values, filter list and signature."""

    element: etree._Element
    values: dict[str, str]
    receptores: tuple[str, ...]
    signature: etree._Element | None

    @property
    def certificate(self) -> bytes | None:
        """Answer the DER bytes in KeyInfo, or None."""
        if self.signature is None:
            return None
        return decode_base64(self.signature.findtext(f".//{{{DSIG}}}X509Certificate"))


def read_envelope(body: bytes) -> etree._Element | None:
    """Parse an envelope without entities or network; None when it is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    plain = root.getroottree().docinfo.internalDTD is None
    return root if plain and root.tag == f"{{{SOAP}}}Envelope" else None


def read_call(root: etree._Element, operation: Operation) -> Call:
    """Answer the call that the body makes; empty values count as not sent. Raises CallRefused (301)."""
    element = root.find(f"{{{SOAP}}}Body/{operation.element}")
    child = "peticionDescarga" if operation is Operation.DESCARGAR else "solicitud"
    request = None if element is None else element.find(f"{{{SERVICE_NS}}}{child}")
    if element is None or request is None:
        raise malformed()
    listed = request.findall(f"{{{SERVICE_NS}}}RfcReceptores/{{{SERVICE_NS}}}RfcReceptor")
    return Call(
        element=element,
        values={str(name): str(value).strip() for name, value in request.attrib.items() if str(value).strip()},
        receptores=tuple(text for text in ((item.text or "").strip() for item in listed) if text),
        signature=request.find(f"{{{DSIG}}}Signature"),
    )


def has_autentica(root: etree._Element) -> bool:
    """Tell whether the body asks for Autentica in the right namespace."""
    return root.find(f"{{{SOAP}}}Body/{Operation.AUTENTICA.element}") is not None


def read_security(root: etree._Element) -> Security | None:
    """Answer the proof in the header, or None when a part of it is missing or unreadable."""
    security = root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security")
    if security is None:
        return None
    timestamp = security.find(f"{{{WSU}}}Timestamp")
    signature = security.find(f"{{{DSIG}}}Signature")
    if timestamp is None or signature is None:
        return None
    created = _instant(timestamp.findtext(f"{{{WSU}}}Created"))
    expires = _instant(timestamp.findtext(f"{{{WSU}}}Expires"))
    certificate = decode_base64(security.findtext(f"{{{WSSE}}}BinarySecurityToken"))
    identifier = str(timestamp.get(f"{{{WSU}}}Id", ""))
    if created is None or expires is None or certificate is None or not identifier:
        return None
    return Security(timestamp, identifier, created, expires, certificate, signature)


def decode_base64(text: str | None) -> bytes | None:
    """Answer the bytes of a base64 text, with or without line breaks; None when it is not one or is empty."""
    try:
        return base64.b64decode("".join((text or "").split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
