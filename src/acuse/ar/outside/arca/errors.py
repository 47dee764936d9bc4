"""What can go wrong with ARCA's services.

Refused                         ARCA said no; its code and words stand in `details`
├── ArcaRefused                 a refusal nobody has documented
├── ArcaTicketRefused           the access ticket is not taken
├── ArcaCredentialRefused       the company's certificate or its delegation (WSAA)
├── ArcaCuitNotAuthorized       the CUIT may not use the service
├── ArcaNotHomologated
├── ArcaEnrolled                alta was done before: renew
├── ArcaNotEnrolled             renew or baja before alta
├── ArcaDischarged              baja: for ever
├── ArcaBadIdentity             fabricante, marca, modelo or serial
└── ArcaBadRequest              the PKCS#10
Unavailable
├── ArcaTrouble                 an HTTP error, or a fault that says: not now
└── ArcaTicketHeld              a ticket is valid and we do not have it
Unreadable
└── ArcaUnreadable
"""

from __future__ import annotations

from acuse.kernel.errors import Outside, Refused, Unavailable, Unreadable


class ArcaRefused(Refused):
    """ARCA refused with words nobody has documented."""

    code = "ARCA_REFUSED"
    message = "ARCA rechazó el pedido: {arca_message} ({fault}). Consulta a ARCA con ese texto."


class ArcaTicketRefused(ArcaRefused):
    """The ticket is not valid, or of the other surroundings."""

    code = "ARCA_TICKET_REFUSED"
    message = (
        "ARCA no aceptó el ticket de acceso dos veces seguidas. Revisa que ARCA_ENVIRONMENT sea el del certificado."
    )


class ArcaCredentialRefused(ArcaRefused):
    """WSAA does not let the company's certificate in."""

    code = "ARCA_CREDENTIAL_REFUSED"
    message = (
        "ARCA no aceptó la credencial de la empresa: {arca_message} ({fault}). "
        "Revisa el certificado y su relación con el servicio en el Administrador de Relaciones."
    )


class ArcaCuitNotAuthorized(ArcaRefused):
    """The CUIT has not been given the service."""

    code = "ARCA_CUIT_NOT_AUTHORIZED"
    message = (
        "La CUIT de la empresa no tiene delegado el servicio ARBCCF. "
        "Delégalo en el Administrador de Relaciones de ARCA."
    )


class ArcaNotHomologated(ArcaRefused):
    """No homologated device bears these letters."""

    code = "ARCA_NOT_HOMOLOGATED"
    message = (
        "ARCA no conoce el controlador {controlador} como homologado. Revisa marca, modelo y serie en la etiqueta."
    )


class ArcaEnrolled(ArcaRefused):
    """The alta, allowed once, was done before."""

    code = "ARCA_ENROLLED"
    message = "El controlador {controlador} ya tiene alta en ARCA. Pide la renovación de su certificado."


class ArcaNotEnrolled(ArcaRefused):
    """There is no alta yet."""

    code = "ARCA_NOT_ENROLLED"
    message = (
        "El controlador {controlador} no tiene alta en ARCA. "
        "Pide el alta con la solicitud de certificado (PKCS#10) que genera el equipo."
    )


class ArcaDischarged(ArcaRefused):
    """Baja was done; there is no new alta ever."""

    code = "ARCA_DISCHARGED"
    message = "El controlador {controlador} fue dado de baja en ARCA y no puede volver a tener certificado."


class ArcaBadIdentity(ArcaRefused):
    """A part of the device's identity has not the form ARCA wants."""

    code = "ARCA_BAD_IDENTITY"
    message = "ARCA no aceptó la identificación {controlador} ({fault}). Revisa los 16 caracteres de la etiqueta."


class ArcaBadRequest(ArcaRefused):
    """The PKCS#10 is not taken."""

    code = "ARCA_BAD_REQUEST"
    message = "ARCA no aceptó la solicitud de certificado del equipo: {arca_message}. Genera otra en el equipo."


class ArcaTrouble(Unavailable):
    """ARCA answers with an error of its own, or says that it cannot now."""

    code = "ARCA_TROUBLE"
    message = "ARCA no puede atender ahora ({arca_message}). Se volverá a intentar en unos minutos."


class ArcaTicketHeld(Unavailable):
    """WSAA gave a ticket that is still valid, and it is not among ours."""

    code = "ARCA_TICKET_HELD"
    message = (
        "ARCA ya entregó un ticket de acceso que sigue vigente y Acuse no lo tiene: lo pidió otro programa con el "
        "mismo certificado, o se perdió la respuesta. Dura hasta 12 horas; se volverá a pedir. "
        "Usa un certificado sólo para Acuse."
    )


class ArcaUnreadable(Unreadable):
    """The answer is none of the service."""

    code = "ARCA_UNREADABLE"
    message = (
        "No se pudo leer la respuesta de ARCA: {problem}. Revisa la dirección configurada y el estado del servicio."
    )


def is_outcome_known(error: Outside) -> bool:
    """Answer whether a call that ended so was surely not carried out; else it may have been.

    A fault told by the service is its last word, and what was never sent was never done. A lost answer, an error
    page in its place or one that cannot be read say nothing.
    """
    if isinstance(error, Refused | ArcaTicketHeld):
        return True
    if isinstance(error, ArcaTrouble):
        return bool(error.details.get("fault"))
    return error.details.get("sent") is False
