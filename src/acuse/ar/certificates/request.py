"""The request for a certificate (PKCS#10) that a device makes: read, and its key told."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from acuse.ar.certificates.errors import NotADeviceRequest

_PEM: Final = re.compile(rb"-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([^-]+)-----END")
_SMALLEST_BITS: Final = 1024
MOST_BYTES: Final = 16_384


@dataclass(frozen=True)
class DeviceRequest:
    """A request whose signature holds: its bytes and the hash of the key it is for. Its name is of no account."""

    der: bytes
    public_key_sha256: str


def read_request(data: bytes) -> DeviceRequest:
    """Read a request in PEM, DER or bare base64. Raises NotADeviceRequest."""
    found = _PEM.search(data)
    text = found[1] if found else data
    try:
        der = data if data[:1] == b"\x30" else base64.b64decode(b"".join(text.split()), validate=True)
        request = x509.load_der_x509_csr(der)
        key, signed = request.public_key(), request.is_signature_valid
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise NotADeviceRequest(problem="no se puede leer") from error
    if not signed:
        raise NotADeviceRequest(problem="su firma no es válida")
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_BITS:
        raise NotADeviceRequest(problem=f"su llave debe ser RSA de {_SMALLEST_BITS} bits o más")
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return DeviceRequest(der, hashlib.sha256(info).hexdigest())
