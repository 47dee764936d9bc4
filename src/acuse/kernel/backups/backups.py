"""Takes a backup while everything works: first the database as of one instant, then every file it may name.

In that order nothing a row names can be missing. A file is copied once, since stored packages never change; a backup
is whole when its manifest is there, which is written last.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from acuse.kernel import migrate
from acuse.kernel.audit import Actor, AuditAction
from acuse.kernel.backups.errors import BackupNotFound, BackupRunning
from acuse.kernel.backups.manifest import DUMPS, MANIFESTS, MIRROR, Manifest, made_at_of, name_of
from acuse.kernel.backups.programs import dump
from acuse.kernel.backups.settings import BackupSettings, open_place
from acuse.kernel.commands import Tell
from acuse.kernel.files import Files, StoredKey
from acuse.kernel.files.errors import FileMissing
from acuse.kernel.house import House

_LOCK: Final = 727003


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a backup did: its manifest, how many files were new at its place, and what made room."""

    manifest: Manifest
    copied: int
    removed: int


class Backups:
    """Makes, lists and clears the backups of a house."""

    def __init__(self, house: House) -> None:
        self._database = house.database
        self._files = house.files
        self._storage = house.settings.core.storage
        self._vault = house.vault
        self._audit = house.audit
        self._clock = house.clock
        self._settings = house.settings.read(BackupSettings)

    @property
    def wanted(self) -> bool:
        """Tell whether backups are taken by themselves."""
        return bool(self._settings.backup_to)

    def place(self, to: str | None = None) -> Files:
        """Open a place of backups, that of the settings when none is said."""
        return open_place(to or self._settings.backup_to, storage=self._storage)

    async def take(self, *, actor: Actor, to: str | None = None, tell: Tell = lambda _, __: None) -> Taken:
        """Make a backup and remove those that are too many. Raises BackupRunning, BackupFailed, StorageUnavailable.

        Stopped halfway it leaves only pieces that the next one uses.
        """
        place = self.place(to)
        async with self._alone():
            made_at = self._clock.now()
            name = name_of(made_at)
            revision = await migrate.current_revision(self._database.engine)
            stored = await place.put_stream(f"{DUMPS}/{name}.dump", dump(self._database.conninfo))
            files = await self._files.list("")
            gone, copied = await self._mirror(place, files, tell)
            files = [each for each in files if each.key not in gone]
            manifest = Manifest(
                name=name,
                made_at=made_at,
                revision=revision or "",
                dump=stored.key,
                dump_bytes=stored.size_bytes,
                dump_sha256=stored.sha256,
                vault_keys=sorted(self._vault.key_ids),
                files_bytes=sum(each.size_bytes for each in files),
                files=[each.key for each in files],
            )
            await place.put(manifest.key, manifest.document())
            async with self._database.transaction() as tx:
                after = {"base_bytes": stored.size_bytes, "archivos": len(files), "archivos_nuevos": copied}
                await self._audit.record(
                    tx, AuditAction.MAKE_BACKUP, actor=actor, target_type="respaldo", target_id=name, after=after
                )
            removed = await self._clear(place)
        return Taken(manifest=manifest, copied=copied, removed=removed)

    async def manifests(self, to: str | None = None) -> list[Manifest]:
        """Answer the whole backups at a place, the newest first."""
        place = self.place(to)
        keys = sorted((each.key for each in await place.list(MANIFESTS)), reverse=True)
        return [Manifest.read(await place.get(key)) for key in keys]

    async def newest(self) -> datetime | None:
        """Answer when the newest whole backup at the place of the settings was made (UTC); None without one."""
        keys = [each.key for each in await self.place().list(MANIFESTS)]
        return made_at_of(max(keys)) if keys else None

    async def find(self, name: str | None, to: str | None = None) -> Manifest:
        """Answer the backup of this name, or the newest; raises BackupNotFound."""
        found = next((each for each in await self.manifests(to) if name in {None, each.name}), None)
        if found is None:
            raise BackupNotFound
        return found

    async def _mirror(self, place: Files, files: list[StoredKey], tell: Tell) -> tuple[set[str], int]:
        """Copy every file the place lacks or has older; answer those removed meanwhile, and how many were copied."""
        there = {each.key: each for each in await place.list(MIRROR)}
        gone: set[str] = set()
        copied = 0
        for number, each in enumerate(files, 1):
            key = f"{MIRROR}/{each.key}"
            kept = there.get(key)
            if kept is None or kept.size_bytes != each.size_bytes or kept.modified_at < each.modified_at:
                try:
                    await place.put_stream(key, self._files.stream(each.key))
                    copied += 1
                except FileMissing:
                    gone.add(each.key)
            tell(number, len(files))
        return gone, copied

    async def _clear(self, place: Files) -> int:
        """Remove backups past the number to keep, then what no backup names any more; answer how many backups."""
        manifests = sorted((each.key for each in await place.list(MANIFESTS)), reverse=True)
        kept, old = manifests[: self._settings.backup_keep], manifests[self._settings.backup_keep :]
        if not old:
            return 0
        for key in old:
            await place.delete(key)
        named = [Manifest.read(await place.get(key)) for key in kept]
        needed = {each.dump for each in named} | {f"{MIRROR}/{key}" for each in named for key in each.files}
        for folder in (DUMPS, MIRROR):
            for each in await place.list(folder):
                if each.key not in needed:
                    await place.delete(each.key)
        return len(old)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Let one backup of this database run at a time: another would clear away what this one has just copied."""
        async with self._database.transaction() as tx:
            if not (await tx.execute(text("select pg_try_advisory_xact_lock(:key)"), {"key": _LOCK})).scalar_one():
                raise BackupRunning
            yield
