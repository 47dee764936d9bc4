"""Names in certificates, read as they are written in the world.

Every string type of X.520 is understood. Where the bytes contradict their tag they are read as UTF-8 when that
is possible and as Latin-1 otherwise, which is what the issuing programs meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from acuse.pki import der

COMMON_NAME = "2.5.4.3"
SERIAL_NUMBER = "2.5.4.5"
COUNTRY = "2.5.4.6"
LOCALITY = "2.5.4.7"
STATE = "2.5.4.8"
STREET = "2.5.4.9"
ORGANIZATION = "2.5.4.10"
ORGANIZATIONAL_UNIT = "2.5.4.11"
POSTAL_CODE = "2.5.4.17"
FULL_NAME = "2.5.4.41"
UNIQUE_IDENTIFIER = "2.5.4.45"
EMAIL = "1.2.840.113549.1.9.1"
UNSTRUCTURED_NAME = "1.2.840.113549.1.9.2"

LABELS = {
    COMMON_NAME: "CN",
    SERIAL_NUMBER: "serialNumber",
    COUNTRY: "C",
    LOCALITY: "L",
    STATE: "ST",
    STREET: "STREET",
    ORGANIZATION: "O",
    ORGANIZATIONAL_UNIT: "OU",
    POSTAL_CODE: "postalCode",
    FULL_NAME: "name",
    UNIQUE_IDENTIFIER: "x500UniqueIdentifier",
    EMAIL: "emailAddress",
    UNSTRUCTURED_NAME: "unstructuredName",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a name: dotted OID, text, and the string tag it bore or shall bear."""

    oid: str
    text: str
    tag: int = der.UTF8_STRING


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name: its attributes in the order of the certificate, and its own DER bytes."""

    attributes: tuple[Attribute, ...]
    raw: bytes

    def get(self, oid: str) -> str | None:
        """Answer the first value of this attribute, trimmed; None when absent or blank."""
        return next((value for value in self.all(oid) if value), None)

    def all(self, oid: str) -> list[str]:
        """Answer every value of this attribute, trimmed, in order."""
        return [attribute.text.strip() for attribute in self.attributes if attribute.oid == oid]

    @property
    def rfc4514(self) -> str:
        """Answer the name in the text form of RFC 4514: last attribute first, special characters escaped."""
        pairs = (
            f"{LABELS.get(item.oid, 'OID.' + item.oid)}={_escape(item.text)}" for item in reversed(self.attributes)
        )
        return ",".join(pairs)


def read_name(data: bytes) -> Name:
    """Read a Name from its DER bytes. Raises BadDer."""
    attributes: list[Attribute] = []
    for relative in der.read(data).expect(der.SEQUENCE).children():
        for pair in relative.expect(der.SET).children():
            parts = pair.expect(der.SEQUENCE).children()
            if len(parts) != 2:  # noqa: PLR2004 - an OID and a value
                raise der.BadDer(problem="atributo sin valor")
            kind, value = parts
            attributes.append(Attribute(der.oid(kind), read_text(value), value.tag))
    return Name(tuple(attributes), data)


def read_text(value: der.Element) -> str:
    """Answer the text of a string of any type; of another type its content in hexadecimal."""
    content = value.content
    if value.tag == der.BMP_STRING and len(content) % 2 == 0:
        return content.decode("utf-16-be", errors="replace")
    if value.tag == der.UNIVERSAL_STRING and len(content) % 4 == 0:
        return content.decode("utf-32-be", errors="replace")
    if value.tag == der.BIT_STRING:
        return content[1:].decode("latin-1")
    if value.tag & 0x20:
        return content.hex()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def write_name(attributes: Iterable[Attribute]) -> bytes:
    """Write a Name, one attribute a set, each with its own string tag.

    Text goes out as the tag asks (UTF-16 for BMPString, UTF-8 for UTF8String) and as Latin-1 under every other
    tag, whether or not X.520 allows the characters there.
    """
    return der.write(der.SEQUENCE, *(der.write(der.SET, _write_attribute(item)) for item in attributes))


def _write_attribute(item: Attribute) -> bytes:
    encodings = {der.UTF8_STRING: "utf-8", der.BMP_STRING: "utf-16-be", der.UNIVERSAL_STRING: "utf-32-be"}
    content = item.text.encode(encodings.get(item.tag, "latin-1"))
    return der.write(der.SEQUENCE, der.write_oid(item.oid), der.write(item.tag, content))


def _escape(text: str) -> str:
    escaped = "".join("\\" + letter if letter in '"+,;<>\\' else letter for letter in text).replace("\0", "\\00")
    if escaped.startswith((" ", "#")):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and len(text) > 1:
        escaped = escaped[:-1] + "\\ "
    return escaped
