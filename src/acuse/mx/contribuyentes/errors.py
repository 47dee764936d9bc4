"""What can go wrong with the taxpayers we serve and with their e.firmas."""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooLarge


class ContribuyenteNotFound(NotFound):
    """No taxpayer of this RFC is here, or the caller has no access to it, which is answered alike."""

    code = "CONTRIBUYENTE_NOT_FOUND"
    message = (
        "No hay un contribuyente {rfc} al que tengas acceso. "
        "Sube su e.firma para darlo de alta, o pide a su dueño que te invite."
    )


class AccessLevelTooLow(NotAllowed):
    """The caller may see this taxpayer and not do this."""

    code = "ACCESS_LEVEL_TOO_LOW"
    message = "Tu acceso a {rfc} es de {level} y esta acción pide {needed}. Pídelo al dueño de este RFC."


class ContribuyenteOwned(Conflict):
    """Somebody else owns this RFC here."""

    code = "CONTRIBUYENTE_OWNED_BY_ANOTHER"
    message = (
        "Otro usuario ya administra {rfc} en esta instalación. "
        "Pídele que te invite, o pide a un administrador que lo revise."
    )


class ContribuyenteUnproven(Conflict):
    """Somebody else wrote this RFC down and nobody has proven to be its owner."""

    code = "CONTRIBUYENTE_UNPROVEN"
    message = (
        "Otro usuario ya dio de alta {rfc}, sin e.firma. "
        "Sube su e.firma: quien la carga queda como dueño. O pide a ese usuario que te invite."
    )


class ContribuyenteExists(Conflict):
    """The caller already has this taxpayer."""

    code = "CONTRIBUYENTE_EXISTS"
    message = "{rfc} ya está en tu lista de contribuyentes. Ábrelo para subir su e.firma o cambiar sus datos."


class ContribuyenteLeaving(Conflict):
    """The taxpayer was removed a moment ago and its files are still being deleted."""

    code = "CONTRIBUYENTE_LEAVING"
    message = "{rfc} se acaba de eliminar y sus archivos aún se están borrando. Vuelve a intentarlo en unos minutos."


class ExportMissing(Conflict):
    """Something is stored that nobody has taken along yet."""

    code = "EXPORT_MISSING"
    message = (
        "No se eliminó {rfc}: falta una exportación completa de las últimas {hours} horas que incluya lo más reciente. "
        "Usa «Exportar todo» en su página, guarda el ZIP y vuelve a eliminarlo."
    )


class RfcGeneric(InvalidInput):
    """A generic RFC stands for many and has no e.firma."""

    code = "RFC_GENERIC"
    message = "{rfc} es un RFC genérico y no identifica a un contribuyente. Escribe el RFC propio del cliente."


class SortUnknown(InvalidInput):
    """The list was asked for in an order it does not know."""

    code = "SORT_UNKNOWN"
    message = "No se puede ordenar por «{sort}». Usa una de: {known}; con un guion delante, al revés."


class NameTooLong(InvalidInput):
    """A name longer than any."""

    code = "NAME_TOO_LONG"
    message = "El nombre tiene más de {limit} caracteres. Escribe uno más corto."


class AccesoNotFound(NotFound):
    """This user has no access to the taxpayer."""

    code = "ACCESO_NOT_FOUND"
    message = "El usuario {id_usuario} no tiene acceso a {rfc}. Revisa la lista de accesos."


class EfirmaMissing(Conflict):
    """The taxpayer has no e.firma on file."""

    code = "EFIRMA_MISSING"
    message = "No hay e.firma cargada para {rfc}. Sube su .cer, su .key y la contraseña para continuar."


class EfirmaNotFound(NotFound):
    """There is no e.firma to show or remove."""

    code = "EFIRMA_NOT_FOUND"
    message = "No hay e.firma cargada para {rfc}."


class LastOwner(Conflict):
    """The only owner cannot be taken away."""

    code = "LAST_OWNER"
    message = "{rfc} se quedaría sin dueño. Da antes el acceso de dueño a otra persona."


class UserUnknown(InvalidInput):
    """Access was given to a user that does not exist or was put out of use."""

    code = "USER_UNKNOWN"
    message = "No hay un usuario activo «{usuario}». Revisa su RFC, CUIT o RUC, o su número en la lista de usuarios."


class AccountPasswordWrong(NotAllowed):
    """Whoever asks for a key could not show that the account is theirs."""

    code = "ACCOUNT_PASSWORD_WRONG"
    message = "La contraseña de tu cuenta no es correcta y la llave no se exportó. Escribe la de tu cuenta en Acuse."


class PemPasswordWeak(InvalidInput):
    """A password too short to guard a key outside of here."""

    code = "PEM_PASSWORD_WEAK"
    message = "La contraseña para la llave exportada debe tener de {least} a {most} caracteres. Escribe otra."


class FileNotWritten(InvalidInput):
    """A file asked for on the command line cannot be made."""

    code = "FILE_NOT_WRITTEN"
    message = "No se pudo crear {path}: ya existe, o falta la carpeta o el permiso. Elige otra carpeta."


class BatchUnreadable(InvalidInput):
    """What was handed in as a ZIP cannot be read as one."""

    code = "BATCH_UNREADABLE"
    message = "No se pudo leer {file}: está dañado o cifrado. Comprímelo de nuevo como ZIP sin contraseña."


class BatchTooLarge(TooLarge):
    """More than any set of e.firmas weighs."""

    code = "BATCH_TOO_LARGE"
    message = "El lote pasa de {most} archivos, o pesa demasiado para ser de .cer y .key. Divídelo en partes."


class PasswordListMissing(InvalidInput):
    """A batch needs exactly one list of passwords."""

    code = "PASSWORD_LIST_MISSING"
    message = (
        "El lote debe traer una lista CSV con las contraseñas, y sólo una; trae {found}. "
        "Agrega un archivo .csv con las columnas rfc y contraseña."
    )


class PasswordListUnreadable(InvalidInput):
    """The list has no line of RFC and password."""

    code = "PASSWORD_LIST_UNREADABLE"
    message = (
        "La lista de contraseñas no tiene renglones con RFC y contraseña. "
        "Escribe un renglón por e.firma, con las columnas rfc y contraseña."
    )


class BatchWithoutCertificate(InvalidInput):
    """A line of the list speaks of a certificate that is not in the batch."""

    code = "BATCH_WITHOUT_CERTIFICATE"
    message = "No hay en el lote un .cer legible de «{who}». Agrégalo, o corrige el RFC en la lista."


class BatchWithoutKey(InvalidInput):
    """No key lies in the batch for this certificate."""

    code = "BATCH_WITHOUT_KEY"
    message = "No hay en el lote una llave para {cer}. Agrega el .key junto a su .cer, con el mismo nombre."


class BatchWithoutPassword(InvalidInput):
    """A certificate of the batch is named by no line of the list."""

    code = "BATCH_WITHOUT_PASSWORD"
    message = "La lista no trae la contraseña de {rfc}. Agrega su renglón y carga el lote otra vez."


class BatchLineRepeated(InvalidInput):
    """Two lines speak of the same certificate."""

    code = "BATCH_LINE_REPEATED"
    message = "La e.firma de {rfc} ya está en otro renglón de la lista. Quita el que sobra."
