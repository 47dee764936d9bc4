"""The worker against the world: killed processes, a database that goes away, a loop that stood still."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, text

from acuse.kernel.clock import SystemClock
from acuse.kernel.database import Database
from acuse.kernel.jobs import JobState
from acuse.kernel.jobs.rescue import MAX_DEATHS, rescue_stalled_jobs
from tests.support.jobs import Happened, Workshop, a_job, jobs_in, rows, until


async def nothing(_: object) -> None:
    return None


@pytest.fixture
def set_open(database_url: URL) -> Callable[[bool], None]:
    """Close the test's database to everybody, cutting all connections, or open it again."""
    admin = database_url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)

    def change(is_open: bool) -> None:
        with psycopg.connect(admin, autocommit=True) as connection:
            name = sql.Identifier(str(database_url.database))
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, is_open))
            if not is_open:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    (database_url.database,),
                )

    return change


class TestKilledWorker:
    @pytest.fixture
    async def doomed(self, database_url: URL, tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
        address = database_url.render_as_string(hide_password=False)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.support.worker_process"),
            env={**os.environ, "ADDRESS": address, "MARKS": str(tmp_path)},
        )
        yield process
        if process.returncode is None:
            process.kill()
            await process.wait()

    async def test_its_jobs_are_taken_over_within_ten_seconds(
        self, database: Database, doomed: asyncio.subprocess.Process, tmp_path: Path
    ) -> None:
        done: list[Happened] = []

        async def finish(event: Happened) -> None:
            done.append(event)

        workshop = Workshop(database, [a_job(finish)])
        for number in (1, 2):
            await workshop.publish(Happened(number), lock="sat:ABC")
        await until((tmp_path / "started-1").exists, within_s=30)
        doomed.kill()
        killed_at = time.monotonic()
        await doomed.wait()
        async with workshop.working():
            await until(lambda: done, within_s=15)
            assert time.monotonic() - killed_at <= 10
            await until(lambda: len(done) == 2)
        assert done == [Happened(1), Happened(2)]
        assert [job["attempts"] for job in await jobs_in(database)] == [2, 1]


class TestRescue:
    async def test_a_living_worker_s_jobs_are_left_alone(self, database: Database) -> None:
        started, let_go = asyncio.Event(), asyncio.Event()

        async def wait(_: Happened) -> None:
            started.set()
            await let_go.wait()

        workshop = Workshop(database, [a_job(wait)])
        await workshop.publish(Happened(1))
        async with workshop.working():
            await asyncio.wait_for(started.wait(), 5)
            assert await rescue_stalled_jobs(database, SystemClock(), workshop.events, stalled_after_s=6) == 0
            let_go.set()

    async def test_what_kills_every_worker_is_failed_in_the_end(self, database: Database) -> None:
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.publish(Happened(1))
        await self.orphan(database, attempts=MAX_DEATHS - 1)
        await rescue_stalled_jobs(database, SystemClock(), workshop.events, stalled_after_s=6)
        [failed] = (await workshop.board().list()).items
        assert (failed.state, failed.code) == (JobState.FAILED, "JOB_LOST")

    async def test_a_lost_job_makes_room_for_its_waiting_equal(self, database: Database) -> None:
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.publish(Happened(1), once="1")
        await self.orphan(database)
        await workshop.publish(Happened(1), once="1")
        await rescue_stalled_jobs(database, SystemClock(), workshop.events, stalled_after_s=6)
        assert [job["status"] for job in await jobs_in(database)] == ["todo"]

    async def test_two_rescuers_at_once_put_a_job_back_once(self, database: Database) -> None:
        workshop = Workshop(database, [a_job(nothing)])
        await workshop.publish(Happened(1))
        await self.orphan(database)
        found = await asyncio.gather(
            *(rescue_stalled_jobs(database, SystemClock(), workshop.events, stalled_after_s=6) for _ in range(4))
        )
        assert sum(found) == 1
        assert [(job["status"], job["attempts"]) for job in await jobs_in(database)] == [("todo", 1)]

    @staticmethod
    async def orphan(database: Database, *, attempts: int = 0) -> None:
        """Make all jobs look like those of a worker that is gone."""
        async with database.transaction() as tx:
            await tx.execute(
                text("UPDATE procrastinate_jobs SET status = 'doing', attempts = :attempts"), {"attempts": attempts}
            )


class TestStruckOff:
    async def test_a_worker_others_believed_dead_registers_anew(self, database: Database) -> None:
        done: list[Happened] = []

        async def finish(event: Happened) -> None:
            done.append(event)

        workshop = Workshop(database, [a_job(finish)])
        async with workshop.working():
            [first] = await self.registered(database)
            async with database.transaction() as tx:
                await tx.execute(text("DELETE FROM procrastinate_workers"))
            await until(lambda: self.registered(database))
            assert await self.registered(database) != [first]
            await workshop.publish(Happened(1))
            await until(lambda: done)

    @staticmethod
    async def registered(database: Database) -> list[int]:
        for _ in range(100):
            found = [row["id"] for row in await rows(database, "SELECT id FROM procrastinate_workers")]
            if found:
                return found
            await asyncio.sleep(0.05)
        return []


class TestDatabaseAway:
    async def test_the_worker_outlives_an_outage_and_what_it_had_finished_stays_finished(
        self, database: Database, set_open: Callable[[bool], None]
    ) -> None:
        runs: list[int] = []
        started, let_go = asyncio.Event(), asyncio.Event()

        async def work(event: Happened) -> None:
            runs.append(event.thing_id)
            started.set()
            if event.thing_id == 1:
                await let_go.wait()

        workshop = Workshop(database, [a_job(work)])
        await workshop.publish(Happened(1))
        async with workshop.working():
            await asyncio.wait_for(started.wait(), 5)
            await asyncio.to_thread(set_open, False)
            let_go.set()
            # Longer than the pool waits (5 s): the engine's worker ends with a fault of its own.
            await asyncio.sleep(8)
            await asyncio.to_thread(set_open, True)
            await workshop.publish(Happened(2))
            await until(lambda: 2 in runs, within_s=20)
            await until(lambda: self.all_done(database))
        assert runs == [1, 2]

    @staticmethod
    async def all_done(database: Database) -> bool:
        return {job["status"] for job in await jobs_in(database)} == {"succeeded"}
