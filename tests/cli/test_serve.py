"""`acuse serve` on a machine where nothing is set: first start, stop, second start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

ACUSE = Path(sys.executable).with_name("acuse")


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    return kept | {"ACUSE_HOME": str(home), "COLUMNS": "200", "ACUSE_CPU_PROCESSES": "1"}


@contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """Run `acuse serve` until the block ends; whatever happens, nothing is left running."""
    with subprocess.Popen(
        [ACUSE, "serve", "--port", str(port)],
        cwd=home.parent,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=30)


def until_ready(process: subprocess.Popen[str], port: int) -> None:
    for _ in range(600):
        assert process.poll() is None, process.communicate()[0]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not become ready")


def server_pid(home: Path) -> Path:
    """Answer the file PostgreSQL keeps as long as it runs."""
    return home / "postgres" / "data" / "postmaster.pid"


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_first_start_tells_what_one_must_know_and_sigterm_closes_everything(tmp_path: Path, port: int) -> None:
    home = tmp_path / "casa ñ"
    with serving(home, port) as process:
        until_ready(process, port)
        running = psutil.Process(int(server_pid(home).read_text().split()[0]))
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert not running.is_running() or running.status() == psutil.STATUS_ZOMBIE
    assert not server_pid(home).exists()
    assert "VAULT_KEY" in said
    assert re.search(r"Primer administrador: usuario ADMIN, contraseña temporal \S{10,}", said)
    assert f"http://127.0.0.1:{port}" in said
    assert all((home / "secrets" / name).stat().st_mode & 0o077 == 0 for name in ("VAULT_KEY", "TOKEN_SECRET"))

    with serving(home, port) as process:
        until_ready(process, port)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
    assert "Primer administrador" not in said
    assert "VAULT_KEY" not in said


def test_a_home_made_anew_at_the_same_path_starts_empty(tmp_path: Path, port: int) -> None:
    home = tmp_path / "casa"
    for _ in range(2):
        with serving(home, port) as process:
            until_ready(process, port)
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=30)
        assert "Primer administrador" in said
        subprocess.run(["rm", "-rf", str(home)], check=True)
