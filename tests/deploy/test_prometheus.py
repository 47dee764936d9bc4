"""What Prometheus reads: all jobs from any process, a worker's own calls; and when the alerts of deploy/ speak."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from pathlib import Path

import httpx2
import pytest

from tests.flows.site import acuse, start_acuse, until

HERE = Path(__file__).parent


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on this machine")
def test_the_alerts_speak_when_they_should() -> None:
    words = ["promtool", "test", "rules", "prometheus.yml"]
    told = subprocess.run(words, cwd=HERE, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr


async def test_a_worker_of_its_own_can_be_read(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
        variables = environment | {"ACUSE_WORKER_METRICS_PORT": str(port)}
        code, _, err = await acuse(variables, tmp_path, "worker")
        assert (code, "ACUSE_WORKER_METRICS_PORT" in err) == (2, True), err
    with start_acuse(variables, tmp_path, "worker") as process:

        async def look() -> str:
            async with httpx2.AsyncClient() as client:
                try:
                    return (await client.get(f"http://127.0.0.1:{port}/health/metrics")).text
                except httpx2.TransportError:
                    assert process.poll() is None
                    return ""

        assert "acuse_outgoing_seconds" in await until(look)
        process.terminate()
        await asyncio.to_thread(process.communicate, timeout=30)
        assert process.returncode == 0
