"""Sello by a CSD, stamp by a PAC (TFD 1.1), and their verification.

The product itself never seals: this serves simulators, tests and benchmarks. Verification serves everybody.
Source: Anexo 20, CFDI 4.0, section III; TimbreFiscalDigital 1.1.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from acuse.mx.cfdi.cadena import cadena_original, cadena_timbre
from acuse.mx.cfdi.errors import NotStamped, SealInvalid
from acuse.mx.cfdi.names import CFD4, TFD, TFD_XSD, XSI, clark
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate
from acuse.pki.keypair import KeyPair

PAC_RFC: Final = "SPR190613I52"
_COMPLEMENTO: Final = clark(CFD4, "Complemento")
_TIMBRE: Final = clark(TFD, "TimbreFiscalDigital")


def seal(comprobante: etree._Element, csd: KeyPair) -> str:
    """Put NoCertificado, Certificado and Sello into a CFDI 4.0, in this order of need; answers the sello."""
    comprobante.set("NoCertificado", csd.certificate.number)
    comprobante.set("Certificado", base64.b64encode(csd.certificate.der).decode("ascii"))
    sello = base64.b64encode(csd.sign_sha256(cadena_original(comprobante).encode())).decode("ascii")
    comprobante.set("Sello", sello)
    return sello


def stamp(
    comprobante: etree._Element, pac: KeyPair, *, uuid: str, stamped_at: datetime, pac_rfc: str = PAC_RFC
) -> etree._Element:
    """Add the TimbreFiscalDigital to a sealed document, as a PAC does; answers the stamp.

    `stamped_at` is local, without a zone. The PAC's RFC is one of the SAT's tests: such a stamp is worth nothing.
    """
    complemento = comprobante.find(_COMPLEMENTO)
    if complemento is None:
        complemento = etree.SubElement(comprobante, _COMPLEMENTO)
    timbre = etree.SubElement(complemento, _TIMBRE, nsmap={"tfd": TFD})
    timbre.set(clark(XSI, "schemaLocation"), f"{TFD} {TFD_XSD}")
    timbre.set("Version", "1.1")
    timbre.set("UUID", uuid)
    timbre.set("FechaTimbrado", stamped_at.isoformat(timespec="seconds"))
    timbre.set("RfcProvCertif", pac_rfc)
    timbre.set("SelloCFD", comprobante.get("Sello", ""))
    timbre.set("NoCertificadoSAT", pac.certificate.number)
    signed = pac.sign_sha256(cadena_timbre(timbre).encode())
    timbre.set("SelloSAT", base64.b64encode(signed).decode("ascii"))
    return timbre


def to_xml(comprobante: etree._Element) -> bytes:
    """Write the document as UTF-8 with its declaration, without indentation."""
    return etree.tostring(comprobante, encoding="UTF-8", xml_declaration=True)


def verify_seal(comprobante: etree._Element) -> Certificate:
    """Check the sello with the certificate the document carries; answers that certificate.

    Raises SealInvalid. Whether the SAT issued the certificate is not asked.
    """
    try:
        certificate = Certificate.load(base64.b64decode(comprobante.get("Certificado", ""), validate=True))
    except (NotACertificate, binascii.Error) as error:
        raise SealInvalid from error
    if certificate.number != comprobante.get("NoCertificado"):
        raise SealInvalid
    _verify(certificate, comprobante.get("Sello", ""), cadena_original(comprobante))
    return certificate


def verify_stamp(comprobante: etree._Element, pac: Certificate) -> None:
    """Check the stamp with the PAC's certificate, and that it covers this sello. Raises NotStamped, SealInvalid."""
    timbre = comprobante.find(f"{_COMPLEMENTO}/{_TIMBRE}")
    if timbre is None:
        raise NotStamped
    if timbre.get("SelloCFD") != comprobante.get("Sello"):
        raise SealInvalid
    _verify(pac, timbre.get("SelloSAT", ""), cadena_timbre(timbre))


def _verify(certificate: Certificate, sello: str, cadena: str) -> None:
    try:
        signature = base64.b64decode(sello, validate=True)
        certificate.public_key.verify(signature, cadena.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, ValueError, InvalidSignature) as error:
        raise SealInvalid from error
