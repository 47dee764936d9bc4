"""The last thing written of a backup: what belongs to it. Without one a backup is not whole and is never used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from acuse.kernel.backups.errors import BackupDamaged

MANIFESTS: Final = "respaldos"
DUMPS: Final = "base"
MIRROR: Final = "archivos"
_VERSION: Final = 1
_NAME: Final = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One whole backup: the dump of the database and the keys of the files that were there.

    `vault_keys` are the names of the keys that open what is sealed (never the keys). `made_at` is aware, in UTC.
    """

    name: str
    made_at: datetime
    revision: str
    dump: str
    dump_bytes: int
    dump_sha256: str
    vault_keys: Sequence[str]
    files_bytes: int
    files: Sequence[str]

    @property
    def key(self) -> str:
        """Answer where it is kept."""
        return f"{MANIFESTS}/{self.name}.json"

    def document(self) -> bytes:
        """Write it as JSON."""
        told = asdict(self) | {"version": _VERSION, "made_at": self.made_at.isoformat()}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()

    @classmethod
    def read(cls, document: bytes) -> Manifest:
        """Read it back; raises BackupDamaged."""
        try:
            told = json.loads(document)
            version, made_at = told.pop("version"), datetime.fromisoformat(told.pop("made_at"))
            manifest = cls(made_at=made_at, **told)
        except (ValueError, TypeError, KeyError) as error:
            raise BackupDamaged(problem="su lista no se puede leer.") from error
        if version != _VERSION:
            raise BackupDamaged(problem="su lista es de una versión más nueva de Acuse.")
        return manifest


def name_of(moment: datetime) -> str:
    """Answer the name of a backup made at this instant (UTC), in the order of time."""
    return moment.strftime(_NAME)


def made_at_of(key: str) -> datetime:
    """Answer the instant (UTC) a manifest's key tells."""
    return datetime.strptime(key, f"{MANIFESTS}/{_NAME}.json").replace(tzinfo=UTC)
