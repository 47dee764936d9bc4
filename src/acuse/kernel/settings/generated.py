"""The secrets of embedded mode: created once in the home folder, read ever after."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from acuse.kernel.home import private_folder, write_once


def read_or_create(home: Path, name: str, size: int) -> tuple[str, bool]:
    """Answer the secret `name` of this home and whether it was created just now.

    The file appears whole (mode 0600, synced) or not at all; of several processes creating it at once
    one wins and the others read its value.
    """
    folder = private_folder(home / "secrets")
    path = folder / name
    created = not path.exists() and write_once(path, base64.b64encode(secrets.token_bytes(size)) + b"\n")
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return path.read_text(encoding="utf-8").strip(), created
