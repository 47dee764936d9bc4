"""The certificate with which a company calls ARCA's web services: whose it is, and an authority of look-alikes.

Its subject is fixed by ARCA: `SERIALNUMBER=CUIT 20123456786, CN=alias`. It never goes to a device or a reseller.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from acuse.ar.certificates.errors import NotACompanyCertificate
from acuse.pki import names
from acuse.pki.certificate import Certificate
from acuse.pki.keypair import KeyPair
from acuse.pki.lookalike import CertificateAuthority
from acuse.pki.names import Attribute
from acuse.pki.private_key import PrivateKey

_OWNER: Final = re.compile(r"CUIT ([0-9]{11})")
_YEAR: Final = timedelta(days=365)


def company_of(certificate: Certificate) -> str:
    """Answer the CUIT a web-service certificate belongs to, 11 digits. Raises NotACompanyCertificate."""
    found = _OWNER.fullmatch((certificate.subject.get(names.SERIAL_NUMBER) or "").strip())
    if found is None:
        raise NotACompanyCertificate(name=(certificate.subject.get(names.COMMON_NAME) or "")[:64])
    return found[1]


@dataclass
class CompanyLookalikeCa:
    """Issues certificates of companies, for simulators, the demo and tests. Worth nothing at ARCA."""

    authority: CertificateAuthority
    serials: Iterator[int] = field(default_factory=lambda: itertools.count(500))

    @classmethod
    def create(cls, at: datetime) -> Self:
        """Make the authority, valid around this instant."""
        name = [
            Attribute(names.COMMON_NAME, "Computadores Test"),
            Attribute(names.ORGANIZATION, "AFIP"),
            Attribute(names.COUNTRY, "AR"),
        ]
        return cls(CertificateAuthority.create(name, serial=1, not_before=at - 5 * _YEAR, not_after=at + 10 * _YEAR))

    def issue(
        self, cuit: str, *, since: datetime, until: datetime | None = None, alias: str = "acuse", key: PrivateKey
    ) -> KeyPair:
        """Issue a company's certificate for this key."""
        subject = [Attribute(names.SERIAL_NUMBER, f"CUIT {cuit}"), Attribute(names.COMMON_NAME, alias)]
        certificate = self.authority.issue(
            subject, key.public_key, serial=next(self.serials), not_before=since, not_after=until or since + 2 * _YEAR
        )
        return KeyPair(certificate, key)
