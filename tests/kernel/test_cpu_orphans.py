from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil

PROGRAM = """
import asyncio, os
from acuse.kernel.cpu import CpuPool

async def main():
    pool = CpuPool(2)
    await pool.warm_up()
    print(*{await pool.run(os.getpid) for _ in range(8)}, flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_processes_of_the_pool_end_with_a_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert children
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        for _ in range(100):
            if not any(psutil.pid_exists(pid) for pid in children):
                break
            time.sleep(0.05)
    assert [pid for pid in children if psutil.pid_exists(pid)] == []
