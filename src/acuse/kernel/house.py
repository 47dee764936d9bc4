"""The parts every feature is built from, made once from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from acuse.kernel.audit import Audit, AuditKeys
from acuse.kernel.clock import Clock, SystemClock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.http import HttpClients
from acuse.kernel.presence import Presence
from acuse.kernel.settings import SettingsReader
from acuse.kernel.vault import Vault, VaultKeys


@dataclass(frozen=True, kw_only=True)
class House:
    """The collaborators a feature's `build` hands to its services."""

    settings: SettingsReader
    clock: Clock
    database: Database
    files: Files
    vault: Vault
    http: HttpClients
    events: Events
    audit: Audit
    cpu: CpuPool
    presence: Presence


@asynccontextmanager
async def open_house(reader: SettingsReader, *, clock: Clock | None = None) -> AsyncIterator[House]:
    """Open database, files and connections, hand out the house, and close all of it at the end.

    Every secret of the house is read first, so that a wrong setting stops the start before anything runs.
    The process pool starts its processes with its first work.
    """
    clock = clock or SystemClock()
    core = reader.core
    vault = Vault(reader.read(VaultKeys).ring())
    audit_keys = reader.read(AuditKeys).ring()
    database = Database.from_settings(core)
    files = Files.from_url(core.storage)
    await database.open()
    cpu = CpuPool(core.acuse_cpu_processes)
    http = HttpClients(clock)
    presence = Presence(core.acuse_home / "processes")
    try:
        yield House(
            settings=reader,
            clock=clock,
            database=database,
            files=files,
            vault=vault,
            http=http,
            events=Events(),
            audit=Audit(database, clock, audit_keys),
            cpu=cpu,
            presence=presence,
        )
    finally:
        presence.close()
        await http.close()
        cpu.close()
        await database.close()
