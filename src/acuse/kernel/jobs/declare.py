"""How a feature declares background work: a job that follows an event, or a schedule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from croniter import croniter

from acuse.kernel.database import Transaction
from acuse.kernel.events import Event

_MAX_NAME: Final = 128

Id = int | str | bool | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is done after an event.

    `run` gets the event rebuilt from its stored arguments and must be idempotent: it is called at least
    once. `caption` is the Spanish line on the page of jobs. `max_attempts` bounds the runs of a job that
    keeps failing in a way worth another try.
    """

    name: str
    run: Callable[[Any], Awaitable[None]]
    on: type[Event]
    caption: str
    max_attempts: int = 8
    queue: str = "default"

    def __post_init__(self) -> None:
        if not self.name or len(self.name) > _MAX_NAME:
            raise ValueError(f"a job's name has 1 to {_MAX_NAME} characters: {self.name!r}")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What is done by the clock on the wall of a place: `cron` is read in `zone` (as America/Mexico_City).

    A run missed while no worker was up is made up for once, when it is less than a day old.
    """

    name: str
    cron: str
    zone: str
    run: Callable[[], Awaitable[None]]
    caption: str
    max_attempts: int = 3

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if not croniter.is_valid(self.cron):
            raise ValueError(f"the schedule {self.name} has an unreadable cron line: {self.cron!r}")


@dataclass(frozen=True, kw_only=True)
class JobSubject:
    """Tells people what jobs with this argument are about: its values in, a short line for each that is known."""

    argument: str
    told: Callable[[Transaction, Collection[Id]], Awaitable[Mapping[Id, str]]]


def as_uuids(ids: Collection[Id]) -> list[UUID]:
    """Answer those that are UUIDs: a job may hold anything another version wrote."""
    found = []
    for each in ids:
        with suppress(ValueError):
            found.append(UUID(str(each)))
    return found


def several(names: Sequence[str]) -> str:
    """Answer names for one line of a subject: the first, and how many more."""
    more = len(names) - 1
    return names[0] if not more else f"{names[0]} y {more:,} más"
