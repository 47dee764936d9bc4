"""Fixtures of the whole suite: the server of the run, a fresh database, a movable clock, files, a house."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import URL

from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from acuse.kernel.files import Files
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader
from tests.support.database import TestServer, test_server
from tests.support.house import test_environment


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServer]:
    """The real PostgreSQL of this run."""
    with test_server(tmp_path_factory.mktemp("postgres")) as running:
        yield running


@pytest.fixture
def database_url(server: TestServer) -> Iterator[URL]:
    """The address of a fresh, migrated database; dropped after the test."""
    url = server.fresh()
    yield url
    server.drop(str(url.database))


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    """A fresh, migrated database, open."""
    opened = Database(url=database_url)
    await opened.open(migrate=False)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> MovableClock:
    """A clock that stands still at noon in Mexico City until moved."""
    return MovableClock(datetime(2026, 3, 2, 18, 0, tzinfo=UTC))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A local folder of files."""
    return Files.from_url((tmp_path / "files").as_uri())


@pytest.fixture
def environment(database_url: URL, tmp_path: Path) -> dict[str, str]:
    """The variables of an installation over the fresh database, its secrets made for this test alone.

    Change it before `settings` or `house` is used, or hand it to a process of its own.
    """
    return test_environment(database_url, tmp_path)


@pytest.fixture
def settings(environment: dict[str, str]) -> SettingsReader:
    """The settings of the test's installation; nothing of the machine's own environment shows through."""
    return SettingsReader(environment, None)


@pytest.fixture
async def house(settings: SettingsReader, clock: MovableClock) -> AsyncIterator[House]:
    """A whole house on a fresh database and an empty folder, at the time of `clock`.

    Simulators are mounted on its way out: `house.http.mount("https://sat.test", simulator)`.
    """
    async with open_house(settings, clock=clock) as opened:
        yield opened
