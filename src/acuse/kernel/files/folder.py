"""A local folder of files: drafts, modes and syncing, which the storage library leaves to us."""

from __future__ import annotations

import os
import secrets
import time
from itertools import pairwise
from pathlib import Path
from typing import Final

from acuse.kernel.home import sync_folder

_DRAFTS: Final = ".drafts"
_OLD_DRAFT_S: Final = 3600


class Folder:
    """The root folder of a local store, closed to other users."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._synced: set[Path] = set()

    @staticmethod
    def is_draft(key: str) -> bool:
        """Tell whether a key names a file still being written."""
        return key == _DRAFTS or key.startswith(f"{_DRAFTS}/")

    def prepare(self) -> None:
        """Make the folder (mode 0700) and remove drafts a crash left behind, an hour ago or more."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root = self.root.resolve()
        drafts = self.root / _DRAFTS
        drafts.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self.root.parent)
        for folder in (self.root, drafts):
            if folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.getuid():
                folder.chmod(0o700)
        for draft in drafts.iterdir():
            try:
                if draft.stat().st_mtime < time.time() - _OLD_DRAFT_S:
                    draft.unlink()
            except FileNotFoundError:
                continue

    def path(self, key: str) -> Path:
        """Answer where the file of a key is."""
        return self.root / key

    def new_draft(self) -> str:
        """Answer the key of a new draft."""
        return f"{_DRAFTS}/{secrets.token_hex(16)}"

    def secure(self, draft: str, key: str) -> None:
        """Put a written draft safe on disk, for its owner only, and make the folders its final key needs."""
        handle = os.open(self.path(draft), os.O_RDONLY)
        try:
            os.fchmod(handle, 0o600)
            os.fsync(handle)
        finally:
            os.close(handle)
        missing = [folder for folder in self._parents(key) if not folder.is_dir()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)

    def sync_parents(self, key: str) -> None:
        """Make the name of a file safe on disk: its folder, and every folder above not known to be safe."""
        chain = self._parents(key)
        sync_folder(chain[0])
        for folder, above in pairwise(chain):
            if folder not in self._synced:
                sync_folder(above)
                self._synced.add(folder)

    def _parents(self, key: str) -> list[Path]:
        """Answer the folders of a key from the nearest up to the root."""
        path = self.path(key)
        return [folder for folder in path.parents if folder.is_relative_to(self.root)]
