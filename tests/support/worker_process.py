"""A real worker in its own process, to be killed: `python -m tests.support.worker_process` with ADDRESS and MARKS set.

Its job leaves a mark when it starts and then never ends.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from acuse.kernel.database import Database, adapt_url
from tests.support.jobs import Happened, Workshop, a_job


async def main() -> None:
    """Work until killed."""
    marks = Path(os.environ["MARKS"])

    async def begin(event: Happened) -> None:
        (marks / f"started-{event.thing_id}").touch()
        await asyncio.sleep(3600)

    database = Database(url=adapt_url(os.environ["ADDRESS"]))
    await database.open(migrate=False)
    await Workshop(database, [a_job(begin)]).worker().run()


if __name__ == "__main__":
    asyncio.run(main())
