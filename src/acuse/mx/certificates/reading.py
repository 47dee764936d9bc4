"""Read a certificate of the SAT: what it is for and whose it is.

The subject's x500UniqueIdentifier holds `RFC`, or `RFC / RFC of the legal representative`; serialNumber holds
`CURP`, or ` / CURP of the representative`. e.firma and CSD are told apart by KeyUsage and ExtendedKeyUsage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from acuse.mx.certificates.errors import CertificateWithoutRfc
from acuse.mx.rfc import InvalidRfc, Rfc
from acuse.pki import names
from acuse.pki.certificate import Certificate
from acuse.pki.extensions import CLIENT_AUTH, EMAIL_PROTECTION, KeyUsage


class CertificateKind(StrEnum):
    """What the SAT issued the certificate for."""

    EFIRMA = "efirma"
    CSD = "csd"
    OTHER = "other"


@dataclass(frozen=True)
class SatCertificate:
    """A certificate seen with the SAT's eyes."""

    certificate: Certificate

    @classmethod
    def load(cls, data: bytes) -> SatCertificate:
        """Read it from DER, PEM or base64. Raises NotACertificate."""
        return cls(Certificate.load(data))

    @cached_property
    def kind(self) -> CertificateKind:
        """Answer what it is for, by KeyUsage (D8 or C0) and ExtendedKeyUsage."""
        usage = self.certificate.key_usage or KeyUsage(0)
        purposes = self.certificate.extended_key_usages
        signs = KeyUsage.DIGITAL_SIGNATURE | KeyUsage.NON_REPUDIATION
        if usage & signs != signs or self.certificate.extensions.is_ca:
            return CertificateKind.OTHER
        if usage & KeyUsage.KEY_AGREEMENT and purposes & {CLIENT_AUTH, EMAIL_PROTECTION}:
            return CertificateKind.EFIRMA
        if not usage & (KeyUsage.KEY_AGREEMENT | KeyUsage.DATA_ENCIPHERMENT) and not purposes:
            return CertificateKind.CSD
        return CertificateKind.OTHER

    @cached_property
    def rfc(self) -> Rfc:
        """Answer the holder's RFC. Raises CertificateWithoutRfc."""
        try:
            return Rfc.parse(self._part(names.UNIQUE_IDENTIFIER, 0) or "")
        except InvalidRfc as error:
            raise CertificateWithoutRfc from error

    @cached_property
    def representative_rfc(self) -> Rfc | None:
        """Answer the legal representative's RFC, when it names one."""
        try:
            return Rfc.parse(self._part(names.UNIQUE_IDENTIFIER, 1) or "")
        except InvalidRfc:
            return None

    @property
    def curp(self) -> str | None:
        """Answer the holder's CURP; None for a company."""
        return self._part(names.SERIAL_NUMBER, 0)

    @property
    def representative_curp(self) -> str | None:
        """Answer the legal representative's CURP, when it names one."""
        return self._part(names.SERIAL_NUMBER, 1)

    @property
    def holder_name(self) -> str:
        """Answer the holder's name; empty when the subject names none."""
        subject = self.certificate.subject
        return subject.get(names.FULL_NAME) or subject.get(names.COMMON_NAME) or subject.get(names.ORGANIZATION) or ""

    @property
    def branch(self) -> str | None:
        """Answer the branch a CSD was made for."""
        return self.certificate.subject.get(names.ORGANIZATIONAL_UNIT)

    @property
    def number(self) -> str:
        """Answer the NoCertificado: 20 digits."""
        return self.certificate.number

    @property
    def not_before(self) -> datetime:
        """Answer the first instant of its validity, in UTC."""
        return self.certificate.not_before

    @property
    def not_after(self) -> datetime:
        """Answer the last instant of its validity, in UTC."""
        return self.certificate.not_after

    def _part(self, oid: str, place: int) -> str | None:
        parts = (self.certificate.subject.get(oid) or "").split("/")
        return (parts[place].strip() or None) if place < len(parts) else None
