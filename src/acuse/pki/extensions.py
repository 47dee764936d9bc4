"""The extensions of a certificate that tell what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from acuse.pki import der

KEY_USAGE = "2.5.29.15"
EXTENDED_KEY_USAGE = "2.5.29.37"
BASIC_CONSTRAINTS = "2.5.29.19"
NETSCAPE_CERT_TYPE = "2.16.840.1.113730.1.1"

CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"
EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"


class KeyUsage(IntFlag):
    """The bits of KeyUsage in the order of RFC 5280 §4.2.1.3: the first is the highest bit of the first byte."""

    DIGITAL_SIGNATURE = 0x80
    NON_REPUDIATION = 0x40
    KEY_ENCIPHERMENT = 0x20
    DATA_ENCIPHERMENT = 0x10
    KEY_AGREEMENT = 0x08
    KEY_CERT_SIGN = 0x04
    CRL_SIGN = 0x02
    ENCIPHER_ONLY = 0x01


class NetscapeCertType(IntFlag):
    """The bits of Netscape's certificate type, which older authorities still write."""

    SSL_CLIENT = 0x80
    SSL_SERVER = 0x40
    SMIME = 0x20
    OBJECT_SIGNING = 0x10
    SSL_CA = 0x04
    SMIME_CA = 0x02
    OBJECT_SIGNING_CA = 0x01


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the extensions say: None or empty where the certificate is silent. `oids` in their order."""

    oids: tuple[str, ...] = ()
    key_usage: KeyUsage | None = None
    extended_key_usages: frozenset[str] = frozenset()
    netscape_type: NetscapeCertType | None = None
    is_ca: bool = False


def read_extensions(data: bytes) -> Extensions:
    """Read the content of the certificate's `[3]` field; empty bytes mean no extensions. Raises BadDer."""
    if not data:
        return Extensions()
    values: dict[str, bytes] = {}
    for extension in der.read(data).expect(der.SEQUENCE).children():
        parts = extension.expect(der.SEQUENCE).children()
        if len(parts) < 2:  # noqa: PLR2004 - an OID and a value, with perhaps `critical` between
            raise der.BadDer(problem="extensión sin valor")
        values[der.oid(parts[0])] = parts[-1].expect(der.OCTET_STRING).content
    usage, netscape = values.get(KEY_USAGE), values.get(NETSCAPE_CERT_TYPE)
    return Extensions(
        oids=tuple(values),
        key_usage=None if usage is None else KeyUsage(_first_byte(usage)),
        extended_key_usages=_purposes(values.get(EXTENDED_KEY_USAGE)),
        netscape_type=None if netscape is None else NetscapeCertType(_first_byte(netscape)),
        is_ca=_is_ca(values.get(BASIC_CONSTRAINTS)),
    )


def _first_byte(value: bytes) -> int:
    content = der.bits(der.read(value))
    return content[0] if content else 0


def _purposes(value: bytes | None) -> frozenset[str]:
    if value is None:
        return frozenset()
    return frozenset(der.oid(purpose) for purpose in der.read(value).expect(der.SEQUENCE).children())


def _is_ca(value: bytes | None) -> bool:
    if value is None:
        return False
    fields = der.read(value).expect(der.SEQUENCE).children()
    return bool(fields) and fields[0].tag == der.BOOLEAN and any(fields[0].content)


def write_extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """Write one extension around its DER value."""
    flag = der.write(der.BOOLEAN, b"\xff") if critical else b""
    return der.write(der.SEQUENCE, der.write_oid(oid), flag, der.write(der.OCTET_STRING, value))


def write_key_usage(usage: KeyUsage) -> bytes:
    """Write a KeyUsage value."""
    return _flags(usage.value)


def write_netscape_type(kind: NetscapeCertType) -> bytes:
    """Write a Netscape certificate type value."""
    return _flags(kind.value)


def write_purposes(*oids: str) -> bytes:
    """Write an extended key usage value."""
    return der.write(der.SEQUENCE, *(der.write_oid(oid) for oid in oids))


def write_basic_constraints(*, ca: bool) -> bytes:
    """Write a basic constraints value."""
    return der.write(der.SEQUENCE, der.write(der.BOOLEAN, b"\xff") if ca else b"")


def _flags(value: int) -> bytes:
    unused = (value & -value).bit_length() - 1 if value else 0
    return der.write_bits(bytes((value,)) if value else b"", unused=unused)
