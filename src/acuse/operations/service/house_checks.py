"""What the house itself must have: a database, files, secrets, backups, an address, jobs that work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from acuse.kernel.backups import Backups
from acuse.kernel.feature import Check, Finding
from acuse.kernel.house import House
from acuse.kernel.jobs import JobBoard, JobState

_PROBE: Final = "salud/prueba.txt"
_BACKUP_OLD_H: Final = 36


class HouseChecks:
    """The questions `acuse doctor` and the page of health ask first."""

    def __init__(self, house: House, board: JobBoard, backups: Backups) -> None:
        self._house = house
        self._board = board
        self._backups = backups

    def all(self) -> Sequence[Check]:
        """Answer them in order."""
        return [
            Check(caption="Base de datos", run=self._database, critical=True),
            Check(caption="Archivos", run=self._storage, critical=True),
            Check(caption="Secretos", run=self._secrets),
            Check(caption="Respaldos", run=self._backup),
            Check(caption="Dirección pública", run=self._address),
            Check(caption="Trabajos", run=self._jobs),
        ]

    async def _database(self) -> Finding:
        await self._house.database.ping()
        kind = "PostgreSQL integrado" if self._house.settings.embedded else "PostgreSQL de DATABASE_URL"
        return Finding("ok", f"{kind}, al día.")

    async def _storage(self) -> Finding:
        await self._house.files.put(_PROBE, b"acuse")
        await self._house.files.delete(_PROBE)
        return Finding("ok", "Se puede escribir y borrar.")

    async def _secrets(self) -> Finding:
        if self._house.settings.embedded:
            folder = self._house.settings.core.acuse_home / "secrets"
            return Finding(
                "warning", f"Los secretos se crearon en {folder}: respáldalos aparte. Sin ellos no se abre nada."
            )
        return Finding("ok", "Los secretos vienen de la configuración.")

    async def _backup(self) -> Finding:
        if not self._backups.wanted:
            return Finding("warning", "No se respalda solo: define BACKUP_TO, o usa `acuse db backup --to RUTA`.")
        newest = await self._backups.newest()
        if newest is None:
            return Finding("warning", "Aún no hay ningún respaldo: haz el primero con `acuse db backup`.")
        hours = int((self._house.clock.now() - newest).total_seconds() // 3600)
        if hours > _BACKUP_OLD_H:
            return Finding("warning", f"El último es de hace {hours} horas: mira en Trabajos por qué no hay otro.")
        return Finding("ok", f"El último es de hace {hours} horas." if hours else "El último es de hace un momento.")

    async def _address(self) -> Finding:
        core = self._house.settings.core
        if core.acuse_public_url.startswith("https://"):
            return Finding("ok", core.acuse_public_url)
        if core.acuse_listen_host in {"127.0.0.1", "localhost", "::1"}:
            return Finding("ok", "Sólo se atiende a este equipo.")
        return Finding("warning", "Define ACUSE_PUBLIC_URL con https:// para que las contraseñas viajen cifradas.")

    async def _jobs(self) -> Finding:
        failed = (await self._board.counts())[JobState.FAILED]
        if failed:
            told = "Un trabajo falló: míralo" if failed == 1 else f"{failed} trabajos fallaron: míralos"
            return Finding("warning", f"{told} en Trabajos o con `acuse jobs list`.")
        return Finding("ok", "Ningún trabajo falló.")
