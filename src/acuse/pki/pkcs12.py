"""The outer walls of a PKCS#12 file (.pfx, .p12): recognize it and take out its encrypted key.

The file's certificates are not looked at here: libraries refuse the whole file when one of them has an odd name.
"""

from __future__ import annotations

from acuse.pki import der
from acuse.pki.ber import definite
from acuse.pki.errors import NotAPrivateKey

_DATA = "1.2.840.113549.1.7.1"
_KEY_BAG = "1.2.840.113549.1.12.10.1.1"
_SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2"
_VERSION = 3


def is_pkcs12(data: bytes) -> bool:
    """Answer whether these bytes (DER or BER) are a PFX (RFC 7292 §4): version 3, then a ContentInfo."""
    try:
        version, content, *_ = der.read(definite(data)).expect(der.SEQUENCE).children()
        return der.integer(version) == _VERSION and der.oid(content.children()[0]) == _DATA
    except (der.BadDer, ValueError, IndexError):
        return False


def shrouded_key(data: bytes) -> bytes:
    """Answer the first key of a PFX as PKCS#8 DER, encrypted as it is there. Raises NotAPrivateKey."""
    try:
        _, content, *_ = der.read(definite(data)).expect(der.SEQUENCE).children()
        for info in der.read(definite(_octets(content))).expect(der.SEQUENCE).children():
            if der.oid(info.children()[0]) != _DATA:
                continue
            for bag in der.read(definite(_octets(info))).expect(der.SEQUENCE).children():
                kind, value, *_ = bag.children()
                if der.oid(kind) in {_KEY_BAG, _SHROUDED_KEY_BAG}:
                    return der.read(value.content).raw
    except (der.BadDer, ValueError, IndexError) as error:
        raise NotAPrivateKey from error
    raise NotAPrivateKey


def _octets(content_info: der.Element) -> bytes:
    """Answer the octets a ContentInfo of type data holds."""
    _, wrapped = content_info.children()
    return der.read(wrapped.content).expect(der.OCTET_STRING).content
