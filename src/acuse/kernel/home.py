"""The home folder of an installation: private folders, and files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_OWN_PARTS = frozenset({"secrets", "postgres", "files", "demo", "demo.json", "simuladores"})


def prepare_home(home: Path) -> str | None:
    """Make the home folder, closed to other users (mode 0700).

    A folder that already holds somebody else's things keeps its mode; then a warning in Spanish is answered.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not home.stat().st_mode & 0o077:
        return None
    ours = all(entry.name in _OWN_PARTS for entry in home.iterdir())
    if ours and home != Path(home.anchor) and home.stat().st_uid == os.getuid():
        home.chmod(0o700)
        return None
    return f"La carpeta {home} (ACUSE_HOME) está abierta a otros usuarios del equipo. Ciérrala con: chmod 700 {home}"


def private_folder(path: Path) -> Path:
    """Make a folder only its owner may enter, and answer it."""
    path.mkdir(mode=0o700, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def write_once(path: Path, data: bytes) -> bool:
    """Create a file of mode 0600, whole and synced; answer False when it was there already."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_synced(draft, data)
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def write_whole(path: Path, data: bytes) -> None:
    """Put a file of mode 0600 in place of whatever was there, whole and synced."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_synced(draft, data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the entries of a folder safe on disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_synced(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
