"""Reads what ARBCCF answers."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from acuse.ar.outside.arca.codes import DISCHARGED
from acuse.ar.outside.arca.errors import ArcaUnreadable
from acuse.ar.outside.arca.wire.soap import parse, texts
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate


@dataclass(frozen=True)
class Issued:
    """A certificate and the authorities above it, as ARCA lists them: root, then intermediate."""

    certificate: Certificate
    chain: tuple[Certificate, ...]

    @property
    def bundle(self) -> bytes:
        """Answer the file that is delivered: the authorities below the root, then the device; PEM."""
        above = [one for one in self.chain if one.subject != one.issuer]
        return "".join(one.pem for one in (*above, self.certificate)).encode("ascii")


def read_issued(body: bytes) -> Issued:
    """Read the answer of alta or renovar. Raises ArcaUnreadable."""
    root = parse(body)
    certificates = texts(root, "certificado")
    if len(certificates) != 1:
        raise ArcaUnreadable(problem="falta el certificado")
    return Issued(_certificate(certificates[0]), tuple(_certificate(one) for one in texts(root, "cadenaCertificacion")))


def read_discharge(body: bytes) -> None:
    """Read the answer of baja: the fixed text and nothing else. Raises ArcaUnreadable."""
    if texts(parse(body), "return") != [DISCHARGED]:
        raise ArcaUnreadable(problem="la baja no contestó OK")


def _certificate(text: str) -> Certificate:
    try:
        return Certificate.load(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError, NotACertificate) as error:
        raise ArcaUnreadable(problem="un certificado no se puede leer") from error
