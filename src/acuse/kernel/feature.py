"""How a feature declares itself: what it is built from and what it adds to the house."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from acuse.kernel.house import House
from acuse.kernel.jobs import Job, Schedule
from acuse.kernel.settings import Settings

S = TypeVar("S")


class Services:
    """The services built so far, looked up by their class. Used where the house is put together."""

    def __init__(self) -> None:
        self._built: dict[type[Any], Any] = {}

    def add(self, service: object) -> None:
        """Keep a built service under its own class."""
        self._built[type(service)] = service

    def __getitem__(self, kind: type[S]) -> S:
        service: S = self._built[kind]
        return service


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """One line of the left rail.

    `right` names who may see it (a value of the rights table); `section` is a heading of the rail.
    """

    section: str
    label: str
    path: str
    icon: str
    right: str
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """What a built feature adds: its services, routes, jobs, schedules and menu entries.

    `api` and `pages` are routers of the web framework, which this floor does not know. `templates`
    is the folder whose pages are found under the feature's name.
    """

    services: Sequence[object] = ()
    api: Sequence[Any] = ()
    pages: Sequence[Any] = ()
    jobs: Sequence[Job] = ()
    schedules: Sequence[Schedule] = ()
    menu: Sequence[MenuEntry] = ()
    templates: Path | None = None
    health: Mapping[str, Callable[[], Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A feature as the list in `features.py` knows it, before anything is built."""

    name: str
    caption: str
    build: Callable[[House, Services], Mounted]
    settings: Sequence[type[Settings]] = ()
    commands: Callable[[Any], Any] | None = None
