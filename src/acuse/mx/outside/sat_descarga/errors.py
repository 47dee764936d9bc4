"""What can go wrong with the SAT's Descarga Masiva, each with its own code and what to do.

Outside
├── Refused
│   ├── SatRefused                 a code nobody has documented, kept with number and words
│   │   ├── SatTokenRejected         300, 401, 403: the token
│   │   │   └── SatSecurityRejected    InvalidSecurity: the signature, the window or the clock
│   │   ├── SatClockSkew             InvalidSecurity, and the clocks differ by more than a minute
│   │   ├── SatBadRequest            301
│   │   ├── SatBadSignature          302
│   │   ├── SatWrongSigner           303
│   │   ├── SatCertificateEnded      304
│   │   ├── SatCertificateInvalid    305
│   │   ├── SatNotAuthorized         5001
│   │   ├── SatLifetimeSpent         5002
│   │   ├── SatTooManyResults        5003
│   │   ├── SatNothingFound          5004
│   │   ├── SatAlreadyRegistered     5005
│   │   ├── SatPaqueteGone           5007
│   │   ├── SatDownloadsSpent        5008
│   │   ├── SatDailyLimit            5011
│   │   └── SatXmlCancelled          5012
│   └── SatOperationRetired        ActionNotSupported
├── Unavailable
│   └── SatTrouble                 404, 5006, a fault, an HTTP status that is none of ours
└── Unreadable
    └── SatUnreadable              an answer that is not what the manual describes

Every error carries `sat_code` and `sat_message` in its details when the SAT gave them.
"""

from __future__ import annotations

from acuse.kernel.errors import Refused, Unavailable, Unreadable


class SatRefused(Refused):
    """The SAT refused with a code we do not know; number and words are kept."""

    code = "SAT_REFUSED"
    message = (
        "El SAT rechazó la petición con el código {sat_code}: «{sat_message}». Revisa los datos o consulta al SAT."
    )


class SatTokenRejected(SatRefused):
    """The SAT does not take the token: absent, expired or of the other family."""

    code = "SAT_TOKEN_REJECTED"
    message = (
        "El SAT no aceptó la autenticación, ni después de renovarla. Revisa que la e.firma siga vigente "
        "y vuelve a intentarlo en unos minutos."
    )


class SatSecurityRejected(SatTokenRejected):
    """The SAT could not verify the security of the message and does not say why."""

    code = "SAT_SECURITY_REJECTED"
    message = (
        "El SAT no pudo verificar la firma del mensaje. Suele deberse a una e.firma que ya no es válida o a un "
        "reloj desfasado. Revisa la fecha y la hora de este equipo y la vigencia de la e.firma."
    )


class SatClockSkew(SatRefused):
    """The clocks differ by more than a minute, which the SAT answers as a security fault."""

    code = "SAT_CLOCK_SKEW"
    message = (
        "El reloj de este equipo está {direction} {skew_s} segundos respecto al del SAT, por eso el SAT no acepta "
        "la firma. Ajusta la fecha y la hora del equipo (por ejemplo con NTP) y vuelve a intentarlo."
    )

    @property
    def signed_skew_s(self) -> float:
        """Answer by how many seconds our clock is ahead; negative when it is behind."""
        size = float(self.details.get("skew_s") or 0)
        return size if self.details.get("direction") == "adelantado" else -size


class SatBadRequest(SatRefused):
    """301: the SAT found the request's data invalid. Never repeated unchanged."""

    code = "SAT_BAD_REQUEST"
    message = "El SAT no aceptó los datos de la solicitud: «{sat_message}». Corrige las fechas o los filtros."


class SatBadSignature(SatRefused):
    """302: the signature cannot be read or verified."""

    code = "SAT_BAD_SIGNATURE"
    message = (
        "El SAT no pudo leer el sello de la petición. Comprueba que el .cer y el .key sean del mismo par "
        "y vuelve a subir la e.firma."
    )


class SatWrongSigner(SatRefused):
    """303: the signer is not the party asked for."""

    code = "SAT_WRONG_SIGNER"
    message = "La e.firma no es del RFC por el que se pregunta ({sat_message}). Sube la e.firma de ese RFC."


class SatCertificateEnded(SatRefused):
    """304: the e.firma has expired or was revoked."""

    code = "SAT_CERTIFICATE_ENDED"
    message = "El SAT dice que la e.firma está revocada o caducó. Renuévala en el SAT y sube la nueva."


class SatCertificateInvalid(SatRefused):
    """305: not an e.firma, as when a CSD is used."""

    code = "SAT_CERTIFICATE_INVALID"
    message = "El SAT no acepta este certificado. Sólo sirve la e.firma: un CSD (sello digital) no puede descargar."


class SatNotAuthorized(SatRefused):
    """5001: somebody else's documents."""

    code = "SAT_NOT_AUTHORIZED"
    message = "El SAT no autoriza a este RFC a descargar esos comprobantes. Pide sólo los emitidos o recibidos por él."


class SatLifetimeSpent(SatRefused):
    """5002: these very parameters were asked twice already, which is all there is in a lifetime."""

    code = "SAT_LIFETIME_SPENT"
    message = (
        "Estos mismos parámetros ya se pidieron dos veces, el máximo de por vida que permite el SAT. "
        "Usa los paquetes ya guardados o pide el periodo movido por un segundo."
    )


class SatTooManyResults(SatRefused):
    """5003: more than 200,000 XML or 1,000,000 metadata rows."""

    code = "SAT_TOO_MANY_RESULTS"
    message = "El periodo tiene más comprobantes de los que el SAT entrega en una solicitud. Divide el periodo."


class SatNothingFound(SatRefused):
    """5004: nothing in the period, or an id the SAT does not know."""

    code = "SAT_NOTHING_FOUND"
    message = "El SAT no encontró información: no hay comprobantes en el periodo o no conoce el identificador."


class SatAlreadyRegistered(SatRefused):
    """5005: a live solicitud has the same parameters."""

    code = "SAT_ALREADY_REGISTERED"
    message = "El SAT ya tiene en curso una solicitud con estos parámetros. Espera a que termine antes de pedir otra."


class SatPaqueteGone(SatRefused):
    """5007: packages live 72 hours."""

    code = "SAT_PAQUETE_GONE"
    message = "El SAT ya no tiene este paquete: sólo los guarda 72 horas. Haz una solicitud nueva."


class SatDownloadsSpent(SatRefused):
    """5008: a package may be downloaded twice."""

    code = "SAT_DOWNLOADS_SPENT"
    message = "El SAT ya entregó este paquete dos veces, el máximo que permite. Haz una solicitud nueva."


class SatDailyLimit(SatRefused):
    """5011: a limit of this day."""

    code = "SAT_DAILY_LIMIT"
    message = "Se alcanzó el límite diario de descargas de este folio. Vuelve a intentarlo mañana (hora de México)."


class SatXmlCancelled(SatRefused):
    """5012: the XML of a cancelled CFDI cannot be had."""

    code = "SAT_XML_CANCELLED"
    message = "El CFDI está cancelado y el SAT ya no entrega su XML. Se conservan sus metadatos."


class SatOperationRetired(Refused):
    """The service does not know the operation any more: the protocol has changed."""

    code = "SAT_OPERATION_RETIRED"
    message = "El SAT ya no admite la operación {operation}: cambió su servicio. Actualiza Acuse."


class SatTrouble(Unavailable):
    """Trouble inside the SAT; worth another try in some minutes."""

    code = "SAT_TROUBLE"
    message = "El servicio del SAT tiene un problema en este momento ({sat_message}). Se volverá a intentar."


class SatUnreadable(Unreadable):
    """The answer is not what the manual describes."""

    code = "SAT_UNREADABLE"
    message = "El SAT respondió algo que no se puede leer ({problem}). No se hizo ningún cambio; vuelve a intentarlo."
