"""One real PostgreSQL per run with one migrated template; every test gets a database of its own."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL

from acuse.kernel.database import Database, adapt_url
from acuse.kernel.database_address import url_of
from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.embedded_postgres.place import SHELF
from acuse.kernel.embedded_postgres.process import running_server

GIVEN = "ACUSE_TEST_DATABASE_URL"
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class TestServer:
    """The server of the run: embedded, or the one named by ACUSE_TEST_DATABASE_URL."""

    __test__ = False

    def __init__(self, home: Path) -> None:
        given = os.environ.get(GIVEN)
        self._url = adapt_url(given) if given else None
        self._embedded = None if given else EmbeddedPostgres(home, extra=FAST)
        self._template: str | None = None
        self._failure: Exception | None = None

    def start(self) -> None:
        """Start the embedded server; a given one must be running."""
        if self._embedded is not None:
            sweep_abandoned()
            self._embedded.start()
            self._url = url_of(self._embedded.connection())

    def stop(self) -> None:
        """Leave nothing behind."""
        if self._template is not None:
            self._execute("alter database {} is_template false", self._template)
            self.drop(self._template)
        if self._embedded is not None:
            marker = self._embedded.place.folder / "home"
            if marker.exists():
                marker.touch()  # another run that begins now does not take it for abandoned between stop and removal
            self._embedded.remove()

    def empty(self, *, encoding: str = "UTF8") -> URL:
        """Make an empty database and answer its address."""
        name = f"acuse_test_{secrets.token_hex(8)}"
        self._execute("create database {} encoding {} locale 'C' template template0", name, encoding)
        return self._address(name)

    def fresh(self) -> URL:
        """Make a migrated database, as a copy of the template, and answer its address."""
        if self._failure is not None:
            raise self._failure
        if self._template is None:
            try:
                self._template = self._make_template()
            except Exception as error:
                self._failure = error
                raise
        name = f"acuse_test_{secrets.token_hex(8)}"
        self._execute("create database {} template {}", name, self._template)
        return self._address(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self._execute("drop database if exists {} with (force)", name)

    def _make_template(self) -> str:
        url = self.empty()
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, _migrate(url)).result()
        assert url.database is not None
        self._execute("alter database {} is_template true allow_connections false", url.database)
        return url.database

    def _address(self, database: str) -> URL:
        assert self._url is not None
        return self._url.set(database=database)

    def _execute(self, statement: str, *names: str) -> None:
        assert self._url is not None
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextlib.contextmanager
def test_server(home: Path) -> Iterator[TestServer]:
    """Run the server of the tests for a block."""
    server = TestServer(home)
    server.start()
    try:
        yield server
    finally:
        server.stop()


test_server.__test__ = False  # type: ignore[attr-defined]


async def _migrate(url: URL) -> None:
    database = Database(url=url)
    await database.open()
    await database.close()


def sweep_abandoned() -> None:
    """Stop and remove the servers of killed runs, of tests and pictures (as root their data lie outside the run)."""
    mine = tuple(os.fsencode(Path(tempfile.gettempdir()).resolve() / name) for name in ("pytest-of-", "acuse-fotos-"))
    for marker in SHELF.glob("*/home"):
        folder = marker.parent
        with contextlib.suppress(OSError, psutil.Error):
            if not marker.read_bytes().startswith(mine) or marker.stat().st_mtime > time.time() - 60:
                continue
            with (folder / "users.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                running = running_server(folder / "data")
                if running is not None:
                    postmaster = psutil.Process(running.pid)
                    postmaster.terminate()
                    postmaster.wait(10)
                shutil.rmtree(folder)
