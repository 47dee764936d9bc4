"""The parts every feature is built from, made once from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.kernel.audit import Audit
from acuse.kernel.clock import Clock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.http import HttpClients
from acuse.kernel.settings import SettingsReader
from acuse.kernel.vault import Vault


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
