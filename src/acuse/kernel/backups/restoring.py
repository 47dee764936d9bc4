"""Puts a backup back: the database in one transaction, then the files it names. It needs no feature to be built."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Final

import psycopg

from acuse.kernel import migrate
from acuse.kernel.audit import Actor, AuditAction
from acuse.kernel.backups.backups import Backups
from acuse.kernel.backups.errors import BackupDamaged, RestoreRefused
from acuse.kernel.backups.manifest import MIRROR, Manifest
from acuse.kernel.backups.programs import OLDEST_RESTORED, restore
from acuse.kernel.commands import Tell
from acuse.kernel.house import House

_LOCK_WAIT: Final = "10s"
_ASIDE: Final = "acuse_anterior"


class Restoring:
    """Restores into the database and the storage of a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._backups = Backups(house)

    async def restore(
        self,
        name: str | None = None,
        *,
        actor: Actor,
        source: str | None = None,
        replace: bool = False,
        tell: Tell = lambda _, __: None,
    ) -> Manifest:
        """Bring back the backup of this name, or the newest; answer it. What was here is gone afterwards.

        Everything is checked before anything is touched: the dump's hash, every file, the keys of the vault, and
        that nobody works here. A database with users is overwritten only with `replace`. Raises RestoreRefused,
        BackupDamaged, BackupNotFound, BackupFailed.
        """
        house = self._house
        place = self._backups.place(source)
        manifest = await self._backups.find(name, source)
        if not migrate.knows(manifest.revision):
            raise RestoreRefused(problem="el respaldo se hizo con una versión más nueva de Acuse. Actualiza primero.")
        missing = set(manifest.vault_keys) - house.vault.key_ids
        if missing:
            raise RestoreRefused(
                problem=f"falta la llave {', '.join(sorted(missing))} de la bóveda, que cerró lo respaldado. Pon "
                "primero los secretos de aquella instalación (VAULT_KEY y los demás)."
            )
        there = {each.key for each in await place.list(MIRROR)}
        lost = [key for key in manifest.files if f"{MIRROR}/{key}" not in there]
        if lost:
            raise BackupDamaged(problem=f"le faltan {len(lost)} archivos, el primero {lost[0]}.")
        async with place.on_disk(manifest.dump) as path:
            if await asyncio.to_thread(_sha256, path) != manifest.dump_sha256:
                raise BackupDamaged(problem="la copia de la base de datos no es la que se guardó.")
            await self._put_back(path, replace=replace)
        await house.database.migrate()
        ours = {each.key: each for each in await house.files.list("")}
        for number, key in enumerate(manifest.files, 1):
            if key not in ours:
                await house.files.put_stream(key, place.stream(f"{MIRROR}/{key}"))
            tell(number, len(manifest.files))
        async with house.database.transaction() as tx:
            await house.audit.record(
                tx, AuditAction.RESTORE_BACKUP, actor=actor, target_type="respaldo", target_id=manifest.name
            )
        return manifest

    async def _put_back(self, path: Path, *, replace: bool) -> None:
        """Restore the dump beside what is there, which goes only then: a restore that fails changes nothing."""
        database = self._house.database
        conninfo = database.conninfo
        await database.engine.dispose()
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as connection:
            await _refuse_harm(connection, replace=replace)
            await connection.execute(f"set lock_timeout = '{_LOCK_WAIT}'")
            await connection.execute(f"drop schema if exists {_ASIDE} cascade")
            await connection.execute(f"alter schema public rename to {_ASIDE}")
            try:
                await restore(conninfo, path)
            except BaseException:
                await connection.execute(f"alter schema {_ASIDE} rename to public")
                raise
            await connection.execute(f"drop schema {_ASIDE} cascade")


async def _refuse_harm(connection: psycopg.AsyncConnection[tuple[int]], *, replace: bool) -> None:
    if connection.info.server_version < OLDEST_RESTORED:
        raise RestoreRefused(
            problem="el servidor de DATABASE_URL es anterior a PostgreSQL 17. Restaura en la base integrada o en uno "
            "más nuevo."
        )
    others = await _number(
        connection,
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
        "and application_name like 'acuse%'",
    )
    if others:
        raise RestoreRefused(problem="Acuse está trabajando con esta base de datos. Detén `acuse serve` y `worker`.")
    users = await _number(connection, "select count(*) from users")
    if users and not replace:
        raise RestoreRefused(
            problem=f"la base de datos ya tiene datos ({users} usuarios), que se borrarían. Si eso quieres, repite "
            "con --replace."
        )


async def _number(connection: psycopg.AsyncConnection[tuple[int]], query: str) -> int:
    row = await (await connection.execute(query)).fetchone()
    assert row is not None
    return row[0]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
