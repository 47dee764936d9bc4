"""Opens a signed request (CMS SignedData, RFC 5652) and says what is wrong with its proof, as WSAA does.

Read here from the standard, element by element, without the code that writes it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from acuse.ar.outside.arca.codes import WsaaFault
from acuse.ar.outside.arca.simulator.refusals import refused
from acuse.pki import der
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate, UnsupportedKey

_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_TAG_0: Final = 0xA0
_SET_BYTE: Final = b"\x31"
_DIGESTS: Final = {"1.3.14.3.2.26": "sha1", "2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.3": "sha512"}
_HASHES: Final[dict[str, type[hashes.SHA1 | hashes.SHA256 | hashes.SHA512]]] = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True)
class Opened:
    """The text that was signed and the certificate of who signed it."""

    text: bytes
    certificate: Certificate


def open_proof(cms: bytes, *, trusted: Certificate, at: datetime) -> Opened:
    """Verify everything about a signed request. Raises SimulatedArcaRefusal."""
    try:
        text, certificates, (signer,) = _split(cms)
        certificate = _signer(certificates, signer)
    except (der.BadDer, ValueError, IndexError) as error:
        raise refused(WsaaFault.CMS_BAD) from error
    try:
        holds = _holds(text, signer, certificate.public_key)
    except (der.BadDer, NotACertificate, UnsupportedKey, ValueError, IndexError, KeyError) as error:
        raise refused(WsaaFault.SIGN_INVALID) from error
    if not holds:
        raise refused(WsaaFault.SIGN_INVALID)
    if at > certificate.not_after:
        raise refused(WsaaFault.CERT_EXPIRED)
    if at < certificate.not_before:
        raise refused(WsaaFault.CERT_INVALID)
    if not certificate.verify_issued_by(trusted):
        raise refused(WsaaFault.CERT_UNTRUSTED)
    return Opened(text, certificate)


def _split(cms: bytes) -> tuple[bytes, list[Certificate], list[der.Element]]:
    kind, wrapped = der.only(cms, der.SEQUENCE).children()
    if der.oid(kind) != _SIGNED_DATA:
        raise der.BadDer(problem="no es SignedData")
    _, _, content, *rest = der.read(wrapped.content).expect(der.SEQUENCE).children()
    text = der.read(content.children()[1].content).expect(der.OCTET_STRING).content
    found = [each for field in rest if field.tag == _TAG_0 for each in field.children()]
    try:
        certificates = [Certificate(each.raw) for each in found]
    except NotACertificate as error:
        raise refused(WsaaFault.CMS_BAD) from error
    return text, certificates, rest[-1].expect(der.SET).children()


def _signer(certificates: list[Certificate], signer: der.Element) -> Certificate:
    """Find the certificate that issuer and serial name."""
    issuer, serial = signer.children()[1].children()
    for one in certificates:
        if one.issuer.raw == issuer.raw and one.serial_number == der.integer(serial):
            return one
    raise refused(WsaaFault.CERT_NOT_FOUND)


def _holds(text: bytes, signer: der.Element, key: RSAPublicKey) -> bool:
    _, _, algorithm, *rest = signer.children()
    name = _DIGESTS[der.oid(algorithm.children()[0])]
    signed = text
    if rest[0].tag == _TAG_0:
        attributes = {der.oid(each.children()[0]): each.children()[1] for each in rest[0].children()}
        digest = attributes[_MESSAGE_DIGEST].children()[0].expect(der.OCTET_STRING).content
        if digest != hashlib.new(name, text).digest():
            return False
        signed = _SET_BYTE + rest[0].raw[1:]  # RFC 5652 §5.4: digested as a SET OF, not under its tag [0]
        rest = rest[1:]
    signature = rest[1].expect(der.OCTET_STRING).content
    try:
        key.verify(signature, hashlib.new(name, signed).digest(), padding.PKCS1v15(), Prehashed(_HASHES[name]()))
    except InvalidSignature:
        return False
    return True
