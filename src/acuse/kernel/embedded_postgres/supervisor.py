"""Starts the built-in server for the first user of a home and stops it after the last."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from acuse.kernel.embedded_postgres.errors import EmbeddedPostgresFailed, EmbeddedPostgresMissing
from acuse.kernel.embedded_postgres.locks import Use, gate
from acuse.kernel.embedded_postgres.place import SHELF, Place, place_of
from acuse.kernel.embedded_postgres.process import Running, clear_remains, our_processes, running_server
from acuse.kernel.embedded_postgres.programs import loopback_port, run_program
from acuse.kernel.home import sync_folder, write_once, write_whole

NAME: Final = "acuse"
_START_LIMIT_S: Final = 120
_TRIES: Final = 5
_MAX_LOG_BYTES: Final = 10_000_000
_SOCKET_PORT: Final = 5432
_SIZES: Final = {"wal_buffers": "32MB", "max_wal_size": "2GB", "jit": "off"}
"""Room for a million rows in one transaction; statements here are many and short, never worth compiling."""
_MOST_SHARED_MB: Final = 512
_LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")


class EmbeddedPostgres:
    """The server of one home folder, shared by all processes that call `start`.

    Every method blocks: call them off the event loop. `extra` are settings of the server itself, such as
    `fsync=off` for tests; `shelf` is where root's data go. `note` is one line in Spanish to tell once,
    when the data are not in the home.
    """

    def __init__(self, home: Path, *, extra: Mapping[str, str] = MappingProxyType({}), shelf: Path = SHELF) -> None:
        self._home = home
        self._shelf = shelf
        self._extra = extra
        self._place: Place | None = None
        self._use: Use | None = None
        self.note: str | None = None

    @property
    def place(self) -> Place:
        """Answer where the server keeps its things; known once started."""
        if self._place is None:
            raise RuntimeError("the embedded server has not been started")
        return self._place

    def start(self) -> None:
        """Use the server, starting it (and at first creating it) when it does not run. Repeating it is harmless."""
        if self._place is None:
            self._place, self.note = place_of(self._home, self._shelf)
        place = self._place
        with gate(place.gate):
            if not place.data.is_dir():
                self._create(place)
            if self._use is None:
                self._use = Use(place.users)
            self._refuse_another_container(place, self._use)
            running = self._ready(place) or self._launch(place)
            self._make_database(place, running)
            self._use.take()

    def stop(self) -> None:
        """Stop using the server; the last user of all shuts it down."""
        if self._use is None or not self._use.taken:
            return
        with gate(self.place.gate):
            if self._use.leave() and running_server(self.place.data) is not None:
                self._run("stop", "pg_ctl", "-D", "data", "-m", "fast", "-w", "-t", "60", "-s", "stop")

    def is_running(self) -> bool:
        """Tell whether the server really runs at this moment."""
        return running_server(self.place.data) is not None

    def connection(self) -> dict[str, str]:
        """Answer how to reach the server: host, port, user, password and database. Never log it."""
        running = running_server(self.place.data)
        if running is None:
            self.start()
            running = running_server(self.place.data)
        if running is None:
            raise EmbeddedPostgresFailed(step="no quedó en marcha", log=str(self.place.log))
        return self._address(self.place, running)

    def remove(self) -> None:
        """Stop the server if nobody else uses it and delete all its data. For tests and demos."""
        self.stop()
        place, _ = place_of(self._home, self._shelf) if self._place is None else (self._place, None)
        if running_server(place.data) is None:
            shutil.rmtree(place.folder)
            link = self._home.absolute() / "postgres"
            if link.is_symlink():
                link.unlink()

    def _create(self, place: Place) -> None:
        """Make the data folder with a password of its own; it appears whole or not at all."""
        draft = place.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        place.account.own(draft)
        write_once(place.password, secrets.token_urlsafe(32).encode())
        told = place.run / "password"
        told.unlink(missing_ok=True)
        try:
            write_once(told, place.password.read_bytes())
            place.account.own(told)
            arguments = ["-D", "data.new", "-U", NAME, *_LOCALE, "--auth=scram-sha-256", "--pwfile=run/password"]
            arguments += ["--no-instructions", "--set", "max_connections=100", "--set", "unix_socket_permissions=0700"]
            arguments += ["--no-sync"] if self._extra.get("fsync") == "off" else []
            self._run("initdb", "initdb", *arguments)
        finally:
            told.unlink(missing_ok=True)
        draft.rename(place.data)
        sync_folder(place.folder)

    @staticmethod
    def _refuse_another_container(place: Place, use: Use) -> None:
        """Keep off a server whose processes we cannot see: a second one over the same data would ruin them.

        It lives in another container that shares the folder. The locks of its users are seen all the same.
        """
        if not place.processes.is_file() or not (place.data / "postmaster.pid").exists():
            return
        if place.processes.read_text(encoding="ascii") != our_processes() and use.is_shared():
            raise EmbeddedPostgresMissing(
                problem="está en marcha en otro contenedor que usa la misma carpeta. Ejecuta el comando dentro de él "
                "(docker exec …) o detenlo antes."
            )

    @staticmethod
    def _ready(place: Place) -> Running | None:
        """Answer the running server once it takes sessions; None when none runs.

        One that replays its log after a crash is waited for, never killed.
        """
        limit = time.monotonic() + _START_LIMIT_S
        while (running := running_server(place.data)) is not None and not running.ready:
            if time.monotonic() > limit:
                raise EmbeddedPostgresFailed(step="aún se recupera de un corte", log=str(place.log))
            time.sleep(0.05)
        return running

    def _launch(self, place: Place) -> Running:
        """Start the server; tried again for a while, since a killed one may hold its memory for a moment."""
        if not place.password.is_file():
            raise EmbeddedPostgresMissing(problem=f"falta el archivo de su contraseña, {place.password}. Restáuralo.")
        if place.log.is_file() and place.log.stat().st_size > _MAX_LOG_BYTES:
            place.log.replace(place.folder / "log.1")
        place.log.touch(mode=0o600)
        place.account.own(place.log)
        for attempt in range(_TRIES):
            clear_remains(place.data, place.run)
            settings = {"unix_socket_directories": "../run", "listen_addresses": "", "port": str(_SOCKET_PORT)}
            if not place.by_socket:
                settings |= {
                    "unix_socket_directories": "",
                    "listen_addresses": "127.0.0.1",
                    "port": str(loopback_port(place)),
                }
            wanted = _SIZES | {"shared_buffers": f"{_shared_mb()}MB"} | settings | dict(self._extra)
            words = " ".join(f"-c {name}='{value}'" for name, value in wanted.items())
            options = ["-D", "data", "-l", "log", "-o", words, "-w", "-s", "-t", str(_START_LIMIT_S)]
            write_whole(place.processes, our_processes().encode())
            run_program(place, "pg_ctl", *options, "start")
            running = self._ready(place)
            if running is not None:
                return running
            time.sleep(0.2 * (attempt + 1))
        raise EmbeddedPostgresFailed(step="start", log=str(place.log))

    def _make_database(self, place: Place, running: Running) -> None:
        """Make the one database inside the server, once."""
        ready = place.folder / "ready"
        if ready.exists():
            return
        conninfo = make_conninfo(**(self._address(place, running) | {"dbname": "postgres"}))
        with psycopg.connect(conninfo, autocommit=True, connect_timeout=10) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone()
            if known is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(NAME)))
        ready.touch(mode=0o600)

    @staticmethod
    def _address(place: Place, running: Running) -> dict[str, str]:
        host = str(place.run) if place.by_socket else "127.0.0.1"
        password = place.password.read_text(encoding="ascii")
        return {"host": host, "port": str(running.port), "user": NAME, "password": password, "dbname": NAME}

    def _run(self, step: str, program: str, *arguments: str) -> None:
        if run_program(self.place, program, *arguments) != 0:
            raise EmbeddedPostgresFailed(step=step, log=str(self.place.log))


def _shared_mb() -> int:
    """Answer how much the server may hold of its pages: a quarter of the machine's memory, within bounds."""
    return max(128, min(_MOST_SHARED_MB, psutil.virtual_memory().total // 4_000_000))
