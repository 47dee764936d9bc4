"""Schedules by the wall clock of a zone, which the engine itself does not know: it reads cron lines as UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from croniter import croniter
from procrastinate import App
from sqlalchemy import text

from acuse.kernel.clock import Clock
from acuse.kernel.database import Database
from acuse.kernel.jobs.declare import Schedule

PERIODIC_ID: Final = "acuse"
_REMEMBER: Final = text("""
    INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
    SELECT new.* FROM (VALUES (CAST(:name AS text), CAST(:periodic_id AS text), CAST(:tick AS bigint)))
                      AS new (task_name, periodic_id, defer_timestamp)
     WHERE NOT EXISTS (SELECT FROM procrastinate_periodic_defers AS old
                        WHERE old.task_name = new.task_name AND old.periodic_id = new.periodic_id)
    ON CONFLICT DO NOTHING
""")


def follow_zone(engine: App, schedule: Schedule, clock: Clock) -> None:
    """Make a registered schedule count its ticks in its zone.

    The engine's PeriodicTask has no zone argument; its `croniter` is a cached property, and one that was
    given a local time keeps the zone for next and previous ticks. A test holds this inner name.
    """
    task = engine.periodic_registry.periodic_tasks[schedule.name, PERIODIC_ID]
    task.__dict__["croniter"] = croniter(schedule.cron, _wall(schedule, clock))


async def remember_new_schedules(database: Database, clock: Clock, schedules: Sequence[Schedule]) -> None:
    """Count the last tick of a schedule never seen before as done: what is new has missed nothing."""
    async with database.transaction() as tx:
        for schedule in schedules:
            tick = int(previous_tick(schedule, clock).timestamp())
            await tx.execute(_REMEMBER, {"name": schedule.name, "periodic_id": PERIODIC_ID, "tick": tick})


def previous_tick(schedule: Schedule, clock: Clock) -> datetime:
    """Answer the last instant (UTC) at which the schedule was due."""
    found: datetime = croniter(schedule.cron, _wall(schedule, clock)).get_prev(datetime)
    return found.astimezone(UTC)


def next_tick(schedule: Schedule, clock: Clock) -> datetime:
    """Answer the next instant (UTC) at which the schedule is due."""
    found: datetime = croniter(schedule.cron, _wall(schedule, clock)).get_next(datetime)
    return found.astimezone(UTC)


def _wall(schedule: Schedule, clock: Clock) -> datetime:
    return clock.now().astimezone(ZoneInfo(schedule.zone))
