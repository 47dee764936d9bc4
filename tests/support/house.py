"""The variables of an installation made for one test."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from sqlalchemy import URL

SECRETS = ("VAULT_KEY", "AUDIT_KEY", "AUDIT_SIGNING_KEY", "TOKEN_SECRET", "REFRESH_SECRET")


def test_environment(database_url: URL, folder: Path) -> dict[str, str]:
    """Answer settings over this database, with files and home below the folder and secrets of their own."""
    made = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in SECRETS}
    return made | {
        "DATABASE_URL": database_url.render_as_string(hide_password=False),
        "ACUSE_HOME": str(folder / "home"),
        "STORAGE_URL": (folder / "files").as_uri(),
        "ACUSE_SURROUNDINGS": "pruebas",
        "ACUSE_CPU_PROCESSES": "1",
    }


test_environment.__test__ = False  # type: ignore[attr-defined]
