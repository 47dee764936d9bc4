"""What can go wrong with solicitudes and paquetes on our side, before or besides what the SAT says.

InvalidInput
├── PeriodInverted · PeriodInFuture · PeriodTooOld · DateUnreadable · YearOutOfRange
├── ReceivedOnlyVigente · TooManyCounterparts · TooManyClients
├── FilterNotOfFamily · ComplementoUnreadable · FolioUnreadable
Conflict
├── SolicitudDuplicada · SolicitudBusy · SolicitudNotVerifiable · SolicitudNotRepeatable
├── LifetimeSpent · SyncKeyReused
└── PaqueteBusy · PaqueteSpent
NotFound
└── SolicitudNotFound · PaqueteNotFound · PaqueteNotStored
"""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotFound


class DateUnreadable(InvalidInput):
    """A date is not AAAA-MM-DD, with or without time, or carries a zone."""

    code = "DATE_UNREADABLE"
    message = "«{text}» no es una fecha. Escríbela como 2025-01-31 o 2025-01-31T23:59:59, hora de la Ciudad de México."


class PeriodInverted(InvalidInput):
    """The SAT wants the start strictly before the end since v1.5."""

    code = "PERIOD_INVERTED"
    message = "La fecha inicial debe ser anterior a la final: el SAT rechaza los periodos vacíos o invertidos."


class PeriodInFuture(InvalidInput):
    """The SAT refuses an end that Mexico City has not reached."""

    code = "PERIOD_IN_FUTURE"
    message = (
        "La fecha final ({fecha_fin}) todavía no llega en la Ciudad de México y el SAT la rechazaría. "
        "Usa una fecha final que ya haya pasado."
    )


class PeriodTooOld(InvalidInput):
    """The SAT keeps the running year and five closed ones."""

    code = "PERIOD_TOO_OLD"
    message = "El SAT sólo entrega comprobantes desde {oldest}. Usa una fecha inicial posterior."


class YearOutOfRange(InvalidInput):
    """A year the SAT does not hand out, or one that has not begun."""

    code = "YEAR_OUT_OF_RANGE"
    message = "El SAT entrega los años {first} a {last}. Elige uno de ellos."


class ReceivedOnlyVigente(InvalidInput):
    """XML of received CFDIs exist at the SAT only while they are vigentes (v1.5)."""

    code = "RECEIVED_ONLY_VIGENTE"
    message = (
        "De los CFDI recibidos el SAT sólo entrega el XML de los vigentes. Pide «Vigente», o pide Metadata "
        "para ver también los cancelados."
    )


class TooManyCounterparts(InvalidInput):
    """Emitidos takes up to five receivers, Recibidos one issuer."""

    code = "TOO_MANY_COUNTERPARTS"
    message = "Se permiten a lo más {limit} RFC de contraparte en esta solicitud."


class FilterNotOfFamily(InvalidInput):
    """CFDI and Retenciones are two services: what one filters by the other does not know."""

    code = "FILTER_NOT_OF_FAMILY"
    message = "Ese filtro no existe para esta familia de comprobantes. Quítalo o cambia de familia."


class ComplementoUnreadable(InvalidInput):
    """A key of a complemento is one word of letters and digits."""

    code = "COMPLEMENTO_UNREADABLE"
    message = "La clave del complemento no se entiende. Escríbela como en el SAT: una palabra, por ejemplo pagos20."


class FolioUnreadable(InvalidInput):
    """A folio fiscal is a UUID."""

    code = "FOLIO_UNREADABLE"
    message = "Ese folio fiscal no se entiende. Cópialo completo del CFDI: 32 dígitos hexadecimales con sus guiones."


class SolicitudDuplicada(Conflict):
    """A solicitud with every parameter equal exists: nothing is sent again."""

    code = "SOLICITUD_DUPLICADA"
    message = (
        "Ya existe una solicitud con los mismos parámetros. No se envió otra, porque el SAT limita las "
        "solicitudes iguales. Consulta la existente."
    )


class SolicitudNotFound(NotFound):
    """There is no such solicitud among those the caller may see."""

    code = "SOLICITUD_NOT_FOUND"
    message = "No existe esa solicitud o no tienes acceso a su contribuyente."


class SolicitudBusy(Conflict):
    """Somebody else is asking the SAT about it at this moment."""

    code = "SOLICITUD_BUSY"
    message = "Ya se está preguntando al SAT por esta solicitud. Espera unos segundos y actualiza."


class SolicitudNotVerifiable(Conflict):
    """There is nothing to ask: it has no id at the SAT yet, or it has ended."""

    code = "SOLICITUD_NOT_VERIFIABLE"
    message = "Esta solicitud está «{estado}»: no hay nada que preguntar al SAT por ahora."


class SolicitudNotRepeatable(Conflict):
    """It went well, is still on its way, or was asked again already."""

    code = "SOLICITUD_NOT_REPEATABLE"
    message = "Esta solicitud está «{estado}» y no se puede pedir de nuevo: {reason}"


class LifetimeSpent(Conflict):
    """The SAT was asked twice for XML with these dates and parties: a third time is refused before it is spent."""

    code = "LIFETIME_SPENT"
    message = (
        "El SAT sólo acepta dos solicitudes de CFDI con las mismas fechas y los mismos RFC en toda la vida, y ya se "
        "usaron. No se envió nada. Usa los paquetes guardados o empieza el periodo un segundo antes: {suggestion}."
    )


class SyncKeyReused(Conflict):
    """An Idempotency-Key came back with another question."""

    code = "SYNC_KEY_REUSED"
    message = "Esa Idempotency-Key ya se usó para otra petición. Usa una clave nueva para cada petición distinta."


class PaqueteNotFound(NotFound):
    """There is no such package among those the caller may see."""

    code = "PAQUETE_NOT_FOUND"
    message = "No existe ese paquete o no tienes acceso a su contribuyente."


class PaqueteNotStored(NotFound):
    """The package is known but its bytes are not here yet."""

    code = "PAQUETE_NOT_STORED"
    message = "Este paquete todavía no se ha descargado del SAT."


class PaqueteBusy(Conflict):
    """Somebody else is downloading it at this moment: a package may be fetched only twice."""

    code = "PAQUETE_BUSY"
    message = "Este paquete se está descargando en este momento. Espera unos segundos y actualiza."


class PaqueteSpent(Conflict):
    """Both downloads are spent and the bytes never arrived."""

    code = "PAQUETE_SPENT"
    message = (
        "Las dos descargas que el SAT permite de este paquete ya se usaron sin que llegara completo. "
        "Haz una solicitud nueva."
    )


class TooManyClients(InvalidInput):
    """Nobody was chosen, or more than are sent at once."""

    code = "TOO_MANY_CLIENTS"
    message = "Elige de 1 a {most} contribuyentes por envío."
