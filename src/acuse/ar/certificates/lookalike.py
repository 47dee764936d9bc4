"""An authority that issues device certificates of AFIP's make, for simulators, the demo and tests.

Names, unit, usages, RSA 1024, two years and a day, no SAN: as the real ones. They are worth nothing at ARCA.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from acuse.ar.certificates.bundle import UNIT
from acuse.ar.controladores import ControladorId
from acuse.pki import extensions, names
from acuse.pki.certificate import Certificate
from acuse.pki.extensions import KeyUsage
from acuse.pki.keypair import KeyPair
from acuse.pki.lookalike import CertificateAuthority
from acuse.pki.names import Attribute
from acuse.pki.private_key import PrivateKey

DEVICE_BITS: Final = 1024
VALIDITY: Final = timedelta(days=731)
_SERVER_AUTH: Final = "1.3.6.1.5.5.7.3.1"
_YEAR: Final = timedelta(days=365)


@dataclass
class AfipLookalikeCa:
    """A root and the intermediate that certifies devices. Serials count up."""

    root: CertificateAuthority
    intermediate: CertificateAuthority
    serials: Iterator[int] = field(default_factory=lambda: itertools.count(7000))

    @classmethod
    def create(cls, at: datetime, *, name: str = "Controladores Fiscales Test") -> Self:
        """Make both, valid around this instant."""
        since, until = at - 5 * _YEAR, at + 10 * _YEAR
        root = CertificateAuthority.create(_subject("AC Raiz Test"), serial=1, not_before=since, not_after=until)
        key = PrivateKey.generate()
        usage = KeyUsage.DIGITAL_SIGNATURE | KeyUsage.KEY_CERT_SIGN | KeyUsage.CRL_SIGN
        middle = root.issue(
            _subject(name),
            key.public_key,
            serial=2,
            not_before=since,
            not_after=until,
            extensions=[
                extensions.write_extension(
                    extensions.BASIC_CONSTRAINTS, extensions.write_basic_constraints(ca=True), critical=True
                ),
                extensions.write_extension(extensions.KEY_USAGE, extensions.write_key_usage(usage), critical=True),
            ],
        )
        return cls(root, CertificateAuthority(KeyPair(middle, key)))

    def issue(
        self,
        controlador: str | ControladorId,
        *,
        since: datetime,
        until: datetime | None = None,
        key: PrivateKey | RSAPublicKey | None = None,
        unit: str = UNIT,
        more: tuple[Attribute, ...] = (),
    ) -> Certificate:
        """Issue a device's certificate: of a key shared among look-alikes unless one is given."""
        usage = KeyUsage.DIGITAL_SIGNATURE | KeyUsage.NON_REPUDIATION | KeyUsage.KEY_ENCIPHERMENT
        key = key or device_key()
        return self.intermediate.issue(
            [*more, *_subject(str(controlador), unit)],
            key.public_key if isinstance(key, PrivateKey) else key,
            serial=next(self.serials),
            not_before=since,
            not_after=until or since + VALIDITY,
            extensions=[
                extensions.write_extension(extensions.KEY_USAGE, extensions.write_key_usage(usage), critical=True),
                extensions.write_extension(
                    extensions.EXTENDED_KEY_USAGE,
                    extensions.write_purposes(extensions.CLIENT_AUTH, extensions.EMAIL_PROTECTION, _SERVER_AUTH),
                ),
            ],
        )

    def bundle(
        self,
        controlador: str | ControladorId,
        *,
        since: datetime,
        until: datetime | None = None,
        key: PrivateKey | None = None,
    ) -> bytes:
        """Answer a delivered file: intermediate, then device, in PEM."""
        certificate = self.issue(controlador, since=since, until=until, key=key)
        return (self.intermediate.certificate.pem + certificate.pem).encode("ascii")


@cache
def device_key() -> PrivateKey:
    """Answer one device key of this process: making keys is slow, and nobody signs with these."""
    return PrivateKey.generate(DEVICE_BITS)


def _subject(name: str, unit: str = "") -> list[Attribute]:
    middle = [Attribute(names.ORGANIZATIONAL_UNIT, unit)] if unit else []
    return [
        Attribute(names.COUNTRY, "AR"),
        Attribute(names.ORGANIZATION, "AFIP"),
        *middle,
        Attribute(names.COMMON_NAME, name),
    ]
