"""A certificate authority that issues e.firmas and CSDs of the SAT's make, for simulators, the demo and tests.

The certificates agree with the SAT's in everything a program can read: issuer and subject attributes, 20-digit
number, usages, extensions, validity of four years, key file. They are worth nothing at the SAT.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from acuse.mx.rfc import Rfc
from acuse.pki import der, extensions, names
from acuse.pki.certificate import Certificate
from acuse.pki.extensions import KeyUsage, NetscapeCertType
from acuse.pki.keypair import KeyPair
from acuse.pki.lookalike import CertificateAuthority, encrypt_key_3des, encrypt_key_aes256
from acuse.pki.names import Attribute
from acuse.pki.private_key import PrivateKey

_PRINTABLE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?")
_VALIDITY = timedelta(days=4 * 365 + 1)
_PREFIX = "300010000005"


class NameSpelling(Enum):
    """How names are written into certificates. Each is met in the world."""

    SAT = "sat"  # PrintableString where the letters allow it, else T61String with Latin-1 bytes
    UTF8 = "utf8"
    PRINTABLE = "printable"  # PrintableString whatever the letters are
    BMP = "bmp"


class KeyEncryption(Enum):
    """How the key file is encrypted."""

    TRIPLE_DES = "des-ede3-cbc"  # as the SAT's test set
    AES256 = "aes-256-cbc"


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whom a certificate is issued to: a natural person, or a company with its legal representative."""

    rfc: Rfc
    name: str
    curp: str | None = None
    representative_rfc: Rfc | None = None
    representative_curp: str | None = None


@dataclass(frozen=True, kw_only=True)
class IssuedFiles:
    """What the SAT hands out: `.cer` (DER), `.key` (DER, encrypted PKCS#8) and the password the holder chose."""

    cer: bytes
    key: bytes = field(repr=False)
    password: str = field(repr=False)
    pair: KeyPair = field(repr=False)


@dataclass(frozen=True)
class SatLookalikeCa:
    """An issuer that looks like the SAT's."""

    authority: CertificateAuthority
    _numbers: Iterator[int] = field(repr=False)

    @classmethod
    def create(cls, *, at: datetime, first_number: int = 1) -> SatLookalikeCa:
        """Make the authority; it is valid from ten years before `at` to ten years after."""
        numbers = itertools.count(first_number)
        authority = CertificateAuthority.create(
            _ISSUER,
            serial=_serial(next(numbers)),
            not_before=at - timedelta(days=3652),
            not_after=at + timedelta(days=3652),
        )
        return cls(authority, numbers)

    @property
    def certificate(self) -> Certificate:
        """Answer the issuer's own certificate."""
        return self.authority.certificate

    @property
    def efirma_extensions(self) -> Sequence[bytes]:
        """Answer the four extensions of an e.firma, for certificates that differ from one in something else."""
        return _EFIRMA_EXTENSIONS

    def issue_efirma(
        self,
        holder: Holder,
        *,
        not_before: datetime,
        password: str = "12345678a",  # noqa: S107 - the password of the SAT's own public test files
        validity: timedelta = _VALIDITY,
        spelling: NameSpelling = NameSpelling.SAT,
        encryption: KeyEncryption = KeyEncryption.TRIPLE_DES,
        key: PrivateKey | None = None,
    ) -> IssuedFiles:
        """Issue an e.firma, valid from `not_before`."""
        subject = _subject(holder, spelling)
        return self._issue(subject, _EFIRMA_EXTENSIONS, (not_before, validity), password, encryption, key)

    def issue_csd(
        self,
        holder: Holder,
        *,
        not_before: datetime,
        branch: str = "Matriz",
        password: str = "12345678a",  # noqa: S107 - the password of the SAT's own public test files
        validity: timedelta = _VALIDITY,
        spelling: NameSpelling = NameSpelling.SAT,
        encryption: KeyEncryption = KeyEncryption.TRIPLE_DES,
        key: PrivateKey | None = None,
    ) -> IssuedFiles:
        """Issue a CSD for a branch, valid from `not_before`."""
        subject = [*_subject(holder, spelling), _spelled(names.ORGANIZATIONAL_UNIT, branch, spelling)]
        return self._issue(subject, _CSD_EXTENSIONS, (not_before, validity), password, encryption, key)

    def _issue(
        self,
        subject: Sequence[Attribute],
        written_extensions: Sequence[bytes],
        validity: tuple[datetime, timedelta],
        password: str,
        encryption: KeyEncryption,
        key: PrivateKey | None,
    ) -> IssuedFiles:
        key = key or PrivateKey.generate()
        certificate = self.authority.issue(
            subject,
            key.public_key,
            serial=_serial(next(self._numbers)),
            not_before=validity[0],
            not_after=validity[0] + validity[1],
            extensions=written_extensions,
        )
        encrypt = encrypt_key_3des if encryption is KeyEncryption.TRIPLE_DES else encrypt_key_aes256
        return IssuedFiles(
            cer=certificate.der,
            key=encrypt(key, password.encode()),
            password=password,
            pair=KeyPair(certificate, key),
        )


def _serial(count: int) -> int:
    """Answer the serial whose bytes are the 20 digits of this certificate's number."""
    return int.from_bytes(f"{_PREFIX}{count:08d}".encode("ascii"), "big")


def _spelled(oid: str, text: str, spelling: NameSpelling) -> Attribute:
    tags = {
        NameSpelling.UTF8: der.UTF8_STRING,
        NameSpelling.PRINTABLE: der.PRINTABLE_STRING,
        NameSpelling.BMP: der.BMP_STRING,
        NameSpelling.SAT: der.PRINTABLE_STRING if _PRINTABLE.issuperset(text) else der.T61_STRING,
    }
    return Attribute(oid, text, tags[spelling])


def _subject(holder: Holder, spelling: NameSpelling) -> list[Attribute]:
    unique = f"{holder.rfc} / {holder.representative_rfc}" if holder.representative_rfc else str(holder.rfc)
    curp = f" / {holder.representative_curp}" if holder.representative_curp else holder.curp
    texts = [(names.COMMON_NAME, holder.name), (names.FULL_NAME, holder.name), (names.ORGANIZATION, holder.name)]
    texts += [(names.UNIQUE_IDENTIFIER, unique)]
    texts += [(names.SERIAL_NUMBER, curp)] if curp else []
    return [_spelled(oid, text, spelling) for oid, text in texts]


_ISSUER = (
    Attribute(names.COMMON_NAME, "AC SIMULADA"),
    Attribute(names.ORGANIZATION, "SERVICIO DE ADMINISTRACIÓN TRIBUTARIA (SIMULADO)"),
    Attribute(names.ORGANIZATIONAL_UNIT, "SAT-IES Authority (simulada)"),
    Attribute(names.EMAIL, "simulador@acuse.invalid", der.IA5_STRING),
    Attribute(names.STREET, "Av. Hidalgo 77, Col. Guerrero"),
    Attribute(names.POSTAL_CODE, "06300"),
    Attribute(names.COUNTRY, "MX", der.PRINTABLE_STRING),
    Attribute(names.STATE, "CIUDAD DE MÉXICO"),
    Attribute(names.LOCALITY, "CUAUHTÉMOC"),
    Attribute(names.UNIQUE_IDENTIFIER, "SAT970701NN3"),
    Attribute(names.UNSTRUCTURED_NAME, "responsable: simulador de Acuse"),
)
_SIGNS = KeyUsage.DIGITAL_SIGNATURE | KeyUsage.NON_REPUDIATION
_NOT_A_CA = extensions.write_extension(
    extensions.BASIC_CONSTRAINTS, extensions.write_basic_constraints(ca=False), critical=True
)
_CSD_EXTENSIONS = (
    _NOT_A_CA,
    extensions.write_extension(extensions.KEY_USAGE, extensions.write_key_usage(_SIGNS)),
)
_EFIRMA_EXTENSIONS = (
    _NOT_A_CA,
    extensions.write_extension(
        extensions.KEY_USAGE,
        extensions.write_key_usage(_SIGNS | KeyUsage.DATA_ENCIPHERMENT | KeyUsage.KEY_AGREEMENT),
    ),
    extensions.write_extension(
        extensions.NETSCAPE_CERT_TYPE,
        extensions.write_netscape_type(NetscapeCertType.SSL_CLIENT | NetscapeCertType.SMIME),
    ),
    extensions.write_extension(
        extensions.EXTENDED_KEY_USAGE,
        extensions.write_purposes(extensions.EMAIL_PROTECTION, extensions.CLIENT_AUTH),
    ),
)
