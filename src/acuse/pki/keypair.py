"""Certificate and private key together. The pair cannot exist unless they belong together."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from acuse.pki.certificate import Certificate
from acuse.pki.errors import KeyDoesNotMatch
from acuse.pki.private_key import PrivateKey, open_private_key


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its private key. Making one with a key of another certificate raises KeyDoesNotMatch."""

    certificate: Certificate
    private_key: PrivateKey

    def __post_init__(self) -> None:
        if self.private_key.public_key.public_numbers() != self.certificate.public_key.public_numbers():
            raise KeyDoesNotMatch

    @classmethod
    def open(cls, certificate: bytes, key: bytes, password: bytes | str | None) -> KeyPair:
        """Open a pair with every check, and prove it by a signature: what an upload asks."""
        pair = cls(Certificate.load(certificate), open_private_key(key, password))
        pair.prove()
        return pair

    @classmethod
    def reopen(cls, certificate: bytes, key: bytes) -> KeyPair:
        """Open a pair that was proven before, from DER and unencrypted PKCS#8 DER, without the slow checks."""
        return cls(Certificate.load(certificate), open_private_key(key, None, validate=False))

    def prove(self) -> None:
        """Sign something and verify it with the certificate's key. Raises KeyDoesNotMatch."""
        text = b"acuse"
        try:
            self.certificate.public_key.verify(self.sign_sha256(text), text, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise KeyDoesNotMatch from error

    def sign_sha1(self, data: bytes) -> bytes:
        """Sign with RSASSA-PKCS1-v1_5 and SHA-1."""
        return self.private_key.sign_sha1(data)

    def sign_sha256(self, data: bytes) -> bytes:
        """Sign with RSASSA-PKCS1-v1_5 and SHA-256."""
        return self.private_key.sign_sha256(data)
