"""The engine's job manager, made to survive what its own does not: a moment without database, a taken lock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import psycopg
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job as StoredJob
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

from acuse.kernel.logs import get_logger

_TRIES: Final = 20
_WAIT_S: Final = 1.0
_HEARTBEAT: Final = (
    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker_id)s RETURNING id AS worker_id"
)
# Workers look for jobs when one is inserted or a second has passed; that a lock came free they are not told.
_LOCK_FREE: Final = """SELECT pg_notify('procrastinate_any_queue_v1', '{"type": "job_inserted", "job_id": 0}')"""
# The engine reads the name of a taken queueing lock out of PostgreSQL's English message and asserts that
# it could: on a server that speaks another language the same fault arrives as an AssertionError.
ALREADY_WAITING: Final = (UniqueViolation, AssertionError)
_log = get_logger(__name__)


class PatientJobManager(JobManager):
    """Says how a job ended until the database has heard it, and notices when others believe us dead."""

    async def finish_job(self, job: StoredJob, status: Status, delete_job: bool) -> None:  # noqa: FBT001
        """Write the end of a job and, when it held a lock, wake the workers for the next in that line."""
        await super().finish_job(job, status, delete_job)
        if job.lock is not None:
            with suppress(ConnectorException):
                await self.connector.execute_query_async(query=_LOCK_FREE)

    async def finish_job_by_id_async(self, job_id: int, status: Status, delete_job: bool) -> None:  # noqa: FBT001
        """Write the end of a job, again and again while the database is away.

        Without this the job of a worker that lives on would stay "running" for ever.
        """
        finish = super().finish_job_by_id_async
        await self._insist(job_id, lambda: finish(job_id, status, delete_job))

    async def retry_job_by_id_async(
        self,
        job_id: int,
        retry_at: datetime,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        """Put a job back; when an equal one (same queueing lock) waits already, that one stands for both."""
        retry = super().retry_job_by_id_async
        try:
            await self._insist(job_id, lambda: retry(job_id, retry_at, priority, queue, lock))
        except ALREADY_WAITING:
            await self.finish_job_by_id_async(job_id, Status.SUCCEEDED, delete_job=True)

    async def update_heartbeat(self, worker_id: int) -> None:
        """Give a sign of life; fails (NoResult) when another worker has struck us off, so that we register anew."""
        await self.connector.execute_query_one_async(query=_HEARTBEAT, worker_id=worker_id)

    @staticmethod
    async def _insist(job_id: int, write: Callable[[], Awaitable[None]]) -> None:
        for attempt in range(1, _TRIES + 1):
            try:
                await write()
            except UniqueViolation:
                raise
            except ConnectorException as error:
                if isinstance(error.__cause__, psycopg.errors.RaiseException):
                    _log.warning("job_no_longer_ours", job_id=job_id)
                    return
                if attempt == _TRIES:
                    raise
                await asyncio.sleep(_WAIT_S)
            else:
                return
