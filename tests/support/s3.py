"""A real S3 server on the loopback, for tests of storage."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """Run moto's server for a block; answer its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | KEYS
    ) as server:
        try:
            _wait_for(address, server)
            yield address
        finally:
            server.kill()


def make_bucket(address: str, name: str) -> None:
    """Make a bucket; the test server takes unsigned requests."""
    request = urllib.request.Request(f"{address}/{name}", method="PUT")
    with urllib.request.urlopen(request, timeout=10):
        pass


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{address}/moto-api/", timeout=1):
                return
        except OSError:
            if time.monotonic() > limit or server.poll() is not None:
                raise
            time.sleep(0.1)
