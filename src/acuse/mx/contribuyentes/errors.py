"""What can go wrong with the taxpayers we serve and with their e.firmas."""

from __future__ import annotations

from acuse.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound


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
    """Access was given to a user that does not exist."""

    code = "USER_UNKNOWN"
    message = "No hay un usuario con el número {id_usuario}. Revisa el número en la lista de usuarios."


class FileUnreadable(InvalidInput):
    """A file named on the command line cannot be read."""

    code = "FILE_UNREADABLE"
    message = "No se pudo leer {path}. Revisa que exista y que tengas permiso."
