"""Whether the time of a refused login tells that a user exists: known and unknown ones in turns, at real strength.

Goal: an attacker who sees a pair of answers guesses which one was the known user's no better than by a coin: the
share of pairs in which the known one was slower stays within three standard errors of one half.
"""

from __future__ import annotations

import os
from math import sqrt
from random import Random
from statistics import median
from time import perf_counter

from acuse.accounts import CredentialsInvalid
from acuse.accounts.service import Gate, LoginService
from acuse.kernel.feature import Services
from benchmarks.crs_house import open_bench, someone

PAIRS = int(os.environ.get("BENCH_PAIRS", "300"))


async def main() -> None:
    """Measure and print."""
    order = Random(7)
    async with open_bench(PASSWORD_HASH_MEMORY_KIB="47104", LOGIN_LIMIT_PER_MINUTE="0") as (_, services):
        known = [(await someone(services, number)).tax_id for number in range(8)]
        times: dict[str, list[float]] = {"known": [], "unknown": []}
        for pair in range(-5, PAIRS):
            tries = [("known", known[pair % len(known)]), ("unknown", f"3399{pair % len(known):07d}")]
            order.shuffle(tries)
            for kind, tax_id in tries:
                took = await _refused(services, tax_id)
                if pair >= 0:
                    times[kind].append(took)
    slower = sum(one > other for one, other in zip(times["known"], times["unknown"], strict=True)) / PAIRS
    error = 0.5 / sqrt(PAIRS)
    for kind, all_of_kind in times.items():
        print(f"  {kind:8} median {median(all_of_kind) * 1000:7.2f} ms")
    verdict = "ok" if abs(slower - 0.5) <= 3 * error else "TOLD APART"
    print(f"  known slower in {slower:.3f} of {PAIRS} pairs (coin: 0.500 ± {3 * error:.3f})  {verdict}")


async def _refused(services: Services, tax_id: str) -> float:
    """Answer how long one wrong password took."""
    begun = perf_counter()
    try:
        await services[LoginService].check(tax_id, "Una-Clave.Errada!17", ip="198.51.100.7")
    except CredentialsInvalid:
        took = perf_counter() - begun
    await services[Gate].unlock(tax_id)
    return took
