"""Composes the background worker over built features."""

from __future__ import annotations

from acuse.kernel.feature import Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSettings, Worker


def create_worker(house: House, services: Services) -> Worker:
    """Make a worker that knows every job and schedule of every feature."""
    mounted = services.mounted.values()
    return Worker(
        database=house.database,
        clock=house.clock,
        events=house.events,
        jobs=[job for each in mounted for job in each.jobs],
        schedules=[schedule for each in mounted for schedule in each.schedules],
        settings=house.settings.read(JobSettings),
    )
