"""The X.509 certificate as a value: loaded from what people hand in, answering questions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from acuse.pki import der
from acuse.pki.errors import NotACertificate, UnsupportedKey
from acuse.pki.extensions import Extensions, KeyUsage, read_extensions
from acuse.pki.names import Name, read_name

_PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]+)-----END")
_NUMBER_DIGITS = 20
_VERSION, _EXTENSIONS = 0xA0, 0xA3  # context tags of TBSCertificate

_SIGNATURE_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "1.2.840.113549.1.1.5": hashes.SHA1,
    "1.2.840.113549.1.1.11": hashes.SHA256,
    "1.2.840.113549.1.1.12": hashes.SHA384,
    "1.2.840.113549.1.1.13": hashes.SHA512,
}


@dataclass(frozen=True)
class Certificate:
    """A certificate, read once from its DER bytes. Two are equal when their bytes are."""

    der: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            _ = self._parts, self.subject, self.issuer, self.extensions
        except der.BadDer as error:
            raise NotACertificate from error

    @classmethod
    def load(cls, data: bytes) -> Certificate:
        """Read a certificate from DER, PEM or bare base64. Raises NotACertificate."""
        return cls(_to_der(data))

    @cached_property
    def _parts(self) -> _Parts:
        return _read_parts(self.der)

    @property
    def serial_number(self) -> int:
        """Answer the serial as the integer it is."""
        return self._parts.serial_number

    @property
    def number(self) -> str:
        """Answer the 20 digits whose ASCII bytes are the serial; of any other serial its decimal digits."""
        serial = self.serial_number
        if serial > 0 and serial.bit_length() <= 8 * _NUMBER_DIGITS:
            digits = serial.to_bytes(_NUMBER_DIGITS, "big")
            if digits.isdigit():
                return digits.decode("ascii")
        return str(serial)

    @cached_property
    def subject(self) -> Name:
        """Answer whose it is."""
        return read_name(self._parts.subject)

    @cached_property
    def issuer(self) -> Name:
        """Answer who issued it."""
        return read_name(self._parts.issuer)

    @property
    def not_before(self) -> datetime:
        """Answer the first instant of its validity, in UTC."""
        return self._parts.not_before

    @property
    def not_after(self) -> datetime:
        """Answer the last instant of its validity, in UTC."""
        return self._parts.not_after

    def is_valid_at(self, instant: datetime) -> bool:
        """Answer whether this instant lies within its validity, both ends included."""
        return self.not_before <= instant <= self.not_after

    @cached_property
    def extensions(self) -> Extensions:
        """Answer its extensions as far as we read them."""
        return read_extensions(self._parts.extensions)

    @property
    def key_usage(self) -> KeyUsage | None:
        """Answer what its key may be used for; None when it does not say."""
        return self.extensions.key_usage

    @property
    def extended_key_usages(self) -> frozenset[str]:
        """Answer the dotted OIDs of its extended key usage; empty when it has none."""
        return self.extensions.extended_key_usages

    @cached_property
    def public_key(self) -> RSAPublicKey:
        """Answer its RSA public key. Raises UnsupportedKey, or NotACertificate when the key is unreadable."""
        try:
            key = load_der_public_key(self._parts.public_key_info)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise NotACertificate from error
        if not isinstance(key, RSAPublicKey):
            raise UnsupportedKey
        return key

    def verify_issued_by(self, issuer: Certificate) -> bool:
        """Answer whether this issuer's key made its signature and its name stands in it."""
        digest = _SIGNATURE_HASHES.get(self._parts.signature_algorithm)
        if digest is None or self._parts.issuer != issuer._parts.subject:
            return False
        try:
            issuer.public_key.verify(self._parts.signature, self._parts.tbs, padding.PKCS1v15(), digest())
        except (InvalidSignature, UnsupportedAlgorithm):
            return False
        return True

    @property
    def pem(self) -> str:
        """Answer the PEM text: base64 in lines of 64 columns."""
        body = base64.b64encode(self.der).decode("ascii")
        lines = [body[start : start + 64] for start in range(0, len(body), 64)]
        return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])

    @property
    def base64(self) -> str:
        """Answer the DER bytes in base64, in one line."""
        return base64.b64encode(self.der).decode("ascii")

    @cached_property
    def sha256(self) -> str:
        """Answer the hexadecimal SHA-256 of its DER bytes."""
        return hashlib.sha256(self.der).hexdigest()


@dataclass(frozen=True, slots=True)
class _Parts:
    tbs: bytes
    serial_number: int
    issuer: bytes
    not_before: datetime
    not_after: datetime
    subject: bytes
    public_key_info: bytes
    extensions: bytes
    signature_algorithm: str
    signature: bytes


def _read_parts(data: bytes) -> _Parts:
    """Walk Certificate and TBSCertificate (RFC 5280 §4.1)."""
    try:
        tbs, algorithm, signature = der.only(data, der.SEQUENCE).children()
        fields = tbs.expect(der.SEQUENCE).children()
        if fields and fields[0].tag == _VERSION:
            fields = fields[1:]
        serial, _, issuer, validity, subject, key_info, *rest = fields
        start, end = validity.expect(der.SEQUENCE).children()
        extensions = next((field.content for field in rest if field.tag == _EXTENSIONS), b"")
        return _Parts(
            tbs=tbs.raw,
            serial_number=der.integer(serial),
            issuer=issuer.raw,
            not_before=der.instant(start),
            not_after=der.instant(end),
            subject=subject.raw,
            public_key_info=key_info.expect(der.SEQUENCE).raw,
            extensions=extensions,
            signature_algorithm=der.oid(algorithm.expect(der.SEQUENCE).children()[0]),
            signature=der.bits(signature),
        )
    except (der.BadDer, ValueError, IndexError) as error:
        raise der.BadDer(problem="no es un certificado X.509") from error


def _to_der(data: bytes) -> bytes:
    """Find the DER bytes in DER, PEM (text around it allowed) or base64, with or without a byte order mark."""
    if data[:1] == b"\x30":
        return data
    stripped = data.removeprefix(b"\xef\xbb\xbf").strip()
    found = _PEM.search(stripped)
    text = found[1] if found else stripped
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise NotACertificate from error
