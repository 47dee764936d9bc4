"""Looks at a caller's certificate as the SAT does: whose it is, and whether it is a good e.firma (305, 304)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from acuse.kernel.errors import AppError
from acuse.mx.outside.sat_descarga.codes import CodEstatus
from acuse.pki.certificate import Certificate
from acuse.pki.extensions import CLIENT_AUTH, EMAIL_PROTECTION
from acuse.pki.names import UNIQUE_IDENTIFIER


@dataclass(frozen=True)
class Signer:
    """Who signed: RFC (of the company, where a representative stands behind it), certificate number and key."""

    rfc: str
    number: str
    key: RSAPublicKey
    certificate: Certificate


def read_signer(data: bytes | None) -> Signer | None:
    """Answer the signer behind these DER bytes, or None when they are no RSA certificate."""
    try:
        certificate = Certificate.load(data or b"")
        key = certificate.public_key
    except AppError:
        return None
    rfc = (certificate.subject.get(UNIQUE_IDENTIFIER) or "").partition("/")[0].strip().upper()
    return Signer(rfc, certificate.number, key, certificate)


def fault_of(signer: Signer, ca: Certificate, revoked: set[str], now: datetime) -> CodEstatus | None:
    """Answer 305 for anything but an e.firma of this authority, 304 for one revoked or out of its dates, else None."""
    certificate = signer.certificate
    is_efirma = {CLIENT_AUTH, EMAIL_PROTECTION} <= certificate.extended_key_usages
    if not is_efirma or not signer.rfc or not certificate.verify_issued_by(ca):
        return CodEstatus.CERTIFICADO_INVALIDO
    if signer.number in revoked or not certificate.is_valid_at(now):
        return CodEstatus.CERTIFICADO_REVOCADO_O_CADUCO
    return None
