"""Runs the simulators beside us, in a process of their own that ends with us."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from acuse.cli.demo.errors import SimulatorsDidNotStart
from acuse.simulators import Description

_READY_S: Final = 120
_END_S: Final = 5


@asynccontextmanager
async def simulators(home: Path, *, cfdis: int, year: int, taxpayers: int, log: Path) -> AsyncIterator[Description]:
    """Start them, wait until their port answers, and end them at the end. Raises SimulatorsDidNotStart."""
    with log.open("ab") as complaints:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "acuse.simulators", "--home", str(home)),
            *("--cfdis", str(cfdis), "--year", str(year), "--taxpayers", str(taxpayers)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=complaints,
            start_new_session=True,  # Ctrl-C is ours; they end when we close their input
        )
    try:
        yield await _description(process, log)
    finally:
        await _end(process)


async def _description(process: Process, log: Path) -> Description:
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _READY_S)
        return Description(**json.loads(line))
    except (TimeoutError, ValueError) as error:
        raise SimulatorsDidNotStart(log=str(log)) from error


async def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _END_S)
    except TimeoutError:
        process.kill()
        await process.wait()
