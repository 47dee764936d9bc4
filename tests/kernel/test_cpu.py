from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest

from acuse.kernel.cpu import CpuPool, WorkInterrupted
from acuse.kernel.errors import Misconfigured


def add(first: int, second: int) -> int:
    return first + second


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def complain() -> None:
    raise Misconfigured(problem="falta algo")


@pytest.fixture
async def pool() -> AsyncIterator[CpuPool]:
    made = CpuPool(1)
    yield made
    await asyncio.to_thread(made.close)


class TestCpuPool:
    async def test_works_in_another_process_and_leaves_the_loop_free(self, pool: CpuPool) -> None:
        await pool.warm_up()
        beats = 0
        work = asyncio.create_task(pool.run(time.sleep, 0.3))
        while not work.done():
            await asyncio.sleep(0.01)
            beats += 1
        assert beats > 5
        assert await pool.run(add, 1, 2) == 3
        assert await pool.run(os.getpid) != os.getpid()

    async def test_its_processes_keep_freed_blocks_and_nobody_else_does(self, pool: CpuPool) -> None:
        assert "glibc.malloc.tcache_count=127" in (await pool.run(os.getenv, "GLIBC_TUNABLES") or "")
        assert "GLIBC_TUNABLES" not in os.environ

    async def test_keeps_its_processes(self, pool: CpuPool) -> None:
        assert await pool.run(os.getpid) == await pool.run(os.getpid)

    async def test_brings_our_errors_back_whole(self, pool: CpuPool) -> None:
        with pytest.raises(Misconfigured, match="falta algo") as caught:
            await pool.run(complain)
        assert caught.value.details == {"problem": "falta algo"}

    async def test_a_killed_process_fails_only_its_own_work(self, pool: CpuPool) -> None:
        with pytest.raises(WorkInterrupted) as caught:
            await pool.run(die)
        assert caught.value.retryable
        assert await pool.run(add, 1, 2) == 3

    async def test_many_works_cut_by_one_death_can_all_be_done_again(self) -> None:
        pool = CpuPool(2)
        works = [pool.run(time.sleep, 0.2), pool.run(die), pool.run(time.sleep, 0.2)]
        results = await asyncio.gather(*works, return_exceptions=True)
        assert {type(result) for result in results} <= {WorkInterrupted, type(None)}
        assert WorkInterrupted in {type(result) for result in results}
        assert await asyncio.gather(*(pool.run(add, n, n) for n in range(4))) == [0, 2, 4, 6]
        await asyncio.to_thread(pool.close)

    def test_closing_twice_is_harmless(self) -> None:
        pool = CpuPool(1)
        pool.close()
        pool.close()
