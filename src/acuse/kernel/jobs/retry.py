"""When a job is tried again: read from the error, never guessed."""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job as StoredJob

from acuse.kernel.errors import AppError
from acuse.kernel.jobs.errors import JobCrashed

_FIRST_WAIT_S: Final = 15.0
_LONGEST_WAIT_S: Final = 6 * 3600.0
_CRASH_TRIES: Final = 3
_JITTER_PERCENT: Final = 10


class RetryByError(BaseRetryStrategy):
    """Waits 15 s, 1 min, 4 min, 16 min, 64 min, 4 h, then 6 h each, or what the error asks for.

    A retryable AppError is tried up to `max_attempts` runs, one that is not never again, a bug three
    times. A job cut short because its worker stops goes back to the queue whatever its count.
    """

    def __init__(self, max_attempts: int) -> None:
        self._max_attempts = max_attempts

    def get_retry_decision(self, *, exception: BaseException, job: StoredJob) -> RetryDecision | None:
        """Answer the engine: when to run again, or None to give up. `job.attempts` counts the runs before this one."""
        if isinstance(exception, asyncio.CancelledError | JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        wait_s = self.wait_after(exception, runs_before=job.attempts)
        return None if wait_s is None else RetryDecision(retry_in={"milliseconds": round(wait_s * 1000)})

    def wait_after(self, exception: BaseException, *, runs_before: int) -> float | None:
        """Answer the seconds until the next run after this fault; None when no try is left."""
        known = exception if isinstance(exception, AppError) else None
        if (known and not known.retryable) or not isinstance(exception, Exception):
            return None
        if runs_before + 1 >= (self._max_attempts if known else min(_CRASH_TRIES, self._max_attempts)):
            return None
        if known and known.retry_after_s is not None:
            return max(0.0, known.retry_after_s)
        wait_s: float = min(_FIRST_WAIT_S * 4.0**runs_before, _LONGEST_WAIT_S)
        return wait_s * (1 + secrets.randbelow(_JITTER_PERCENT + 1) / 100)


def told(exception: BaseException) -> AppError:
    """Answer the fault as something a person can read; a bug becomes JobCrashed without its private words."""
    return exception if isinstance(exception, AppError) else JobCrashed(kind=type(exception).__name__)
