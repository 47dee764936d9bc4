"""Events: in the caller's transaction or not at all, and once when asked so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from acuse.kernel.database import Database
from acuse.kernel.events import Event, Events, StaleEvent
from tests.support.jobs import FellDue, Happened, Workshop, a_job, jobs_in


async def nothing(_: object) -> None:
    return None


@pytest.fixture
def workshop(database: Database) -> Workshop:
    return Workshop(
        database, [a_job(nothing), a_job(nothing, name="prueba:otra"), a_job(nothing, name="x:y", on=FellDue)]
    )


class TestPublish:
    async def test_each_subscriber_gets_a_job_with_the_event_s_ids(
        self, workshop: Workshop, database: Database
    ) -> None:
        await workshop.publish(Happened(7))
        written = await jobs_in(database)
        assert [(job["task_name"], job["args"]) for job in written] == [
            ("prueba:hacer", {"thing_id": 7}),
            ("prueba:otra", {"thing_id": 7}),
        ]

    async def test_a_rolled_back_transaction_leaves_no_job(self, workshop: Workshop, database: Database) -> None:
        async def change() -> None:
            async with database.transaction() as tx:
                await workshop.events.publish(tx, Happened(7))
                raise RuntimeError("the change failed")

        with pytest.raises(RuntimeError):
            await change()
        assert await jobs_in(database) == []

    async def test_no_other_connection_sees_the_job_before_the_commit(
        self, workshop: Workshop, database: Database
    ) -> None:
        async with database.transaction() as tx:
            await workshop.events.publish(tx, Happened(7))
            assert await jobs_in(database) == []
        assert len(await jobs_in(database)) == 2

    async def test_an_event_nobody_follows_is_no_fault(self, database: Database) -> None:
        async with database.transaction() as tx:
            await Events().publish(tx, Happened(7))
        assert await jobs_in(database) == []

    async def test_time_and_lock_are_kept(self, workshop: Workshop, database: Database) -> None:
        at = datetime(2031, 1, 1, tzinfo=UTC)
        await workshop.publish(FellDue("a"), at=at, lock="sat:ABC")
        [job] = await jobs_in(database)
        assert (job["scheduled_at"], job["lock"]) == (at, "sat:ABC")

    async def test_an_event_may_hold_ids_only(self, workshop: Workshop) -> None:
        with pytest.raises(TypeError, match="ids only"):
            await workshop.publish(FellDue(b"secret"))  # type: ignore[arg-type]


class TestOnce:
    async def test_two_with_one_key_wait_as_one_job_per_subscriber(
        self, workshop: Workshop, database: Database
    ) -> None:
        await workshop.publish(Happened(7), once="7")
        await workshop.publish(Happened(7), once="7")
        assert [job["task_name"] for job in await jobs_in(database)] == ["prueba:hacer", "prueba:otra"]

    async def test_the_rest_of_the_transaction_goes_on(self, workshop: Workshop, database: Database) -> None:
        await workshop.publish(FellDue("a"), once="a")
        async with database.transaction() as tx:
            await workshop.events.publish(tx, FellDue("a"), once="a")
            await workshop.events.publish(tx, FellDue("b"), once="b")
        assert [job["args"]["name"] for job in await jobs_in(database)] == ["a", "b"]

    async def test_a_later_one_is_brought_forward_never_put_off(self, workshop: Workshop, database: Database) -> None:
        soon = datetime(2031, 1, 1, tzinfo=UTC)
        for at in (soon + timedelta(days=1), soon, soon + timedelta(days=2)):
            await workshop.publish(FellDue("a"), at=at, once="a")
        [job] = await jobs_in(database)
        assert job["scheduled_at"] == soon
        await workshop.publish(FellDue("a"), once="a")
        [job] = await jobs_in(database)
        assert job["scheduled_at"] is None

    async def test_the_waiting_job_cannot_start_before_the_second_publisher_commits(self, database: Database) -> None:
        seen: list[int] = []

        async def count(_: FellDue) -> None:
            seen.append(committed)

        committed = 0
        workshop = Workshop(database, [a_job(count, on=FellDue)])
        await workshop.publish(FellDue("a"), once="a")
        async with database.transaction() as tx:
            await workshop.events.publish(tx, FellDue("a"), once="a")
            async with workshop.working():
                await asyncio.sleep(0.5)
                assert seen == []
        committed = 1
        await workshop.worker().drain()
        assert seen == [1]

    async def test_many_publishers_at_once_leave_one_job(self, workshop: Workshop, database: Database) -> None:
        await asyncio.gather(*(workshop.publish(FellDue("a"), once="a") for _ in range(8)))
        assert len(await jobs_in(database)) == 1


class TestRebuild:
    def test_comes_back_as_it_was(self) -> None:
        event = FellDue("ñ & co", urgent=True)
        assert FellDue.rebuild(event.arguments()) == event

    def test_arguments_of_a_newer_version_are_left_out(self) -> None:
        assert Happened.rebuild({"thing_id": 7, "unheard_of": 1}) == Happened(7)

    def test_a_missing_argument_is_told_by_name(self) -> None:
        with pytest.raises(StaleEvent, match="thing_id"):
            Happened.rebuild({"other": 1})

    def test_an_event_without_fields_serves_too(self) -> None:
        @dataclass(frozen=True)
        class Woke(Event):
            """Nothing to say."""

        assert Woke.rebuild(Woke().arguments()) == Woke()
