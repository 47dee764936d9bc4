"""Private keys as people hand them in: PKCS#8 (encrypted or not), PKCS#1, PKCS#12; DER, PEM or base64."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress

from cryptography.exceptions import InternalError, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from acuse.pki import der
from acuse.pki.effort import check_effort
from acuse.pki.errors import (
    KeyPasswordMissing,
    KeyTooCostly,
    NotAPrivateKey,
    Sha1Unavailable,
    UnsupportedKey,
    WrongKeyPassword,
)
from acuse.pki.pkcs12 import is_pkcs12, shrouded_key

_PEM = re.compile(rb"-----BEGIN ((?:RSA |ENCRYPTED )?PRIVATE KEY)-----([^-]+)-----END")
_PASSWORD_BYTES_MAX = 1023


class PrivateKey:
    """An RSA private key in memory. Its repr shows nothing, and it cannot be pickled."""

    __slots__ = ("_key",)

    def __init__(self, key: RSAPrivateKey) -> None:
        self._key = key

    @classmethod
    def generate(cls, bits: int = 2048) -> PrivateKey:
        """Make a new key."""
        return cls(generate_private_key(public_exponent=65537, key_size=bits))

    @property
    def public_key(self) -> RSAPublicKey:
        """Answer its public half."""
        return self._key.public_key()

    def sign_sha1(self, data: bytes) -> bytes:
        """Sign with RSASSA-PKCS1-v1_5 and SHA-1. Raises Sha1Unavailable where the machine forbids it."""
        try:
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - the SAT's protocol asks it
        except (UnsupportedAlgorithm, InternalError) as error:
            raise Sha1Unavailable from error

    def sign_sha256(self, data: bytes) -> bytes:
        """Sign with RSASSA-PKCS1-v1_5 and SHA-256."""
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def to_der(self) -> bytes:
        """Answer the key as unencrypted PKCS#8 DER: for the vault only."""
        return self._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def to_encrypted_pem(self, password: bytes | str) -> str:
        """Answer the key as encrypted PKCS#8 PEM (PBES2, AES-256-CBC). Raises KeyPasswordMissing when empty."""
        secret = password.encode() if isinstance(password, str) else password
        if not secret:
            raise KeyPasswordMissing
        if len(secret) > _PASSWORD_BYTES_MAX:
            raise WrongKeyPassword
        pem = self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(secret))
        return pem.decode("ascii")

    def __repr__(self) -> str:
        return "PrivateKey(…)"

    def __reduce__(self) -> str:
        raise TypeError("a private key does not leave its process")


def open_private_key(data: bytes, password: bytes | str | None, *, validate: bool = True) -> PrivateKey:
    """Open a private key. The password is tried as UTF-8, then as Latin-1; an unencrypted key ignores it.

    With `validate` the key's numbers are checked (36 ms): ask for it once, at upload, and not at each signing.
    Raises NotAPrivateKey, UnsupportedKey, WrongKeyPassword, KeyPasswordMissing.
    """
    content = _to_der(data)
    if is_pkcs12(content):
        content = shrouded_key(content)
    encrypted = _is_encrypted(content)
    if not encrypted:
        return _load(content, None, validate=validate)
    if not password:
        raise KeyPasswordMissing
    for spelling in _spellings(password):
        try:
            return _load(content, spelling, validate=validate)
        except WrongKeyPassword:
            continue
    raise WrongKeyPassword


def is_private_key(data: bytes) -> bool:
    """Answer whether these bytes look like a private key in any form we open, without opening it."""
    try:
        content = _to_der(data)
        if not is_pkcs12(content):
            _is_encrypted(content)
    except KeyTooCostly:
        return True
    except NotAPrivateKey:
        return False
    return True


def check_sha1() -> None:
    """Prove that this machine signs with RSA-SHA1. Raises Sha1Unavailable. Takes a tenth of a second."""
    try:
        PrivateKey.generate().sign_sha1(b"acuse")
    except (UnsupportedAlgorithm, InternalError) as error:
        raise Sha1Unavailable from error


def _load(content: bytes, password: bytes | None, *, validate: bool) -> PrivateKey:
    try:
        key = load_der_private_key(content, password, unsafe_skip_rsa_key_validation=not validate)
    except UnsupportedAlgorithm as error:
        raise NotAPrivateKey from error
    except (ValueError, TypeError) as error:
        if password is not None and _opens_to_nothing(error):
            raise WrongKeyPassword from error
        raise NotAPrivateKey from error
    if not isinstance(key, RSAPrivateKey):
        raise UnsupportedKey
    return PrivateKey(key)


def _opens_to_nothing(error: Exception) -> bool:
    """Tell a wrong password from a broken file.

    A wrong password usually breaks the padding ("Incorrect password"); in one of 256 tries the padding happens to
    be right, and what comes out is not DER ("Could not deserialize").
    """
    text = str(error)
    return "password" in text.lower() or "deserialize" in text


def _spellings(password: bytes | str) -> Iterator[bytes]:
    """Answer the bytes a password may stand for: as given, in UTF-8, in Latin-1."""
    if isinstance(password, bytes):
        try:
            text = password.decode("utf-8")
        except UnicodeDecodeError:
            text = password.decode("latin-1")
        candidates = [password]
    else:
        text, candidates = password, []
    for encoding in ("utf-8", "latin-1"):
        with suppress(UnicodeEncodeError):
            candidates.append(text.encode(encoding))
    yield from (spelling for spelling in dict.fromkeys(candidates) if len(spelling) <= _PASSWORD_BYTES_MAX)


def _is_encrypted(content: bytes) -> bool:
    """Tell EncryptedPrivateKeyInfo from PrivateKeyInfo and RSAPrivateKey by its first inner element."""
    try:
        parts = der.only(content, der.SEQUENCE).children()
        if [part.tag for part in parts] == [der.SEQUENCE, der.OCTET_STRING]:
            check_effort(parts[0])
            return True
    except der.BadDer as error:
        raise NotAPrivateKey from error
    if len(parts) > 2 and parts[0].tag == der.INTEGER:  # noqa: PLR2004 - version, then what the key is
        return False
    raise NotAPrivateKey


def _to_der(data: bytes) -> bytes:
    """Find the DER bytes in DER, PEM (text around it allowed) or base64."""
    if data[:1] == b"\x30":
        return data
    stripped = data.removeprefix(b"\xef\xbb\xbf").strip()
    found = _PEM.search(stripped)
    if found is None and b"-----BEGIN" in stripped:
        raise NotAPrivateKey
    text = found[2] if found else stripped
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        raise NotAPrivateKey from error
