"""Jobs: declared, run, retried by their error, failed with a reason people can read."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import procrastinate
import pytest
from procrastinate.jobs import Job as StoredJob
from procrastinate.schema import SchemaManager

from acuse.kernel.database import Database
from acuse.kernel.errors import Refused, TooMany, Unavailable
from acuse.kernel.jobs import Job, JobFailed, JobState, Schedule
from acuse.kernel.jobs.retry import RetryByError
from tests.support.jobs import FellDue, Happened, Workshop, a_job, jobs_in, rows, until


async def nothing(*_: object) -> None:
    return None


class TestDeclare:
    def test_a_name_too_long_for_the_engine_is_refused_at_once(self) -> None:
        with pytest.raises(ValueError, match="128"):
            a_job(nothing, name="x" * 129)

    def test_a_cron_line_or_zone_that_cannot_be_read_is_refused_at_once(self) -> None:
        for wrong in ({"cron": "0 25 * * *"}, {"zone": "America/Ciudad"}):
            with pytest.raises((ValueError, LookupError)):
                Schedule(**({"name": "x", "cron": "0 1 * * *", "zone": "UTC", "run": nothing, "caption": ""} | wrong))  # type: ignore[arg-type]


class TestRetryByError:
    @pytest.mark.parametrize(("runs_before", "least_s"), [(0, 15), (1, 60), (2, 240), (5, 15_360), (6, 21_600)])
    def test_a_retryable_error_waits_longer_each_time(self, runs_before: int, least_s: float) -> None:
        wait_s = RetryByError(8).wait_after(Unavailable(), runs_before=runs_before)
        assert wait_s is not None
        assert least_s <= wait_s <= least_s * 1.1

    def test_the_wait_an_error_names_is_kept(self) -> None:
        assert RetryByError(8).wait_after(TooMany(retry_after_s=42), runs_before=0) == 42

    def test_the_last_run_is_not_followed_by_another(self) -> None:
        assert RetryByError(8).wait_after(Unavailable(), runs_before=7) is None

    def test_what_the_authority_refused_is_not_asked_again(self) -> None:
        assert RetryByError(8).wait_after(Refused(), runs_before=0) is None

    def test_a_bug_gets_three_runs(self) -> None:
        waits = [RetryByError(8).wait_after(ValueError("bug"), runs_before=runs) for runs in range(3)]
        assert [wait is None for wait in waits] == [False, False, True]

    def test_a_job_cut_short_by_a_stop_goes_back_whatever_its_count(self) -> None:
        job = StoredJob(id=1, queue="default", lock=None, queueing_lock=None, task_name="x", attempts=99)
        decision = RetryByError(1).get_retry_decision(exception=asyncio.CancelledError(), job=job)
        assert decision is not None


class TestRun:
    async def test_the_handler_gets_the_event_rebuilt(self, database: Database) -> None:
        got: list[Happened] = []

        async def keep(event: Happened) -> None:
            got.append(event)

        workshop = Workshop(database, [a_job(keep)])
        await workshop.publish(Happened(7))
        await workshop.worker().drain()
        assert got == [Happened(7)]

    async def test_a_job_published_by_a_job_is_run_too(self, database: Database) -> None:
        got: list[str] = []

        async def first(event: Happened) -> None:
            await workshop.publish(FellDue(f"after {event.thing_id}"))

        async def second(event: FellDue) -> None:
            got.append(event.name)

        workshop = Workshop(database, [a_job(first), a_job(second, name="prueba:luego", on=FellDue)])
        await workshop.publish(Happened(7))
        await workshop.worker().drain()
        assert got == ["after 7"]

    async def test_a_running_worker_starts_a_committed_job_within_a_moment(self, database: Database) -> None:
        done = asyncio.Event()

        async def finish(_: Happened) -> None:
            done.set()

        workshop = Workshop(database, [a_job(finish)])
        async with workshop.working():
            await asyncio.sleep(0.3)
            await workshop.publish(Happened(1))
            await asyncio.wait_for(done.wait(), 3)

    async def test_jobs_of_one_lock_run_one_at_a_time_and_in_order(self, database: Database) -> None:
        running, most, order = 0, 0, []

        async def work(event: Happened) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.02)
            order.append(event.thing_id)
            running -= 1

        workshop = Workshop(database, [a_job(work)])
        for number in range(5):
            await workshop.publish(Happened(number), lock="sat:ABC")
        async with workshop.working():
            await until(lambda: order)
            # The end of one wakes the next: five would take four polls of a second otherwise.
            await until(lambda: len(order) == 5, within_s=2)
        assert (most, order) == (1, [0, 1, 2, 3, 4])


class TestFaults:
    async def test_a_retryable_fault_runs_again_and_its_reason_is_forgotten_after_success(
        self, database: Database
    ) -> None:
        runs = 0

        async def second_time_lucky(_: Happened) -> None:
            nonlocal runs
            runs += 1
            if runs == 1:
                raise Unavailable(retry_after_s=0.3)

        workshop = Workshop(database, [a_job(second_time_lucky)])
        await workshop.publish(Happened(1))
        await workshop.worker().drain()
        [waiting] = (await workshop.board().list()).items
        assert (waiting.state, waiting.code, waiting.attempts) == (JobState.SCHEDULED, "UNAVAILABLE", 1)
        # A retry sends no notification: only polling finds it.
        async with workshop.working():
            await until(lambda: runs == 2, within_s=5)
        [done] = (await workshop.board().list()).items
        assert (done.state, done.code) == (JobState.DONE, None)

    async def test_a_final_fault_keeps_its_words_and_code(self, database: Database) -> None:
        async def refuse(_: Happened) -> None:
            raise Refused

        workshop = Workshop(database, [a_job(refuse)])
        await workshop.publish(Happened(1))
        await workshop.worker().drain()
        [failed] = (await workshop.board().list(JobState.FAILED)).items
        assert (failed.code, failed.reason) == ("REFUSED", Refused.message)

    async def test_a_bug_is_told_without_its_private_words(self, database: Database) -> None:
        async def crash(_: Happened) -> None:
            raise ValueError("password=hunter2")

        workshop = Workshop(database, [a_job(crash, max_attempts=1)])
        await workshop.publish(Happened(1))
        await workshop.worker().drain()
        [failed] = (await workshop.board().list(JobState.FAILED)).items
        assert failed.code == "JOB_CRASHED"
        assert failed.reason is not None
        assert "ValueError" in failed.reason
        assert "hunter2" not in failed.reason

    async def test_giving_up_is_an_event_of_its_own(self, database: Database) -> None:
        told: list[JobFailed] = []

        async def refuse(_: Happened) -> None:
            raise Refused

        async def tell(event: JobFailed) -> None:
            told.append(event)
            raise Refused

        workshop = Workshop(database, [a_job(refuse), a_job(tell, name="prueba:avisar", on=JobFailed)])
        await workshop.publish(Happened(1))
        await workshop.worker().drain()
        first = (await jobs_in(database))[0]["id"]
        # Its own handler failed as well, which is told to nobody.
        assert told == [JobFailed(job_id=first, name="prueba:hacer")]

    async def test_a_job_nobody_knows_fails_and_the_worker_goes_on(self, database: Database) -> None:
        await Workshop(database, [a_job(nothing, name="gone:job")]).publish(Happened(1))
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.publish(Happened(2))
        await workshop.worker().drain()
        done, gone = (await workshop.board().list()).items
        assert (done.state, gone.state, gone.code) == (JobState.DONE, JobState.FAILED, "JOB_UNKNOWN")

    async def test_a_job_written_by_another_version_fails_with_words(self, database: Database) -> None:
        await Workshop(database, [a_job(nothing, on=FellDue)]).publish(FellDue("x"))
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.worker().drain()
        [failed] = (await workshop.board().list()).items
        assert failed.code == "EVENT_STALE"

    async def test_a_failing_job_whose_equal_waits_makes_room_for_it(self, database: Database) -> None:
        runs: list[int] = []

        async def fail_while_another_comes(event: Happened) -> None:
            runs.append(event.thing_id)
            if len(runs) == 1:
                await workshop.publish(Happened(1), once="1")
                raise Unavailable(retry_after_s=60)

        workshop = Workshop(database, [a_job(fail_while_another_comes)])
        await workshop.publish(Happened(1), once="1")
        await workshop.worker(concurrency=1).drain()
        assert [job["status"] for job in await jobs_in(database)] == ["succeeded"]
        assert runs == [1, 1]


class TestStop:
    async def test_what_runs_is_finished_first(self, database: Database) -> None:
        started, finished = asyncio.Event(), asyncio.Event()

        async def work(_: Happened) -> None:
            started.set()
            await asyncio.sleep(0.5)
            finished.set()

        workshop = Workshop(database, [a_job(work)])
        await workshop.publish(Happened(1))
        async with workshop.working():
            await asyncio.wait_for(started.wait(), 5)
        assert finished.is_set()
        assert [job["status"] for job in await jobs_in(database)] == ["succeeded"]

    async def test_what_runs_too_long_goes_back_to_the_queue(self, database: Database) -> None:
        started = asyncio.Event()

        async def work(_: Happened) -> None:
            started.set()
            await asyncio.sleep(60)

        workshop = Workshop(database, [a_job(work, max_attempts=1)])
        await workshop.publish(Happened(1))
        async with workshop.working(stop_timeout_s=0.2):
            await asyncio.wait_for(started.wait(), 5)
        assert [job["status"] for job in await jobs_in(database)] == ["todo"]

    async def test_cancelling_the_worker_s_task_stops_it_the_same_way(self, database: Database) -> None:
        started = asyncio.Event()

        async def work(_: Happened) -> None:
            started.set()
            await asyncio.sleep(0.3)

        workshop = Workshop(database, [a_job(work)])
        await workshop.publish(Happened(1))
        running = asyncio.create_task(workshop.worker().run())
        await asyncio.wait_for(started.wait(), 5)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        assert running.cancelled()
        assert [job["status"] for job in await jobs_in(database)] == ["succeeded"]
        assert await rows(database, "SELECT * FROM procrastinate_workers") == []


class TestEngine:
    def test_the_schema_is_the_newest_the_pinned_engine_knows(self) -> None:
        """A newer engine brings new files here: then pin it and add a migration of ours with their content."""
        newest = max(path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
        assert (procrastinate.__version__, newest) == (
            "3.10.0",
            "03.04.00_50_post_add_retry_failed_job_procedure.sql",
        )

    def test_a_job_record_is_frozen(self) -> None:
        with pytest.raises(AttributeError):
            a_job(nothing).name = "other"  # type: ignore[misc]
        assert isinstance(a_job(nothing), Job)
