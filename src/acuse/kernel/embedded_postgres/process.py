"""Tells whether the server of a data folder really runs, and clears what a killed one left behind."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import psutil

_GRACE_S = 5.0


@dataclass(frozen=True)
class Running:
    """A live server: its process, the port it listens on, and whether it takes sessions yet."""

    pid: int
    port: int
    ready: bool


def running_server(data: Path) -> Running | None:
    """Answer the live server of this data folder.

    The process named in `postmaster.pid` counts only if it lives, is no zombie, is a `postgres` and works
    in this folder: after a restart of the machine the same number may be anybody's.
    """
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        pid, port, ready = int(lines[0]), int(lines[3]), lines[7:8] != [] and lines[7].strip() == "ready"
    except (OSError, ValueError, IndexError):
        return None
    try:
        process = psutil.Process(pid)
        alive = process.status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD} and _is_of(process, data)
        return Running(pid, port, ready) if alive and "-D" in process.cmdline() else None
    except psutil.Error:
        return None


def our_processes() -> str:
    """Answer a name for the processes we can see: a container sees its own alone, and only the system tells."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def clear_remains(data: Path, run: Path) -> None:
    """Remove the marks of a killed server, after its orphaned sessions have ended. Call it inside the gate."""
    marks = [mark for mark in (data / "postmaster.pid", *run.glob(".s.PGSQL.*")) if mark.exists()]
    if not marks:
        return
    orphans = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if _is_of(process, data) and process.status() != psutil.STATUS_ZOMBIE:
                orphans.append(process)
    _, alive = psutil.wait_procs(orphans, timeout=_GRACE_S)
    for ending in (psutil.Process.terminate, psutil.Process.kill):
        for process in alive:
            with contextlib.suppress(psutil.Error):
                ending(process)
        _, alive = psutil.wait_procs(alive, timeout=_GRACE_S)
    for mark in marks:
        mark.unlink(missing_ok=True)


def _is_of(process: psutil.Process, data: Path) -> bool:
    return process.name().startswith("postgres") and Path(process.cwd()) == data
