"""A pool of processes for work that would hold the event loop: parsing, hashing, inflating."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import forkserver, get_context, parent_process
from typing import Final, TypeVar, TypeVarTuple

from acuse.kernel.errors import Unavailable

T = TypeVar("T")
A = TypeVarTuple("A")

_ALLOCATOR: Final = "glibc.malloc.tcache_count=127"
"""Freed small blocks glibc keeps at hand: the tree of one document is made of the blocks of the one before."""


class WorkInterrupted(Unavailable):
    """A process of the pool died under the work. The work can be done again."""

    code = "WORK_INTERRUPTED"
    message = "El sistema interrumpió el trabajo antes de terminarlo (quizá faltó memoria). Se volverá a intentar."


class CpuPool:
    """Runs functions in other processes, made by a fork server so that no lock or connection is copied.

    A function must be importable by name and its arguments picklable. After a process dies the pool is
    made anew, so only the work that was in it fails (WorkInterrupted, retryable).
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    @property
    def workers(self) -> int:
        """Answer how many pieces of work run at once."""
        return self._workers

    async def run(self, function: Callable[[*A], T], *args: *A) -> T:
        """Run `function(*args)` in a process of the pool and answer what it answers or raises."""
        pool = self._current()
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, function, *args)
        except BrokenProcessPool as error:
            if self._pool is pool:
                self._pool = None
            pool.shutdown(wait=False, cancel_futures=True)
            raise WorkInterrupted from error

    async def warm_up(self) -> None:
        """Start the processes, so that the first real work does not wait for them."""
        await asyncio.gather(*(self.run(os.getpid) for _ in range(self._workers)))

    def close(self) -> None:
        """Wait for running work and end the processes. Calling it twice is harmless."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _current(self) -> ProcessPoolExecutor:
        if self._pool is None:
            _start_fork_server()
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=get_context("forkserver"), initializer=_follow_the_parent
            )
        return self._pool


def _start_fork_server() -> None:
    """Start what makes the processes, unless it runs; allocators read their settings at a program's start only."""
    name = "GLIBC_TUNABLES"
    given = os.environ.get(name)
    os.environ[name] = f"{_ALLOCATOR}:{given}" if given else _ALLOCATOR
    try:
        forkserver.ensure_running()
    finally:
        if given is None:
            del os.environ[name]
        else:
            os.environ[name] = given


def _follow_the_parent() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the parent; end when it dies by whatever cause."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
