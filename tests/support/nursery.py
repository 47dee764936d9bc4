"""A process that has read all of Acuse and forks workers of it: one stands in a moment, and dies as any other.

`with nursery() as nurse, nurse.worker(environment, folder) as kill: …`. What it does is the command `acuse worker`;
only the time an interpreter takes to read its modules is paid once instead of at every start.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, set_forkserver_preload
from pathlib import Path
from typing import Any, Final, NoReturn

from sqlalchemy.orm import configure_mappers

from acuse.cli import main
from tests.support import small_worker

_ROOT: Final = Path(__file__).parents[2]
_NO_NEWS: Final = "ignore:resource_tracker"
"""What the dead leave behind is cleared away at the end, and told by Python as if it were a fault."""


class Nursery:
    """The test's end of it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @contextmanager
    def worker(self, environment: dict[str, str], folder: Path, *, small: bool = False) -> Iterator[Callable[[], None]]:
        """Have a worker work in this folder, with these settings and no others; hand out what kills it.

        A `small` one exports a few rows at a time. What is left of it at the end of the block is killed.
        """
        number = self._order({"environment": environment, "folder": str(folder), "small": small})

        def kill() -> None:
            self._order({"kill": number})

        try:
            yield kill
        finally:
            kill()

    def _order(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Keep the process for a block; at its end every worker that is left dies."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__],
        env={**os.environ, "PYTHONPATH": f"{_ROOT}{os.pathsep}{_ROOT / 'src'}", "PYTHONWARNINGS": _NO_NEWS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def _serve() -> None:
    """Take orders until there are no more."""
    set_forkserver_preload(["acuse.cli"])
    forkserver.ensure_running()
    configure_mappers()
    gc.collect()
    gc.freeze()
    alive: set[int] = set()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "kill" in order:
            number = order["kill"]
            _kill(number, alive)
        else:
            number = os.fork()
            if not number:
                _be_a_worker(**order)
            alive.add(number)
        os.write(1, b"%d\n" % number)
    for number in list(alive):
        _kill(number, alive)


def _kill(number: int, alive: set[int]) -> None:
    if number in alive:
        alive.discard(number)
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


def _be_a_worker(environment: dict[str, str], folder: str, *, small: bool) -> NoReturn:
    """Work until killed."""
    status = 1
    try:
        log = os.open(f"{folder}/worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for ours, given in enumerate((nothing, log, log)):
            os.dup2(given, ours)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        # The fork server of the process pool is the nursery's child, not ours: whether it lives is not ours to ask.
        # The module holds the method too, under the same name: mypy takes neither for something to be replaced.
        forkserver.ensure_running = forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]
        if small:
            asyncio.run(small_worker.main())
        else:
            main(["worker"])
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    _serve()
