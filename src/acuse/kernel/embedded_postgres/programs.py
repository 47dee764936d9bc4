"""Runs the programs of PostgreSQL for one place, and finds it a port where it cannot have a socket."""

from __future__ import annotations

import os
import socket
import subprocess

from acuse.kernel.embedded_postgres.place import Place
from acuse.kernel.home import write_whole


def run_program(place: Place, program: str, *arguments: str) -> int:
    """Run a program as the server's user, in its folder, in a plain locale; answer its exit code.

    All paths given are relative to that folder, so whatever its name holds, no shell sees it. What a failing
    program says goes to the server's log.
    """
    groups: list[str | int] | None = None if place.account.user is None else []
    done = subprocess.run(  # noqa: S603 - programs of the wheel with our own arguments
        [str(place.programs / program), *arguments],
        cwd=place.folder,
        env={"LANG": "C", "LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        user=place.account.user,
        group=place.account.group,
        extra_groups=groups,
        umask=0o077,
    )
    if done.returncode != 0 and (done.stderr or done.stdout):
        with place.log.open("a", encoding="utf-8") as log:
            log.write(f"{program}: {done.stderr or done.stdout}\n")
    return done.returncode


def loopback_port(place: Place) -> int:
    """Answer the port used last time while it is free, so that a restart is not noticed; else another."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(place.port.read_text(encoding="ascii"))))
        except (OSError, ValueError):
            with socket.socket() as another:
                another.bind(("127.0.0.1", 0))
                found: int = another.getsockname()[1]
            write_whole(place.port, str(found).encode())
            return found
        kept: int = probe.getsockname()[1]
        return kept
