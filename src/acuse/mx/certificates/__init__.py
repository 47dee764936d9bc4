"""What the SAT's certificates say: e.firma or CSD, whose RFC, which number."""

from __future__ import annotations

from acuse.mx.certificates.errors import CertificateWithoutRfc
from acuse.mx.certificates.reading import CertificateKind, SatCertificate

__all__ = ["CertificateKind", "CertificateWithoutRfc", "SatCertificate"]
