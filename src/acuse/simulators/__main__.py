"""Serves the simulators for a parent process: one line of JSON when ready, the end when standard input closes."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from acuse.simulators.server import Description, run_simulators


def main() -> None:
    """Serve until the parent closes our standard input, even by dying."""
    parser = argparse.ArgumentParser(prog="python -m acuse.simulators", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--cfdis", type=int, default=5_000)
    parser.add_argument("--year", type=int)
    parser.add_argument("--taxpayers", type=int, default=1)
    asked = parser.parse_args()
    with suppress(asyncio.CancelledError, KeyboardInterrupt):
        asyncio.run(_serve_while_wanted(asked))


async def _serve_while_wanted(asked: argparse.Namespace) -> None:
    serving = asyncio.ensure_future(
        run_simulators(
            port=asked.port,
            cfdis=asked.cfdis,
            year=asked.year,
            home=asked.home,
            taxpayers=asked.taxpayers,
            announce=_announce,
        )
    )
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _end_with_the_parent, serving)
    await serving


def _end_with_the_parent(serving: asyncio.Future[None]) -> None:
    if not os.read(sys.stdin.fileno(), 4_096):
        serving.cancel()


def _announce(description: Description) -> None:
    sys.stdout.write(json.dumps(description.as_dict(), ensure_ascii=False) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
