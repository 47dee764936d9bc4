"""What can be wrong with a certificate of the SAT beyond its being a certificate."""

from __future__ import annotations

from acuse.kernel.errors import InvalidInput


class CertificateWithoutRfc(InvalidInput):
    """The subject holds no readable RFC."""

    code = "CERTIFICATE_WITHOUT_RFC"
    message = (
        "El certificado no dice a qué RFC pertenece, así que no lo emitió el SAT a un contribuyente. "
        "Elige el .cer de tu e.firma, el que entregó el SAT."
    )
