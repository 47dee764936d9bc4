"""Sello by a CSD, stamp by a PAC (TFD 1.1, and 1.0 for CFDI 3.2), and their verification.

The product itself never seals: this serves simulators, tests and benchmarks. Verification serves everybody.
Source: Anexo 20, CFDI 4.0, 3.3 and 3.2, section III (3.2 is sealed with SHA-1); TimbreFiscalDigital 1.1 and 1.0.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from acuse.mx.cfdi.cadena import cadena_original, cadena_timbre
from acuse.mx.cfdi.errors import NotStamped, SealInvalid
from acuse.mx.cfdi.names import TFD, TFD10_XSD, TFD_XSD, XSI, clark
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate
from acuse.pki.keypair import KeyPair

PAC_RFC: Final = "SPR190613I52"
_TIMBRE: Final = clark(TFD, "TimbreFiscalDigital")


class _Names(NamedTuple):
    """How a generation of documents spells the attributes of its seal and its stamp."""

    certificate: str
    number: str
    seal: str
    sealed: str
    pac_number: str
    pac_seal: str


_NAMES: Final = _Names("Certificado", "NoCertificado", "Sello", "SelloCFD", "NoCertificadoSAT", "SelloSAT")
_NAMES_32: Final = _Names("certificado", "noCertificado", "sello", "selloCFD", "noCertificadoSAT", "selloSAT")


def seal(document: etree._Element, csd: KeyPair) -> str:
    """Put certificate number, certificate and sello into a document, in this order of need; answers the sello."""
    names = _names_of(document)
    document.set(names.number, csd.certificate.number)
    document.set(names.certificate, base64.b64encode(csd.certificate.der).decode("ascii"))
    chain = cadena_original(document).encode()
    signed = csd.sign_sha1(chain) if names is _NAMES_32 else csd.sign_sha256(chain)
    sello = base64.b64encode(signed).decode("ascii")
    document.set(names.seal, sello)
    return sello


def stamp(
    document: etree._Element, pac: KeyPair, *, uuid: str, stamped_at: datetime, pac_rfc: str = PAC_RFC
) -> etree._Element:
    """Add the TimbreFiscalDigital to a sealed document, as a PAC does; answers the stamp.

    `stamped_at` is local, without a zone. The PAC's RFC is one of the SAT's tests: such a stamp is worth nothing.
    """
    names = _names_of(document)
    tag = _complemento_of(document)
    complemento = document.find(tag)
    if complemento is None:
        complemento = etree.SubElement(document, tag)
    old = names is _NAMES_32
    timbre = etree.SubElement(complemento, _TIMBRE, nsmap={"tfd": TFD})
    timbre.set(clark(XSI, "schemaLocation"), f"{TFD} {TFD10_XSD if old else TFD_XSD}")
    timbre.set("version" if old else "Version", "1.0" if old else "1.1")
    timbre.set("UUID", uuid)
    timbre.set("FechaTimbrado", stamped_at.isoformat(timespec="seconds"))
    if not old:
        timbre.set("RfcProvCertif", pac_rfc)
    timbre.set(names.sealed, document.get(names.seal, ""))
    timbre.set(names.pac_number, pac.certificate.number)
    chain = cadena_timbre(timbre).encode()
    timbre.set(
        names.pac_seal, base64.b64encode(pac.sign_sha1(chain) if old else pac.sign_sha256(chain)).decode("ascii")
    )
    return timbre


def to_xml(comprobante: etree._Element) -> bytes:
    """Write the document as UTF-8 with its declaration, without indentation."""
    return etree.tostring(comprobante, encoding="UTF-8", xml_declaration=True)


def verify_seal(document: etree._Element) -> Certificate:
    """Check the sello with the certificate the document carries; answers that certificate.

    Raises SealInvalid. Whether the SAT issued the certificate is not asked.
    """
    names = _names_of(document)
    try:
        certificate = Certificate.load(base64.b64decode(document.get(names.certificate, ""), validate=True))
    except (NotACertificate, binascii.Error) as error:
        raise SealInvalid from error
    if certificate.number != document.get(names.number):
        raise SealInvalid
    _verify(certificate, document.get(names.seal, ""), cadena_original(document), names)
    return certificate


def verify_stamp(document: etree._Element, pac: Certificate) -> None:
    """Check the stamp with the PAC's certificate, and that it covers this sello. Raises NotStamped, SealInvalid."""
    names = _names_of(document)
    timbre = document.find(f"{_complemento_of(document)}/{_TIMBRE}")
    if timbre is None:
        raise NotStamped
    if timbre.get(names.sealed) != document.get(names.seal):
        raise SealInvalid
    _verify(pac, timbre.get(names.pac_seal, ""), cadena_timbre(timbre), names)


def _names_of(document: etree._Element) -> _Names:
    return _NAMES_32 if document.get("version") == "3.2" else _NAMES


def _complemento_of(document: etree._Element) -> str:
    return clark(etree.QName(document).namespace or "", "Complemento")


def _verify(certificate: Certificate, sello: str, cadena: str, names: _Names) -> None:
    digest = hashes.SHA1() if names is _NAMES_32 else hashes.SHA256()  # noqa: S303 - what CFDI 3.2 was sealed with
    try:
        signature = base64.b64decode(sello, validate=True)
        certificate.public_key.verify(signature, cadena.encode(), padding.PKCS1v15(), digest)
    except (binascii.Error, ValueError, InvalidSignature) as error:
        raise SealInvalid from error
