"""How a feature declares itself: what it is built from and what it adds to the house."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from acuse.kernel.errors import Misconfigured
from acuse.kernel.house import House
from acuse.kernel.jobs import Job, JobSubject, Schedule
from acuse.kernel.settings import Settings

S = TypeVar("S")


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
class HomePanel:
    """A part of the home page. `render` gets the web request and answers HTML, empty when there is nothing to say."""

    right: str
    render: Callable[[Any], Awaitable[str]]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One thing that needs this person: a Spanish sentence and where to see to it. `failed` weighs more."""

    text: str
    path: str
    state: Literal["attention", "failed"] = "attention"


@dataclass(frozen=True, kw_only=True)
class AlertSource:
    """Who knows of alerts. `find` gets the identity of the person looking."""

    right: str
    find: Callable[[Any], Awaitable[Sequence[Alert]]]


@dataclass(frozen=True, kw_only=True)
class StandingNotice:
    """A line across every page until a setting changes, for those with this right."""

    right: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SearchBox:
    """The search at the top of every page: a GET to `path` with the words in the field `name`."""

    right: str
    path: str
    name: str
    label: str


@dataclass(frozen=True)
class Finding:
    """What a check found: `ok`, `warning` (works, but) or `missing` (does not work), told in Spanish."""

    state: Literal["ok", "warning", "missing"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """A question `acuse doctor` asks. A `critical` one that is missing makes `/health/ready` answer 503."""

    caption: str
    run: Callable[[], Awaitable[Finding]]
    critical: bool = False


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """What a built feature adds: its services, routes, jobs, schedules, menu entries, home panels and checks.

    `api` and `pages` are routers of the web framework, which this floor does not know. `templates`
    is the folder whose pages are found under the feature's name; `close` frees what the feature opened.
    """

    services: Sequence[object] = ()
    api: Sequence[Any] = ()
    pages: Sequence[Any] = ()
    jobs: Sequence[Job] = ()
    schedules: Sequence[Schedule] = ()
    subjects: Sequence[JobSubject] = ()
    menu: Sequence[MenuEntry] = ()
    home: Sequence[HomePanel] = ()
    alerts: Sequence[AlertSource] = ()
    notices: Sequence[StandingNotice] = ()
    search: SearchBox | None = None
    checks: Sequence[Check] = ()
    close: Sequence[Callable[[], Awaitable[None]]] = ()
    templates: Path | None = None


class FeatureOff(Misconfigured):
    """What is asked for belongs to a country that is not active."""

    code = "FEATURE_OFF"
    message = "Esto no está activo: su país no está en ACUSE_COUNTRIES."


class Services:
    """What has been built so far: services by their class, and what each feature added to the house.

    Used only where the house is put together; a feature finds here those that stand before it in the list.
    """

    def __init__(self) -> None:
        self.mounted: dict[str, Mounted] = {}
        self._built: dict[type[Any], Any] = {}

    def mount(self, name: str, mounted: Mounted) -> None:
        """Keep what a feature added, and its services under their own classes."""
        self.mounted[name] = mounted
        for service in mounted.services:
            self._built[type(service)] = service

    def __getitem__(self, kind: type[S]) -> S:
        service: S | None = self._built.get(kind)
        if service is None:
            raise FeatureOff
        return service


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A feature as the list in `features.py` knows it, before anything is built; `country` is empty for all of them."""

    name: str
    country: str = ""
    caption: str
    build: Callable[[House, Services], Mounted]
    settings: Sequence[type[Settings]] = ()
    commands: Callable[[Any], Any] | None = None
