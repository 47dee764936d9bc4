"""Open an e.firma from the files a person hands in, with every check, each fault with its own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from acuse.mx.certificates.errors import (
    CertificateInsteadOfKey,
    CredentialFileTooLarge,
    CsdInsteadOfEfirma,
    EfirmaExpired,
    EfirmaIssuerUnknown,
    EfirmaNotYetValid,
    EfirmaOfAnotherRfc,
    FileEmpty,
    KeyInsteadOfCertificate,
    NotAnEfirma,
)
from acuse.mx.certificates.reading import CertificateKind, SatCertificate
from acuse.mx.rfc import Rfc
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate
from acuse.pki.keypair import KeyPair
from acuse.pki.private_key import is_private_key, open_private_key

FILE_LIMIT_BYTES: Final = 64 * 1024
_MEXICO_CITY: Final = ZoneInfo("America/Mexico_City")


@dataclass(frozen=True)
class Efirma:
    """An e.firma that passed every check: what its certificate says, and the pair that signs."""

    certificate: SatCertificate
    pair: KeyPair


def open_efirma(
    cer: bytes,
    key: bytes,
    password: bytes | str | None,
    *,
    at: datetime,
    expected: Rfc | None = None,
    issuers: Sequence[Certificate] = (),
) -> Efirma:
    """Open and check an e.firma as of the instant `at`. The two files may stand in each other's place.

    With `issuers` one of them must have signed the certificate; without, the issuer is not asked. The files are
    looked at before the password, so that a person mends the choice of files first. Raises InvalidInput subclasses
    of this package and of `acuse.pki.errors`.
    """
    cer, key = _in_their_places(cer, key)
    certificate = SatCertificate.load(cer)
    check_efirma(certificate, at=at, expected=expected, issuers=issuers)
    pair = KeyPair(certificate.certificate, open_private_key(key, password))
    pair.prove()
    return Efirma(certificate, pair)


def check_efirma(
    certificate: SatCertificate, *, at: datetime, expected: Rfc | None = None, issuers: Sequence[Certificate] = ()
) -> None:
    """Check that a certificate is an e.firma, of whom it should be, valid at this instant."""
    if certificate.kind is CertificateKind.CSD:
        raise CsdInsteadOfEfirma(number=certificate.number)
    if certificate.kind is not CertificateKind.EFIRMA:
        raise NotAnEfirma(number=certificate.number)
    if expected is not None and certificate.rfc != expected:
        raise EfirmaOfAnotherRfc(expected=str(expected), actual=str(certificate.rfc))
    if at > certificate.not_after:
        raise EfirmaExpired(number=certificate.number, valid_until=_day(certificate.not_after))
    if at < certificate.not_before:
        raise EfirmaNotYetValid(number=certificate.number, valid_from=_day(certificate.not_before))
    if issuers and not any(certificate.certificate.verify_issued_by(issuer) for issuer in issuers):
        raise EfirmaIssuerUnknown(number=certificate.number)


def _in_their_places(cer: bytes, key: bytes) -> tuple[bytes, bytes]:
    """Answer certificate and key in this order, whichever way round they came."""
    for name, content in (("cer", cer), ("key", key)):
        if not content:
            raise FileEmpty(file=f".{name}", fields={name: "Está vacío."})
        if len(content) > FILE_LIMIT_BYTES:
            limit = f"{FILE_LIMIT_BYTES // 1024} kB"
            raise CredentialFileTooLarge(file=f".{name}", limit=limit, fields={name: f"Pesa más de {limit}."})
    if _is_certificate(cer):
        if _is_certificate(key):
            raise CertificateInsteadOfKey(fields={"key": "Es un certificado."})
        return cer, key
    if _is_certificate(key):
        return key, cer
    if is_private_key(cer) and is_private_key(key):
        raise KeyInsteadOfCertificate(fields={"cer": "Es una llave privada."})
    return cer, key


def _is_certificate(data: bytes) -> bool:
    try:
        Certificate.load(data)
    except NotACertificate:
        return False
    return True


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(_MEXICO_CITY):%d/%m/%Y}"
