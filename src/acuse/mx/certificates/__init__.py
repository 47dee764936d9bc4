"""What the SAT's certificates say: e.firma or CSD, whose RFC, which number; and whether an e.firma is good."""

from acuse.mx.certificates.efirma import FILE_LIMIT_BYTES, Efirma, check_efirma, open_efirma
from acuse.mx.certificates.errors import CertificateWithoutRfc, CsdInsteadOfEfirma, EfirmaExpired
from acuse.mx.certificates.reading import CertificateKind, SatCertificate

__all__ = [
    "FILE_LIMIT_BYTES",
    "CertificateKind",
    "CertificateWithoutRfc",
    "CsdInsteadOfEfirma",
    "Efirma",
    "EfirmaExpired",
    "SatCertificate",
    "check_efirma",
    "open_efirma",
]
