"""The counters, held to the same tests in PostgreSQL and in a real Redis."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from acuse.accounts.errors import CountersUnavailable
from acuse.accounts.service import Gate
from acuse.accounts.store import PostgresCounters, RedisCounters
from acuse.accounts.throttle import Backoff, Counters, wait_text
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from tests.accounts.conftest import Build

RULE = Backoff(free=3)
needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="SKIPPED LOUDLY: no redis-server")


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis of this module, on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("redis")
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    with subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL) as server:
        for _ in range(200):
            with socket.socket() as door:
                if door.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()


@pytest.fixture(params=["postgres", pytest.param("redis", marks=[pytest.mark.redis, needs_redis])])
async def counters(request: pytest.FixtureRequest, database: Database, clock: MovableClock) -> AsyncIterator[Counters]:
    if request.param == "postgres":
        yield PostgresCounters(database, clock)
        return
    redis = RedisCounters(request.getfixturevalue("redis_url"), clock)
    await redis.clear_under("")
    yield redis
    await redis.close()


class TestAttempt:
    async def test_so_many_pass_freely_then_each_waits_twice_as_long(
        self, counters: Counters, clock: MovableClock
    ) -> None:
        seen = []
        for _ in range(10):
            attempt = await counters.attempt("a", RULE)
            assert attempt.allowed
            seen.append(round((attempt.wait_until - clock.now()).total_seconds()) if attempt.wait_until else 0)
            clock.move(seconds=seen[-1])
        assert seen == [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]

    async def test_a_try_within_the_wait_is_neither_allowed_nor_counted(
        self, counters: Counters, clock: MovableClock
    ) -> None:
        for _ in range(3):
            await counters.attempt("a", RULE)
        clock.move(seconds=29)
        held = await counters.attempt("a", RULE)
        assert not held.allowed
        assert held.failures == 3
        assert held.wait_until is not None
        assert (held.wait_until - clock.now()).total_seconds() == pytest.approx(1, abs=0.01)
        clock.move(seconds=1)
        assert (await counters.attempt("a", RULE)).failures == 4

    async def test_at_once_exactly_the_free_ones_pass(self, counters: Counters) -> None:
        attempts = await asyncio.gather(*(counters.attempt("a", RULE) for _ in range(20)))
        assert sum(attempt.allowed for attempt in attempts) == 3

    async def test_forgotten_after_their_time_and_when_cleared(self, counters: Counters, clock: MovableClock) -> None:
        await counters.attempt("a", RULE)
        clock.move(seconds=RULE.forget_s)
        assert (await counters.attempt("a", RULE)).failures == 1
        await counters.attempt("a", RULE)
        await counters.clear("a", "b")
        assert (await counters.attempt("a", RULE)).failures == 1

    async def test_keys_are_apart(self, counters: Counters) -> None:
        await counters.attempt("a", RULE)
        assert (await counters.attempt("b", RULE)).failures == 1

    async def test_a_rule_without_a_free_try_waits_at_once(self, counters: Counters, clock: MovableClock) -> None:
        first = await counters.attempt("a", Backoff(free=1))
        assert first.wait_until is not None
        assert (first.wait_until - clock.now()).total_seconds() == pytest.approx(30, abs=0.01)


class TestHit:
    async def test_counts_within_a_window_that_begins_with_the_first(
        self, counters: Counters, clock: MovableClock
    ) -> None:
        start = clock.now()
        assert (await counters.hit("h", 60))[0] == 1
        clock.move(seconds=59)
        count, ends = await counters.hit("h", 60)
        assert count == 2
        assert (ends - start).total_seconds() == pytest.approx(60, abs=0.01)
        clock.move(seconds=1)
        assert (await counters.hit("h", 60))[0] == 1


class TestKnown:
    async def test_is_known_until_it_runs_out(self, counters: Counters, clock: MovableClock) -> None:
        assert not await counters.knows("k")
        await counters.remember("k", 60)
        await counters.remember("k", 60)
        assert await counters.knows("k")
        clock.move(seconds=60)
        assert not await counters.knows("k")


async def test_everything_under_a_prefix_is_forgotten_and_nothing_else(counters: Counters) -> None:
    for key in ("pair:A*:1", "pair:A*:2", "pair:AB:1"):
        await counters.attempt(key, RULE)
    await counters.clear_under("pair:A*:")
    assert (await counters.attempt("pair:A*:1", RULE)).failures == 1
    assert (await counters.attempt("pair:AB:1", RULE)).failures == 2


async def test_what_ran_out_is_swept_up(counters: Counters, clock: MovableClock) -> None:
    await counters.attempt("a", RULE)
    await counters.hit("h", 60)
    clock.move(seconds=61)
    swept = await counters.prune()
    assert swept == (1 if isinstance(counters, PostgresCounters) else 0)


@pytest.mark.redis
@needs_redis
async def test_with_redis_the_waits_live_there(build: Build, redis_url: str) -> None:
    place = build(REDIS_URL=redis_url)
    user = await place.create()
    async with place.client() as client:
        for _ in range(6):
            answer = await client.post("/auth/login", json={"cuit": user.tax_id, "password": "no"})
    assert answer.status_code == 429
    assert await place.rows("SELECT * FROM login_counters") == []
    await place.services[Gate].close()


async def test_without_an_answer_from_redis_nobody_comes_in(clock: MovableClock) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        redis = RedisCounters(f"redis://127.0.0.1:{closed.getsockname()[1]}/0", clock)
        with pytest.raises(CountersUnavailable):
            await redis.attempt("a", RULE)
        await redis.close()


async def test_the_doctor_asks_redis_where_it_is_set(build: Build) -> None:
    assert not build().services.mounted["accounts"].checks
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        mounted = build(REDIS_URL=f"redis://127.0.0.1:{closed.getsockname()[1]}/0").services.mounted["accounts"]
        found = await mounted.checks[0].run()
        assert (found.state, "REDIS_URL" in found.text) == ("missing", True)
        await mounted.close[0]()


@pytest.mark.redis
@needs_redis
async def test_the_doctor_hears_that_redis_answers(build: Build, redis_url: str) -> None:
    mounted = build(REDIS_URL=redis_url).services.mounted["accounts"]
    assert (await mounted.checks[0].run()).state == "ok"
    await mounted.close[0]()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "1 segundo"), (29.2, "30 segundos"), (60, "1 minuto"), (61, "2 minutos"), (900, "15 minutos")],
)
def test_a_wait_is_told_in_words(seconds: float, words: str) -> None:
    assert wait_text(seconds) == words
