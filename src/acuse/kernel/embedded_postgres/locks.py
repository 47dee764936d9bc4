"""Two file locks: a gate for starting and stopping, and one shared by everybody who uses the server.

The system drops the locks of a killed process by itself, so nothing goes stale.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def gate(path: Path) -> Iterator[None]:
    """Wait until nobody else starts or stops the server, and keep it so for the block."""
    handle = _open(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class Use:
    """This process's share in the server, from `take` to `leave`, or to its death."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def taken(self) -> bool:
        """Tell whether the share is held."""
        return self._handle is not None

    def take(self) -> None:
        """Hold a share. Call it inside the gate."""
        if self._handle is None:
            handle = _open(self._path)
            fcntl.flock(handle, fcntl.LOCK_SH)
            self._handle = handle

    def is_shared(self) -> bool:
        """Tell whether anybody, ourselves included, holds a share. Call it inside the gate."""
        handle = _open(self._path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(handle)

    def leave(self) -> bool:
        """Give the share up and tell whether it was the last one. Call it inside the gate."""
        if self._handle is None:
            return False
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        else:
            return True
        finally:
            os.close(self._handle)
            self._handle = None


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
