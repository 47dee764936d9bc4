"""The board: jobs by state with words for people, pages, and the retry."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from acuse.kernel.audit import Actor
from acuse.kernel.database import Database
from acuse.kernel.errors import Refused
from acuse.kernel.jobs import JobNotFound, JobNotRetryable, JobState
from acuse.kernel.paging import BadCursor
from tests.support.jobs import Happened, Workshop, a_job, rows

ALICE = Actor(1, "Alice", "192.0.2.1")


async def nothing(_: object) -> None:
    return None


class TestList:
    async def test_each_job_stands_under_its_state(self, database: Database) -> None:
        started = asyncio.Event()
        release = asyncio.Event()

        async def work(event: Happened) -> None:
            if event.thing_id == 1:
                raise Refused
            if event.thing_id == 2:
                started.set()
                await release.wait()

        workshop = Workshop(database, [a_job(work)])
        board = workshop.board()
        for number in (1, 2, 3):
            await workshop.publish(Happened(number), lock="x")
        await workshop.publish(Happened(4), at=workshop.clock.now().replace(year=2099))
        async with workshop.working():
            await asyncio.wait_for(started.wait(), 5)
            found = {
                state: [job.arguments["thing_id"] for job in (await board.list(state)).items] for state in JobState
            }
            assert found == {
                JobState.FAILED: [1],
                JobState.RUNNING: [2],
                JobState.WAITING: [3],
                JobState.SCHEDULED: [4],
                JobState.DONE: [],
            }
            assert await board.counts() == {state: len(jobs) for state, jobs in found.items()}
            release.set()

    async def test_a_finished_job_tells_its_times_and_caption(self, database: Database) -> None:
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.publish(Happened(1))
        await workshop.worker().drain()
        [job] = (await workshop.board().list(JobState.DONE)).items
        assert job.created_at is not None
        assert job.started_at is not None
        assert job.finished_at is not None
        assert job.created_at <= job.started_at <= job.finished_at
        assert (job.caption, job.attempts, job.max_attempts) == ("Hacer algo", 1, 8)
        assert await workshop.board().get(job.id) == job

    async def test_pages_meet_without_gap_or_overlap(self, database: Database) -> None:
        workshop = Workshop(database, [a_job(nothing)])
        for number in range(5):
            await workshop.publish(Happened(number))
        board, cursor, seen = workshop.board(), None, []
        while True:
            page = await board.list(cursor=cursor, limit=2)
            seen += [job.arguments["thing_id"] for job in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == [4, 3, 2, 1, 0]

    async def test_a_made_up_cursor_is_refused(self, database: Database) -> None:
        with pytest.raises(BadCursor):
            await Workshop(database, []).board().list(cursor="ñ")

    async def test_a_job_that_is_not_there_is_not_found(self, database: Database) -> None:
        with pytest.raises(JobNotFound):
            await Workshop(database, []).board().get(99)


class TestRetry:
    async def test_a_failed_job_runs_again_as_if_new_and_it_is_audited(self, database: Database) -> None:
        runs = 0

        async def refuse_once(_: Happened) -> None:
            nonlocal runs
            runs += 1
            if runs == 1:
                raise Refused

        workshop = Workshop(database, [a_job(refuse_once)])
        await workshop.publish(Happened(1))
        await workshop.worker().drain()
        [failed] = (await workshop.board().list(JobState.FAILED)).items
        await workshop.board().retry(failed.id, actor=ALICE)
        assert (await workshop.board().get(failed.id)).attempts == 0
        await workshop.worker().drain()
        assert (await workshop.board().get(failed.id)).state is JobState.DONE
        assert [(row["accion"], row["objetivo_id"]) for row in await rows(database, "SELECT * FROM auditoria")] == [
            ("RETRY_JOB", str(failed.id))
        ]

    async def test_a_job_that_did_not_fail_is_left_alone(self, database: Database) -> None:
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.publish(Happened(1))
        [waiting] = (await workshop.board().list()).items
        with pytest.raises(JobNotRetryable, match="en espera"):
            await workshop.board().retry(waiting.id, actor=ALICE)

    async def test_a_failed_job_whose_equal_waits_is_left_alone(self, database: Database) -> None:
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.publish(Happened(1), once="1")
        async with database.transaction() as tx:
            await tx.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
        await workshop.publish(Happened(1), once="1")
        waiting, failed = (await workshop.board().list()).items
        with pytest.raises(JobNotRetryable):
            await workshop.board().retry(failed.id, actor=ALICE)
        assert waiting.state is JobState.WAITING

    async def test_an_unknown_job_is_not_found(self, database: Database) -> None:
        with pytest.raises(JobNotFound):
            await Workshop(database, []).board().retry(99, actor=ALICE)
