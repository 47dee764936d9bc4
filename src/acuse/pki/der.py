"""The little DER that certificates need: read one element after another, write an element.

Reading is strict about lengths and lenient about content; every fault is a BadDer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from acuse.kernel.errors import InvalidInput

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8_STRING, PRINTABLE_STRING, T61_STRING, IA5_STRING = 0x0C, 0x13, 0x14, 0x16
UTC_TIME, GENERALIZED_TIME, UNIVERSAL_STRING, BMP_STRING = 0x17, 0x18, 0x1C, 0x1E
SEQUENCE, SET = 0x30, 0x31

_LONG_FORM = 0x80
_MULTIBYTE_TAG = 0x1F
_LENGTH_BYTES_MAX = 4
_LAST_YEAR_OF_2000S = 49


class BadDer(InvalidInput):
    """The bytes are not the DER we expected at this place. Readers tell it as the file that was expected."""

    code = "BAD_DER"
    message = "El archivo no tiene la estructura DER que se espera: {problem}. Puede estar dañado; elige otra copia."


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its tag byte, its content, and all of its bytes (`raw`, header included)."""

    tag: int
    content: bytes
    raw: bytes

    def children(self) -> list[Element]:
        """Answer the elements inside, in order."""
        return list(elements(self.content))

    def expect(self, tag: int) -> Element:
        """Answer itself if it bears this tag."""
        if self.tag != tag:
            raise BadDer(problem=f"etiqueta {self.tag:#04x} donde va {tag:#04x}")
        return self


def read(data: bytes, offset: int = 0) -> Element:
    """Read the element that starts at this offset."""
    if offset + 2 > len(data):
        raise BadDer(problem="termina dentro de un encabezado")
    tag, length, start = data[offset], data[offset + 1], offset + 2
    if tag & _MULTIBYTE_TAG == _MULTIBYTE_TAG:
        raise BadDer(problem="etiqueta de varios bytes")
    if length >= _LONG_FORM:
        count = length - _LONG_FORM
        if not 1 <= count <= _LENGTH_BYTES_MAX or start + count > len(data):
            raise BadDer(problem="longitud fuera de límites")
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    end = start + length
    if end > len(data):
        raise BadDer(problem="termina dentro de su contenido")
    return Element(tag, data[start:end], data[offset:end])


def elements(data: bytes) -> Iterator[Element]:
    """Read element after element until the bytes end."""
    offset = 0
    while offset < len(data):
        element = read(data, offset)
        yield element
        offset += len(element.raw)


def only(data: bytes, tag: int) -> Element:
    """Read the one element these bytes are, forgiving line ends and zeros after it."""
    element = read(data).expect(tag)
    if data[len(element.raw) :].strip(b"\r\n\0 \t"):
        raise BadDer(problem="sobran bytes al final")
    return element


def integer(element: Element) -> int:
    """Answer the number an INTEGER holds."""
    if not element.expect(INTEGER).content:
        raise BadDer(problem="INTEGER vacío")
    return int.from_bytes(element.content, "big", signed=True)


def oid(element: Element) -> str:
    """Answer the dotted text of an OBJECT IDENTIFIER."""
    content = element.expect(OID).content
    if not content or content[-1] & 0x80:
        raise BadDer(problem="OBJECT IDENTIFIER incompleto")
    arcs: list[int] = []
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def instant(element: Element) -> datetime:
    """Answer the aware UTC instant of a UTCTime or GeneralizedTime."""
    try:
        text = element.content.decode("ascii")
        if element.tag == UTC_TIME:
            century = "20" if int(text[:2]) <= _LAST_YEAR_OF_2000S else "19"
            text = century + text
        elif element.tag != GENERALIZED_TIME:
            raise BadDer(problem="falta una fecha")
        body, zone = (text[:-1], timedelta()) if text.endswith("Z") else (text[:-5], _zone(text[-5:]))
        shape = "%Y%m%d%H%M" if len(body) == len("YYYYMMDDHHMM") else "%Y%m%d%H%M%S"
        return datetime.strptime(body.split(".")[0], shape).replace(tzinfo=UTC) - zone
    except (ValueError, OverflowError) as error:
        raise BadDer(problem="fecha ilegible") from error


def _zone(text: str) -> timedelta:
    sign = {"+": 1, "-": -1}.get(text[:1])
    if sign is None:
        raise BadDer(problem="fecha sin zona")
    return sign * timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))


def bits(element: Element) -> bytes:
    """Answer the bytes of a BIT STRING, without its count of unused bits."""
    if not element.expect(BIT_STRING).content:
        raise BadDer(problem="BIT STRING vacío")
    return element.content[1:]


def write(tag: int, *contents: bytes) -> bytes:
    """Write one element around these contents."""
    content = b"".join(contents)
    if len(content) < _LONG_FORM:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(length))) + length + content


def write_integer(value: int) -> bytes:
    """Write an INTEGER."""
    return write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def write_oid(dotted: str) -> bytes:
    """Write an OBJECT IDENTIFIER from its dotted text."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return write(OID, bytes(content))


def write_instant(moment: datetime) -> bytes:
    """Write a time as RFC 5280 §4.1.2.5 asks: UTCTime through 2049, GeneralizedTime after."""
    moment = moment.astimezone(UTC)
    if moment.year <= 2000 + _LAST_YEAR_OF_2000S:
        return write(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return write(GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())


def write_bits(content: bytes, *, unused: int = 0) -> bytes:
    """Write a BIT STRING."""
    return write(BIT_STRING, bytes((unused,)), content)
