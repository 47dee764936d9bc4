"""What can go wrong with the catalogue, the downloads and their quotas."""

from __future__ import annotations

from acuse.kernel.errors import AppError, Conflict, InvalidInput, NotAllowed, NotFound, Unreadable


class DownloadBlocked(NotAllowed):
    """As many downloads are pending as the user may have."""

    code = "DOWNLOAD_LIMIT_REACHED"
    message = (
        "Alcanzaste tu límite de descargas pendientes de facturar ({pendingCount} de {limit}). "
        "Pide a un administrador que facture las pendientes o que aumente tu límite."
    )


class CertificadoNotFound(NotFound):
    """No such certificate in the catalogue."""

    code = "CERTIFICADO_NOT_FOUND"
    message = "No hay un certificado con ese identificador. Búscalo de nuevo en el catálogo."


class CertificadoNotOffered(Conflict):
    """It has ended, was replaced, or its device was discharged: a download of it would be charged for nothing."""

    code = "CERTIFICADO_NOT_OFFERED"
    message = "Este certificado ya no sirve: {reason}. Busca en el catálogo el vigente del controlador {controlador}."


class DescargaNotFound(NotFound):
    """No such download, or another's."""

    code = "DESCARGA_NOT_FOUND"
    message = "No hay una descarga con ese identificador."


class DescargasNotFound(NotFound):
    """Some of a batch do not exist; nothing was changed."""

    code = "DESCARGAS_NOT_FOUND"
    message = "No se cambió nada. Identificadores que no existen: {count}. Repite sin ellos."


class QuotaUserNotFound(NotFound):
    """No such user, or another's figures."""

    code = "QUOTA_USER_NOT_FOUND"
    message = "No hay un usuario con ese número."


class IdempotencyKeyReused(InvalidInput):
    """The key came before with another certificate."""

    code = "IDEMPOTENCY_KEY_REUSED"
    message = "La Idempotency-Key ya se usó con otro certificado. Usa una clave nueva para cada descarga distinta."


class IdempotencyKeyInvalid(InvalidInput):
    """Empty, too long or not printable."""

    code = "IDEMPOTENCY_KEY_INVALID"
    message = "La Idempotency-Key debe tener de 1 a 200 caracteres imprimibles."


class DatesReversed(InvalidInput):
    """The range ends before it begins."""

    code = "DATES_REVERSED"
    message = "La fecha final es anterior a la inicial."


class CertificateKnown(Conflict):
    """The very certificate is in the catalogue already."""

    code = "CERTIFICATE_KNOWN"
    message = "Este certificado de {controlador} ya está en el catálogo. No hace falta subirlo otra vez."


class NothingToUpload(InvalidInput):
    """No file came, or the folder or ZIP holds none."""

    code = "NOTHING_TO_UPLOAD"
    message = "No hay archivos que revisar. Elige uno o varios .pem, o un ZIP que los contenga."


class ArchiveUnreadable(InvalidInput):
    """The ZIP is broken, encrypted or swells past what is allowed."""

    code = "ARCHIVE_UNREADABLE"
    message = "El ZIP no se puede leer: {problem}. Vuelve a comprimir los .pem sin contraseña."


class StoredFileAltered(Unreadable):
    """The file in the storage is not the one that was put there. It is not delivered."""

    code = "STORED_FILE_ALTERED"
    message = "El archivo guardado no coincide con su huella y no se entrega. Avisa a un administrador."


class CountersDiffer(AppError):
    """A quota's counters are not what its downloads add up to."""

    code = "CRS_COUNTERS_DIFFER"
    message = "Los contadores de descargas de {count} usuarios no coinciden con sus descargas: {users}."


class NothingToImport(InvalidInput):
    """No table was named."""

    code = "NOTHING_TO_IMPORT"
    message = "No hay nada que importar. Indica al menos una tabla, como --usuarios usuarios.csv."


class ImportedFileMissing(InvalidInput):
    """The file of a certificate to import is not there, or too large for one."""

    code = "IMPORTED_FILE_MISSING"
    message = "No se pudo leer {file}, o pesa demasiado para un certificado. La ruta parte de la carpeta de la tabla."


class ImportedUserUnknown(NotFound):
    """A download to import is of a user who is not here."""

    code = "IMPORTED_USER_UNKNOWN"
    message = "No hay un usuario con el CUIT {cuit}. Importa antes los usuarios."


class CertificadoUnknown(NotFound):
    """A download to import is of a certificate that is not in the catalogue."""

    code = "CERTIFICADO_UNKNOWN"
    message = "El catálogo no tiene el certificado {certificado}. Importa antes los certificados."


class CertificadoIdTaken(Conflict):
    """Another certificate of the catalogue has the id that one to import brings."""

    code = "CERTIFICADO_ID_TAKEN"
    message = "Otro certificado del catálogo ya tiene ese id_certificado. Deja la celda vacía para darle uno nuevo."


class DescargaDiffers(Conflict):
    """A download with this id is here, of another user or date."""

    code = "DESCARGA_DIFFERS"
    message = "Ya hay una descarga con ese id_descarga, de otro usuario o de otra fecha. Revisa cuál es la correcta."
