"""Reads the bundle a device's certificate is delivered in, and says clearly what is wrong with anything else.

A delivered file holds, in this order, an optional CMS block of the firmware maker (the root as the device knows
it), the intermediate and the device's certificate. Device certificates have RSA 1024 and no SAN, which policy
verifiers refuse: the chain is verified here pair by pair, and the key's size is a warning only.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from acuse.ar.certificates.errors import (
    DeviceCertificateExpired,
    DeviceCertificateNotYetValid,
    DeviceChainBroken,
    DeviceKeyTooSmall,
    NoDeviceCertificate,
    NotAControladorName,
    OtherControlador,
    PrivateKeyInside,
    SeveralDeviceCertificates,
    WebServiceCertificate,
)
from acuse.ar.controladores import ControladorId, InvalidControlador
from acuse.pki import names
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate, UnsupportedKey
from acuse.pki.pkcs12 import is_pkcs12
from acuse.pki.private_key import is_private_key

ZONE: Final = ZoneInfo("America/Argentina/Buenos_Aires")
UNIT: Final = "CONTROLADORFISCAL"
_BLOCKS: Final = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.+?-----END [^-]+-----", re.DOTALL)
_CMS: Final = re.compile(rb"-----BEGIN CMS-----.+?-----END CMS-----", re.DOTALL)
_NAMED: Final = re.compile(r"([A-Z0-9]{6}[0-9]{10})(?![A-Z0-9])")
_KEY_MARK: Final = b"PRIVATE KEY"
_SMALLEST_BITS: Final = 1024
_USUAL_BITS: Final = 2048
_MOST_CERTIFICATES: Final = 10


@dataclass(frozen=True, kw_only=True)
class DeviceBundle:
    """A device's certificate with the intermediate that issued it, checked."""

    controlador: ControladorId
    certificate: Certificate
    intermediate: Certificate
    firmware_root: bytes | None
    warnings: tuple[str, ...] = ()

    @property
    def content(self) -> bytes:
        """Answer the file to deliver: CMS block if there is one, intermediate, device; PEM, LF, 64 columns."""
        blocks = [self.intermediate.pem.encode("ascii"), self.certificate.pem.encode("ascii")]
        if self.firmware_root is not None:
            blocks.insert(0, self.firmware_root.replace(b"\r\n", b"\n") + b"\n")
        return b"".join(blocks)

    @property
    def file_name(self) -> str:
        """Answer the name of the delivered file: the device and the first day of validity, Buenos Aires time."""
        return f"{self.controlador}-{self.certificate.not_before.astimezone(ZONE).date().isoformat()}.pem"

    @property
    def key_bits(self) -> int:
        """Answer the size of the device's key."""
        return self.certificate.public_key.key_size

    @property
    def public_key_sha256(self) -> str:
        """Answer the hexadecimal SHA-256 of the SubjectPublicKeyInfo: renewals certify the same key again."""
        info = self.certificate.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(info).hexdigest()


def read_bundle(
    data: bytes,
    *,
    at: datetime | None,
    expected: ControladorId | None = None,
    file_name: str = "",
    roots: Sequence[Certificate] = (),
) -> DeviceBundle:
    """Read and check an upload; raises the DeviceCertificateRefused that says what is wrong.

    Without `at` it may have ended, and its chain is judged as it stood on its first day. `expected`, or an id at the
    head of `file_name`, must be the certificate's. Without `roots` the authority above the intermediate is not
    checked, and a warning says so.
    """
    found = _certificates(data)
    leaf, controlador = _device(found)
    _same_device(controlador, expected, file_name)
    at = leaf.not_before if at is None else at
    _in_force(leaf, controlador, at)
    warnings = [*_key_warnings(leaf), *(() if roots else (_UNCHECKED,))]
    intermediate = _issuer(leaf, [other for other in found if other is not leaf], controlador, at)
    if roots and not any(_issued(intermediate, root) for root in roots):
        raise DeviceChainBroken(controlador=str(controlador), problem="el intermedio no es de una autoridad conocida")
    cms = _CMS.search(data)
    return DeviceBundle(
        controlador=controlador,
        certificate=leaf,
        intermediate=intermediate,
        firmware_root=None if cms is None else cms[0],
        warnings=tuple(warnings),
    )


_UNCHECKED: Final = "La autoridad del intermedio no se comprobó: falta ARCA_CA_FILE."


def _certificates(data: bytes) -> list[Certificate]:
    if _KEY_MARK in data or is_pkcs12(data) or is_private_key(data):
        raise PrivateKeyInside
    blocks: Sequence[bytes] = _BLOCKS.findall(data) or [data]
    try:
        return [Certificate.load(block) for block in blocks[:_MOST_CERTIFICATES]]
    except NotACertificate as error:
        raise NoDeviceCertificate from error


def _device(found: Sequence[Certificate]) -> tuple[Certificate, ControladorId]:
    """Find the one certificate that is no authority's, and whose it is."""
    leaves = [one for one in dict.fromkeys(found) if not one.extensions.is_ca]
    if not leaves:
        raise NoDeviceCertificate
    if len(leaves) > 1:
        raise SeveralDeviceCertificates(count=len(leaves))
    subject = leaves[0].subject
    if (subject.get(names.SERIAL_NUMBER) or "").upper().startswith("CUIT"):
        raise WebServiceCertificate
    name = subject.get(names.COMMON_NAME) or ""
    try:
        controlador = ControladorId.parse(name)
    except InvalidControlador as error:
        raise NotAControladorName(name=name[:64]) from error
    if str(controlador) != name.upper() or subject.get(names.ORGANIZATIONAL_UNIT) != UNIT:
        raise NotAControladorName(name=name[:64])
    return leaves[0], controlador


def _same_device(controlador: ControladorId, expected: ControladorId | None, file_name: str) -> None:
    named = _NAMED.match(file_name.upper())
    for wanted in (expected and str(expected), named and named[1]):
        if wanted and wanted != str(controlador):
            raise OtherControlador(found=str(controlador), expected=wanted)


def _in_force(leaf: Certificate, controlador: ControladorId, at: datetime) -> None:
    if at > leaf.not_after:
        raise DeviceCertificateExpired(controlador=str(controlador), until=_day(leaf.not_after))
    if at < leaf.not_before:
        raise DeviceCertificateNotYetValid(controlador=str(controlador), since=_day(leaf.not_before))


def _key_warnings(leaf: Certificate) -> list[str]:
    try:
        bits = leaf.public_key.key_size
    except (UnsupportedKey, NotACertificate) as error:
        raise NoDeviceCertificate from error
    if bits < _SMALLEST_BITS:
        raise DeviceKeyTooSmall(bits=bits)
    return [f"Llave de {bits} bits, como las emite ARCA."] if bits < _USUAL_BITS else []


def _issuer(leaf: Certificate, others: Sequence[Certificate], controlador: ControladorId, at: datetime) -> Certificate:
    if not others:
        raise DeviceChainBroken(controlador=str(controlador), problem="falta el certificado intermedio")
    issuer = next((one for one in others if one.extensions.is_ca and _issued(leaf, one)), None)
    if issuer is None:
        raise DeviceChainBroken(controlador=str(controlador), problem="el intermedio del archivo no lo emitió")
    if not issuer.is_valid_at(at):
        raise DeviceChainBroken(controlador=str(controlador), problem="el intermedio no está vigente")
    return issuer


def _issued(one: Certificate, issuer: Certificate) -> bool:
    try:
        return one.verify_issued_by(issuer)
    except (UnsupportedKey, NotACertificate):
        return False


def _day(moment: datetime) -> str:
    return moment.astimezone(ZONE).strftime("%d/%m/%Y")
