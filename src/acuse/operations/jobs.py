"""Background work: tell the administrators of a job that gave up."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.kernel.jobs import Job, JobFailed
from acuse.operations.service import FailureLetters


def jobs(letters: FailureLetters) -> Sequence[Job]:
    """Answer the job that follows a failure."""

    async def tell(_: JobFailed) -> None:
        await letters.tell()

    return [Job(name="operations:tell_failure", run=tell, on=JobFailed, caption="Avisar de un trabajo fallido")]
