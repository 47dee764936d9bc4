"""Turns BER into DER where it differs in ways met in PKCS#12 files: indefinite lengths, strings in pieces.

Source: X.690 §8.1.3.6 (indefinite form), §8.7.3 (constructed OCTET STRING); RFC 7292 §4 allows BER for a PFX.
"""

from __future__ import annotations

from typing import Final

from acuse.pki import der

_CONSTRUCTED: Final = 0x20
_INDEFINITE: Final = 0x80
_MULTIBYTE: Final = 0x1F
_DEEPEST: Final = 40
_END: Final = b"\0\0"


def definite(data: bytes) -> bytes:
    """Answer the first element of these bytes with definite lengths and whole strings; raises BadDer.

    Bytes inside an OCTET STRING are left as they are: what lies there is for the reader to turn in its turn.
    """
    element, _ = _element(data, 0, 0)
    return element


def _element(data: bytes, offset: int, depth: int) -> tuple[bytes, int]:
    """Answer one element as DER, and the offset behind it."""
    if depth > _DEEPEST:
        raise der.BadDer(problem="demasiados niveles")
    if offset + 2 > len(data):
        raise der.BadDer(problem="termina dentro de un encabezado")
    tag = data[offset]
    if tag & _MULTIBYTE == _MULTIBYTE:
        raise der.BadDer(problem="etiqueta de varios bytes")
    if data[offset + 1] != _INDEFINITE:
        found = der.read(data, offset)
        end = offset + len(found.raw)
        if not tag & _CONSTRUCTED:
            return found.raw, end
        return _whole(tag, _children(found.content, 0, len(found.content), depth)[0]), end
    if not tag & _CONSTRUCTED:
        raise der.BadDer(problem="longitud indefinida en un valor simple")
    children, end = _children(data, offset + 2, None, depth)
    return _whole(tag, children), end


def _children(data: bytes, offset: int, end: int | None, depth: int) -> tuple[list[bytes], int]:
    """Answer the elements up to `end`, or up to the mark that ends an indefinite length."""
    found: list[bytes] = []
    while end is None or offset < end:
        if end is None and data[offset : offset + 2] == _END:
            return found, offset + 2
        element, offset = _element(data, offset, depth + 1)
        found.append(element)
    return found, offset


def _whole(tag: int, children: list[bytes]) -> bytes:
    """Write a constructed element; a string in pieces becomes one."""
    if tag != der.OCTET_STRING | _CONSTRUCTED:
        return der.write(tag, *children)
    return der.write(der.OCTET_STRING, *(der.read(piece).expect(der.OCTET_STRING).content for piece in children))
