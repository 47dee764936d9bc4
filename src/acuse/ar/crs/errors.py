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


class DescargaNotFound(NotFound):
    """No such download, or another's."""

    code = "DESCARGA_NOT_FOUND"
    message = "No hay una descarga con ese identificador."


class DescargasNotFound(NotFound):
    """Some of a batch do not exist; nothing was changed."""

    code = "DESCARGAS_NOT_FOUND"
    message = "No se cambió nada: {count} de los identificadores no existen. Quítalos de la lista y repite."


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
