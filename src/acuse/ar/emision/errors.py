"""What can go wrong with an issuance before and beside ARCA's own refusals."""

from __future__ import annotations

from acuse.kernel.errors import AppError, Conflict, InvalidInput, NotFound, Refused, Unavailable


class IssuanceOff(Conflict):
    """The installation does not issue."""

    code = "ISSUANCE_OFF"
    message = (
        "La emisión por ARCA está apagada en esta instalación. "
        "Pide a un administrador que suba el certificado, o que la encienda con ARCA_ISSUANCE."
    )


class CredentialMissing(Conflict):
    """There is no company's certificate to call with."""

    code = "ARCA_CREDENTIAL_MISSING"
    message = (
        "Falta la credencial de la empresa ante ARCA. "
        "Un administrador debe cargar el certificado y la llave del servicio web."
    )


class CredentialNotFound(NotFound):
    """There is none to remove."""

    code = "ARCA_CREDENTIAL_NOT_FOUND"
    message = "No hay una credencial de la empresa que quitar."


class CredentialNotInForce(InvalidInput):
    """The company's certificate has ended or not begun."""

    code = "ARCA_CREDENTIAL_NOT_IN_FORCE"
    message = (
        "El certificado de la empresa no está vigente (vence el {until}). "
        "Saca otro en «Administración de Certificados Digitales» de ARCA."
    )


class CertificateInForce(Conflict):
    """The device has a certificate that lasts."""

    code = "CERTIFICATE_IN_FORCE"
    message = (
        "El controlador {controlador} tiene un certificado vigente hasta el {until}. "
        "Descárgalo del catálogo; se puede renovar a partir de 60 días antes."
    )


class IssuanceUnderWay(Conflict):
    """Another asked for the same device and it is not decided."""

    code = "ISSUANCE_UNDER_WAY"
    message = "Ya se está pidiendo a ARCA algo de {controlador}. Espera a que termine y búscalo en el catálogo."


class IssuanceNotFound(NotFound):
    """No such issuance, or another's."""

    code = "ISSUANCE_NOT_FOUND"
    message = "No hay una emisión con ese identificador."


class IssuanceStarted(Conflict):
    """It can no longer be cancelled."""

    code = "ISSUANCE_STARTED"
    message = "Esta emisión ya se llamó a ARCA o ya terminó, y no se puede cancelar."


class ControladorDischarged(Conflict):
    """Baja was done."""

    code = "CONTROLADOR_DISCHARGED"
    message = "El controlador {controlador} fue dado de baja y no puede volver a tener certificado."


class TicketBusy(Unavailable):
    """Another process is asking for the ticket and takes long."""

    code = "ARCA_TICKET_BUSY"
    message = "Otro proceso está pidiendo el ticket de acceso a ARCA. Se volverá a intentar."


class OutcomeUnknown(Refused):
    """ARCA may have renewed and did not tell, more often than we repeat."""

    code = "ARCA_OUTCOME_UNKNOWN"
    message = (
        "ARCA no contestó a la renovación de {controlador} y no hay forma de preguntarle si la hizo. "
        "No se cobró nada. Pídela de nuevo más tarde: cada renovación emite otro certificado de la misma llave."
    )


class OtherKey(Refused):
    """ARCA certified another key than the device's request holds."""

    code = "ARCA_OTHER_KEY"
    message = (
        "El alta de {controlador} ya estaba hecha con otra llave que la de la solicitud: el certificado no le serviría "
        "al equipo. No se cobró nada. Consulta a ARCA."
    )


class GaveUp(Refused):
    """ARCA did not attend within the time we wait."""

    code = "ARCA_GAVE_UP"
    message = "ARCA no atendió en {hours} horas. No se cobró nada. Pídelo de nuevo más tarde."


class Cancelled(AppError):
    """Whoever asked did not want it any more."""

    code = "ISSUANCE_CANCELLED"
    message = "Se canceló antes de llamar a ARCA. No se cobró nada."
