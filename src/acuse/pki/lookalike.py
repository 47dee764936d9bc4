"""A certificate authority of our own, made at run time for simulators, the demo and tests.

It writes names byte for byte as asked, odd string types included, which no library would let us do.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from acuse.pki import der, extensions
from acuse.pki.certificate import Certificate
from acuse.pki.extensions import KeyUsage
from acuse.pki.keypair import KeyPair
from acuse.pki.names import Attribute, write_name
from acuse.pki.private_key import PrivateKey

_SHA256_WITH_RSA = der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.1.1.11"), der.write(der.NULL))
_PBES2, _PBKDF2 = "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12"
_DES_EDE3_CBC, _AES256_CBC = "1.2.840.113549.3.7", "2.16.840.1.101.3.4.1.42"
_HMAC_SHA256 = "1.2.840.113549.2.9"
_VERSION_3 = der.write(0xA0, der.write_integer(2))


@dataclass(frozen=True)
class CertificateAuthority:
    """An issuer: its own self-signed certificate and the key it signs with."""

    pair: KeyPair

    @classmethod
    def create(
        cls, name: Sequence[Attribute], *, serial: int, not_before: datetime, not_after: datetime, bits: int = 2048
    ) -> CertificateAuthority:
        """Make a root of this name."""
        key = PrivateKey.generate(bits)
        written = write_name(name)
        root = [
            extensions.write_extension(extensions.BASIC_CONSTRAINTS, extensions.write_basic_constraints(ca=True)),
            extensions.write_extension(
                extensions.KEY_USAGE, extensions.write_key_usage(KeyUsage.KEY_CERT_SIGN | KeyUsage.CRL_SIGN)
            ),
        ]
        tbs = _write_tbs(serial, written, (not_before, not_after), written, key.public_key, root)
        return cls(KeyPair(_sign(tbs, key), key))

    @property
    def certificate(self) -> Certificate:
        """Answer its own certificate."""
        return self.pair.certificate

    def issue(
        self,
        subject: Sequence[Attribute],
        public_key: RSAPublicKey,
        *,
        serial: int,
        not_before: datetime,
        not_after: datetime,
        extensions: Sequence[bytes] = (),
    ) -> Certificate:
        """Issue a certificate with exactly this subject and these extensions (see `pki.extensions`)."""
        issuer = self.certificate.subject.raw
        validity = (not_before, not_after)
        tbs = _write_tbs(serial, issuer, validity, write_name(subject), public_key, extensions)
        return _sign(tbs, self.pair.private_key)


def encrypt_key_3des(key: PrivateKey, password: bytes, *, rounds: int = 2048) -> bytes:
    """Answer PKCS#8 DER under PBES2 with PBKDF2 (HMAC-SHA1) and des-ede3-cbc, as the SAT's test set has it."""
    salt, start = secrets.token_bytes(8), secrets.token_bytes(8)
    secret = hashlib.pbkdf2_hmac("sha1", password, salt, rounds, 24)
    scheme = der.write(der.SEQUENCE, der.write_oid(_DES_EDE3_CBC), der.write(der.OCTET_STRING, start))
    derivation = der.write(der.SEQUENCE, der.write(der.OCTET_STRING, salt), der.write_integer(rounds))
    return _pbes2(derivation, scheme, _encrypt(TripleDES(secret), start, key.to_der()))


def encrypt_key_aes256(key: PrivateKey, password: bytes, *, rounds: int = 2048) -> bytes:
    """Answer PKCS#8 DER under PBES2 with PBKDF2 (HMAC-SHA256) and aes256-cbc, as newer programs write it."""
    salt, start = secrets.token_bytes(16), secrets.token_bytes(16)
    secret = hashlib.pbkdf2_hmac("sha256", password, salt, rounds, 32)
    scheme = der.write(der.SEQUENCE, der.write_oid(_AES256_CBC), der.write(der.OCTET_STRING, start))
    function = der.write(der.SEQUENCE, der.write_oid(_HMAC_SHA256), der.write(der.NULL))
    derivation = der.write(der.SEQUENCE, der.write(der.OCTET_STRING, salt), der.write_integer(rounds), function)
    return _pbes2(derivation, scheme, _encrypt(AES(secret), start, key.to_der()))


def _pbes2(derivation: bytes, scheme: bytes, encrypted: bytes) -> bytes:
    function = der.write(der.SEQUENCE, der.write_oid(_PBKDF2), derivation)
    parameters = der.write(der.SEQUENCE, function, scheme)
    algorithm = der.write(der.SEQUENCE, der.write_oid(_PBES2), parameters)
    return der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, encrypted))


def _encrypt(algorithm: TripleDES | AES, start: bytes, plain: bytes) -> bytes:
    filler = padding.PKCS7(algorithm.block_size).padder()
    encryptor = Cipher(algorithm, modes.CBC(start)).encryptor()
    return encryptor.update(filler.update(plain) + filler.finalize()) + encryptor.finalize()


def _write_tbs(
    serial: int,
    issuer: bytes,
    validity: tuple[datetime, datetime],
    subject: bytes,
    public_key: RSAPublicKey,
    extensions: Sequence[bytes],
) -> bytes:
    key_info = public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return der.write(
        der.SEQUENCE,
        _VERSION_3,
        der.write_integer(serial),
        _SHA256_WITH_RSA,
        issuer,
        der.write(der.SEQUENCE, *map(der.write_instant, validity)),
        subject,
        key_info,
        der.write(0xA3, der.write(der.SEQUENCE, *extensions)) if extensions else b"",
    )


def _sign(tbs: bytes, key: PrivateKey) -> Certificate:
    return Certificate(der.write(der.SEQUENCE, tbs, _SHA256_WITH_RSA, der.write_bits(key.sign_sha256(tbs))))
