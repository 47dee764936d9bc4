"""How far memory rises over where it stood, watched from a thread."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Self

import psutil


def pool_of(process: psutil.Process) -> list[psutil.Process]:
    """Answer the processes this one has others work in, the database's not among them."""
    return [each for each in process.children(recursive=True) if "postgres" not in each.name()]


class Peak:
    """Watches this process and, if asked, those of its pool that run when the watch begins."""

    def __init__(self, *, pool: bool = False) -> None:
        me = psutil.Process()
        self._watched = [me, *pool_of(me)] if pool else [me]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._idle = self._top = self._now()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def grown_mb(self) -> float:
        """Answer how far memory rose over where it stood."""
        return (self._top - self._idle) / 1_000_000

    def _now(self) -> int:
        return sum(each.memory_info().rss for each in self._watched)

    def _watch(self) -> None:
        with suppress(psutil.Error):
            while not self._done.wait(0.01):
                self._top = max(self._top, self._now())
