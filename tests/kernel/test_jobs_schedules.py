"""Schedules by the wall clock of a zone, made up for after a night off, once for all workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from procrastinate import App
from procrastinate.periodic import PeriodicDeferrer

from acuse.kernel.clock import MovableClock, SystemClock
from acuse.kernel.database import Database
from acuse.kernel.events import Events
from acuse.kernel.jobs import JobSettings, JobState, Schedule, cleaning_schedule
from acuse.kernel.jobs.engine import CATCH_UP_S, build_engine
from acuse.kernel.jobs.schedules import PERIODIC_ID, next_tick, previous_tick, remember_new_schedules
from tests.support.jobs import Happened, Workshop, a_job, jobs_in, rows, until

NIGHTLY_AT = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # 23:00 of the 2nd in Mexico City


async def nothing(*_: object) -> None:
    return None


def a_schedule(**changes: object) -> Schedule:
    fields = {"name": "sat:nightly", "cron": "0 23 * * *", "zone": "America/Mexico_City", "run": nothing}
    return Schedule(**(fields | {"caption": "Descarga nocturna"} | changes))  # type: ignore[arg-type]


def deferrer(database: Database, schedules: Sequence[Schedule]) -> PeriodicDeferrer:
    engine = build_engine(database, SystemClock(), Events(), [], schedules)
    return PeriodicDeferrer(engine.periodic_registry, **engine.periodic_defaults)


class TestZone:
    @pytest.mark.parametrize("month", [1, 7], ids=["winter", "summer"])
    def test_23_00_in_mexico_city_is_05_00_utc_all_year(self, month: int) -> None:
        clock = MovableClock(datetime(2026, month, 2, 18, 0, tzinfo=UTC))
        assert next_tick(a_schedule(), clock) == datetime(2026, month, 3, 5, 0, tzinfo=UTC)
        assert previous_tick(a_schedule(), clock) == datetime(2026, month, 2, 5, 0, tzinfo=UTC)

    async def test_the_engine_s_own_next_and_previous_ticks_follow_the_zone(self, database: Database) -> None:
        """Holds the inner name `PeriodicTask.croniter`, on which the zone leans."""
        ticks = deferrer(database, [a_schedule()])
        noon = datetime(2026, 3, 2, 18, 0, tzinfo=UTC).timestamp()
        assert noon + ticks.get_next_tick(at=noon) == NIGHTLY_AT.timestamp()
        [(_, previous)] = ticks.get_previous_tasks(at=noon)
        assert previous == (NIGHTLY_AT - timedelta(days=1)).timestamp()
        [(_, following)] = ticks.get_previous_tasks(at=NIGHTLY_AT.timestamp() + 1)
        assert following == NIGHTLY_AT.timestamp()

    async def test_a_zone_with_summer_time_keeps_its_wall_clock(self, database: Database) -> None:
        ticks = deferrer(database, [a_schedule(zone="America/New_York")])
        for day, hour in ((datetime(2026, 1, 15, 12, tzinfo=UTC), 4), (datetime(2026, 7, 15, 12, tzinfo=UTC), 3)):
            at = day.timestamp()
            assert datetime.fromtimestamp(at + ticks.get_next_tick(at=at), UTC).hour == hour


class TestMissedRuns:
    async def test_a_night_off_is_made_up_for(self, database: Database) -> None:
        ticks = deferrer(database, [a_schedule()])
        morning_after = NIGHTLY_AT + timedelta(hours=12)
        assert [tick for _, tick in ticks.get_previous_tasks(at=morning_after.timestamp())] == [NIGHTLY_AT.timestamp()]
        assert CATCH_UP_S == 86_400

    async def test_a_schedule_never_seen_before_has_missed_nothing(self, database: Database) -> None:
        ran: list[str] = []

        async def run() -> None:
            ran.append("x")

        # The last tick was less than a day ago: an old schedule would be made up for at once.
        workshop = Workshop(database, [], [a_schedule(cron="0 0 * * *", zone="UTC", run=run)])
        async with workshop.working():
            await until(lambda: rows(database, "SELECT FROM procrastinate_workers"))
        await workshop.worker().drain()
        assert (ran, await jobs_in(database)) == ([], [])

    async def test_a_known_schedule_is_made_up_for_at_start(self, database: Database) -> None:
        ran: list[str] = []

        async def run() -> None:
            ran.append("x")

        daily = a_schedule(cron="0 0 * * *", zone="UTC", run=run)
        workshop = Workshop(database, [], [daily])
        await remember_new_schedules(database, MovableClock(datetime(2026, 1, 1, 12, tzinfo=UTC)), [daily])
        async with workshop.working():
            await until(lambda: ran)
        assert ran == ["x"]

    async def test_two_workers_give_one_run(self, database: Database) -> None:
        ran: list[str] = []

        async def run() -> None:
            ran.append("x")

        workshop = Workshop(database, [], [a_schedule(cron="* * * * * */2", zone="UTC", run=run)])
        async with workshop.working(), workshop.working():
            await until(lambda: len(ran) >= 2, within_s=10)
        ticks = [job["args"]["timestamp"] for job in await jobs_in(database)]
        assert len(ticks) == len(set(ticks))


class TestBoardOfSchedules:
    async def test_shows_the_last_and_the_next_tick(self, database: Database) -> None:
        workshop = Workshop(database, [], [a_schedule()])
        await remember_new_schedules(database, workshop.clock, workshop.schedules)
        row, cleaning = await workshop.board().schedules()
        assert cleaning.name == "kernel.jobs:clean"
        assert row.last_at is not None
        assert row.last_at <= workshop.clock.now() < row.next_at
        assert row.next_at.hour == row.last_at.hour == 5


class TestCleaning:
    async def test_deletes_what_ended_days_ago_and_keeps_what_failed_longer(self, database: Database) -> None:
        async def refuse(event: Happened) -> None:
            if event.thing_id == 2:
                raise ValueError

        workshop = Workshop(database, [a_job(refuse, max_attempts=1)])
        for number in (1, 2):
            await workshop.publish(Happened(number))
        await workshop.worker().drain()
        await workshop.publish(Happened(3))
        for days, left in ((6, {1, 2, 3}), (8, {2, 3}), (91, {3})):
            clock = MovableClock(datetime.now(UTC) + timedelta(days=days))
            await cleaning_schedule(database, clock, JobSettings()).run()
            assert {job["args"]["thing_id"] for job in await jobs_in(database)} == left
        assert await rows(database, "SELECT * FROM job_failures") == []

    async def test_a_schedule_s_job_is_shown_by_its_caption(self, database: Database) -> None:
        schedule = a_schedule(cron="* * * * * *", zone="UTC")
        workshop = Workshop(database, [], [schedule])
        async with workshop.working():
            await until(lambda: jobs_in(database))
        row = (await workshop.board().list()).items[0]
        assert (row.caption, row.arguments) == ("Descarga nocturna", {})
        assert row.state in {JobState.DONE, JobState.WAITING}


def test_the_engine_knows_its_periodic_id(database: Database) -> None:
    assert isinstance(build_engine(database, SystemClock(), Events(), [], [a_schedule()]), App)
    assert PERIODIC_ID == "acuse"
