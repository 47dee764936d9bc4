"""Tells whether somebody is still at a piece of work: the word of the system, not of a clock.

A process that takes up work holds a lock on a file of its own in a folder all processes of the installation share.
The system drops the lock at the process's death and never before, whatever becomes of the database or the network.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

_KEPT: Final = 100


class Presence:
    """This process among those that share the folder. Nothing is written before the first work."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = secrets.token_hex(8)
        self._handle: int | None = None
        self._numbers = count(1)
        self._doing: set[str] = set()

    @contextmanager
    def work(self) -> Iterator[str]:
        """Answer a name for the work of the block, by which everybody can ask whether it is over."""
        if self._handle is None:
            self._handle = self._appear()
        name = f"{self._process}.{next(self._numbers)}"
        self._doing.add(name)
        try:
            yield name
        finally:
            self._doing.discard(name)

    def is_over(self, name: str) -> bool:
        """Tell whether this work has provably ended, well or by death. Of another machine's nothing is known."""
        process, _, _ = name.partition(".")
        return name not in self._doing if process == self._process else _is_free(self._folder / process)

    def close(self) -> None:
        """Leave. Calling it twice is harmless."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def _appear(self) -> int:
        """Hold our file; of those the dead have left behind the last hundred stay, to be asked about."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        left = sorted(self._folder.iterdir(), key=_age, reverse=True)
        for path in left[_KEPT:]:
            if _is_free(path):
                path.unlink(missing_ok=True)
        handle = os.open(self._folder / self._process, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        return handle


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _is_free(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(handle)
