"""Where backups go, when, and how many stay."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field

from acuse.kernel.backups.errors import BackupPlaceMissing, BackupPlaceUnsuitable
from acuse.kernel.files import Files
from acuse.kernel.files.errors import StorageUnsuitable
from acuse.kernel.settings import Cron, Settings


class BackupSettings(Settings):
    """Respaldos."""

    backup_to: str = Field(
        "",
        description="Dónde se guarda el respaldo de cada noche: file:///ruta de otro disco o s3://cubeta/prefijo. "
        "Vacío: no se respalda.",
    )
    backup_keep: int = Field(14, ge=1, le=3660, description="Cuántos respaldos se conservan. (respaldos)")
    schedule_backup: Cron = Field("30 4 * * *", description="Cuándo se respalda (cron, Ciudad de México).")


def open_place(place: str, *, storage: str) -> Files:
    """Open the store backups are kept in: an address, or a path of this machine.

    Raises BackupPlaceMissing, and BackupPlaceUnsuitable where it and the stored files lie within each other: a copy
    beside the original is lost with it, and would be copied again every night.
    """
    if not place:
        raise BackupPlaceMissing
    address = place if "://" in place else Path(place).expanduser().absolute().as_uri()
    ours, theirs = _steps(address), _steps(storage)
    shorter = min(len(ours), len(theirs))
    if ours[:shorter] == theirs[:shorter]:
        raise BackupPlaceUnsuitable(problem="está dentro de STORAGE_URL, o lo contiene. Elige otro disco o cubeta.")
    try:
        return Files.from_url(address)
    except (StorageUnsuitable, OSError):
        raise BackupPlaceUnsuitable(problem="debe ser una carpeta, file:///ruta o s3://cubeta/prefijo.") from None


def _steps(address: str) -> tuple[str, ...]:
    """Answer an address step by step, so that one being inside another can be seen."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return ("file", *Path(unquote(parts.path)).resolve().parts)
    return ("s3", parts.netloc, *filter(None, parts.path.split("/")))
