"""Counters against guessing in Redis, shared by any number of processes. Each change is one script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from acuse.accounts.errors import CountersUnavailable
from acuse.accounts.throttle import Attempt, Backoff
from acuse.kernel.clock import Clock

_PREFIX: Final = "acuse:login:"
# Instants are milliseconds of our clock; the key's own life in Redis only sweeps up.
_ATTEMPT: Final = """
local now, free = tonumber(ARGV[1]), tonumber(ARGV[2])
local base, max, forget = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local held = redis.call('HMGET', KEYS[1], 'count', 'wait', 'ends')
local count, wait, ends = tonumber(held[1] or 0), tonumber(held[2] or 0), tonumber(held[3] or 0)
if ends <= now then count, wait = 0, 0 end
if wait > now then return {0, count, wait} end
count, wait = count + 1, 0
if count >= free then wait = now + math.min(max, base * 2 ^ math.min(count - free, 20)) * 1000 end
local till, over = string.format('%.0f', wait), string.format('%.0f', now + forget * 1000)
redis.call('HSET', KEYS[1], 'count', count, 'wait', till, 'ends', over)
redis.call('PEXPIRE', KEYS[1], forget * 1000)
return {1, count, wait}
"""
_HIT: Final = """
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'count', 'ends')
local count, ends = tonumber(held[1] or 0), tonumber(held[2] or 0)
if ends <= now then count, ends = 0, now + window * 1000 end
redis.call('HSET', KEYS[1], 'count', count + 1, 'ends', string.format('%.0f', ends))
redis.call('PEXPIRE', KEYS[1], window * 1000)
return {count + 1, ends}
"""


class RedisCounters:
    """The home of the counters when REDIS_URL is set (see throttle.Counters)."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._redis: Redis = Redis.from_url(url, decode_responses=True, socket_timeout=5, socket_connect_timeout=5)
        self._clock = clock

    async def attempt(self, key: str, rule: Backoff) -> Attempt:
        """Count one try as failed before it is made, unless it must wait."""
        values = (self._now_ms(), rule.free, rule.base_s, rule.max_s, rule.forget_s)
        allowed, failures, wait = await self._run(_ATTEMPT, key, *values)
        return Attempt(allowed=bool(allowed), failures=failures, wait_until=_instant(wait) if wait else None)

    async def hit(self, key: str, window_s: int) -> tuple[int, datetime]:
        """Count one request; answer how many fell in this window and when it ends."""
        count, ends = await self._run(_HIT, key, self._now_ms(), window_s)
        return count, _instant(ends)

    async def remember(self, key: str, life_s: int) -> None:
        """Note that something is known."""
        ends = self._now_ms() + life_s * 1000
        async with _answering():
            await self._redis.set(_PREFIX + key, ends, px=life_s * 1000)

    async def knows(self, key: str) -> bool:
        """Answer whether it was noted and has not run out."""
        async with _answering():
            ends = await self._redis.get(_PREFIX + key)
        return ends is not None and int(ends) > self._now_ms()

    async def clear(self, *keys: str) -> None:
        """Forget these keys."""
        async with _answering():
            await self._redis.delete(*(_PREFIX + key for key in keys))

    async def clear_under(self, prefix: str) -> None:
        """Forget every key that begins so."""
        pattern = "".join(f"\\{c}" if c in "*?[]\\^-" else c for c in _PREFIX + prefix) + "*"
        async with _answering():
            keys = [key async for key in self._redis.scan_iter(match=pattern, count=500)]
            if keys:
                await self._redis.delete(*keys)

    async def prune(self) -> int:
        """Nothing to do: Redis forgets by itself."""
        return 0

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    async def _run(self, script: str, key: str, *values: int) -> Any:
        async with _answering():
            return await self._redis.eval(script, 1, _PREFIX + key, *map(str, values))


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise CountersUnavailable from error


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)
