"""Signs a text as CMS SignedData (PKCS#7) with the text inside, as WSAA takes it.

Source: RFC 5652, sections 5.1 to 5.4 and 11. Written by hand: names of real certificates break the library's reader.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from acuse.pki import der
from acuse.pki.keypair import KeyPair

_DATA: Final = der.write_oid("1.2.840.113549.1.7.1")
_SIGNED_DATA: Final = der.write_oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE: Final = der.write_oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST: Final = der.write_oid("1.2.840.113549.1.9.4")
_SIGNING_TIME: Final = der.write_oid("1.2.840.113549.1.9.5")
_NULL: Final = der.write(der.NULL)
_SHA256: Final = der.write(der.SEQUENCE, der.write_oid("2.16.840.1.101.3.4.2.1"), _NULL)
_RSA: Final = der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.1.1.1"), _NULL)
_TAG_0: Final = 0xA0


def sign_cms(text: bytes, pair: KeyPair, *, at: datetime) -> bytes:
    """Answer the CMS in DER: text, certificate and one signature (RSA, SHA-256) over signed attributes."""
    attributes = _attributes(text, at)
    signature = pair.sign_sha256(der.write(der.SET, attributes))  # signed as a SET, sent under [0]
    certificate = pair.certificate
    issuer_and_serial = der.write(der.SEQUENCE, certificate.issuer.raw, der.write_integer(certificate.serial_number))
    signer = der.write(
        der.SEQUENCE,
        der.write_integer(1),
        issuer_and_serial,
        _SHA256,
        der.write(_TAG_0, attributes),
        _RSA,
        der.write(der.OCTET_STRING, signature),
    )
    content = der.write(der.SEQUENCE, _DATA, der.write(_TAG_0, der.write(der.OCTET_STRING, text)))
    signed = der.write(
        der.SEQUENCE,
        der.write_integer(1),
        der.write(der.SET, _SHA256),
        content,
        der.write(_TAG_0, certificate.der),
        der.write(der.SET, signer),
    )
    return der.write(der.SEQUENCE, _SIGNED_DATA, der.write(_TAG_0, signed))


def _attributes(text: bytes, at: datetime) -> bytes:
    """Answer the signed attributes as the content of a DER SET OF: sorted by their bytes."""
    digest = der.write(der.OCTET_STRING, hashlib.sha256(text).digest())
    parts = [
        _attribute(_CONTENT_TYPE, _DATA),
        _attribute(_MESSAGE_DIGEST, digest),
        _attribute(_SIGNING_TIME, der.write_instant(at)),
    ]
    return b"".join(sorted(parts))


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.write(der.SEQUENCE, kind, der.write(der.SET, value))
