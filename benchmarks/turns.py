"""Acts that take turns, so that a busy machine is as hard on one as on the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Final

REPEATS: Final = 60
_WARMING: Final = 10


async def in_turn(*acts: Callable[[], Awaitable[None]]) -> Sequence[float]:
    """Answer the milliseconds each takes, the median of many turns."""
    times: list[list[float]] = [[] for _ in acts]
    for turn in range(REPEATS + _WARMING):
        for act, spent in zip(acts, times, strict=True):
            began = perf_counter()
            await act()
            if turn >= _WARMING:
                spent.append((perf_counter() - began) * 1000)
    return [median(spent) for spent in times]
