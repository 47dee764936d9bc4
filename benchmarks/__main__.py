"""`python -m benchmarks [name…]`: run the benchmarks and print their ratios."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks import crs_reading, crs_start, equal_time, ingest, ingest_xml, search

BENCHMARKS: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    "ingest": ingest_xml.main,
    "metadata": ingest.metadata,
    "search": search.main,
    "crs_start": crs_start.main,
    "crs_reading": crs_reading.main,
    "equal_time": equal_time.main,
}


def main() -> int:
    """Run the benchmarks named on the command line, or all."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(unknown)}; known: {', '.join(BENCHMARKS)}\n")
        return 2
    for name in names:
        asyncio.run(BENCHMARKS[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main())
