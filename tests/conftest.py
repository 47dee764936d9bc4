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
from tests.support.database import TestServer, test_server


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
