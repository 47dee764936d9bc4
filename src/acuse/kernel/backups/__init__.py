"""Whole copies of an installation, taken while it works and put back when it is lost."""

from acuse.kernel.backups.backups import Backups
from acuse.kernel.backups.manifest import Manifest
from acuse.kernel.backups.restoring import Restoring
from acuse.kernel.backups.settings import BackupSettings

__all__ = ["BackupSettings", "Backups", "Manifest", "Restoring"]
