"""What can go wrong with a backup. Neither an address nor a key ever stands in an error."""

from __future__ import annotations

from acuse.kernel.errors import Conflict, Misconfigured, NotFound, Unavailable


class BackupPlaceMissing(Misconfigured):
    """Nobody said where backups go."""

    code = "BACKUP_PLACE_MISSING"
    message = (
        "No se sabe dónde va el respaldo. Define BACKUP_TO (file:///ruta de otro disco o s3://cubeta/prefijo) "
        "o dilo con --to."
    )


class BackupPlaceUnsuitable(Misconfigured):
    """The place is no place, or lies inside what is to be backed up, or the other way round."""

    code = "BACKUP_PLACE_UNSUITABLE"
    message = "El lugar del respaldo no sirve: {problem}"


class BackupFailed(Unavailable):
    """A program of PostgreSQL did not finish. What it said is in the log."""

    code = "BACKUP_FAILED"
    message = "No se pudo {step} la base de datos. El registro dice por qué; lo respaldado antes sigue intacto."


class BackupRunning(Conflict):
    """Another backup of this installation is being made."""

    code = "BACKUP_RUNNING"
    message = "Ya se está haciendo un respaldo. Espera a que termine."


class BackupNotFound(NotFound):
    """There is no whole backup at that place, or none of that name."""

    code = "BACKUP_NOT_FOUND"
    message = "En ese lugar no hay ningún respaldo completo con ese nombre. Míralos con `acuse db backups`."


class BackupDamaged(Conflict):
    """A part of the backup is missing or has changed."""

    code = "BACKUP_DAMAGED"
    message = "El respaldo está dañado: {problem} Usa otro con --name."


class RestoreRefused(Conflict):
    """Putting a backup back here would do harm."""

    code = "RESTORE_REFUSED"
    message = "No se restauró nada: {problem}"
