"""The door to PostgreSQL: the engine and its transactions, COPY, and the form brought up to date at opening."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType
from typing import Any, Final, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from acuse.kernel import migrate
from acuse.kernel.database_address import adapt_url as adapt_url
from acuse.kernel.database_address import conninfo_of, url_of
from acuse.kernel.database_errors import DatabaseBusy as DatabaseBusy
from acuse.kernel.database_errors import DatabaseUnavailable as DatabaseUnavailable
from acuse.kernel.database_errors import DatabaseUnsuitable as DatabaseUnsuitable
from acuse.kernel.database_errors import TextUnstorable as TextUnstorable
from acuse.kernel.database_errors import database_errors as database_errors
from acuse.kernel.database_errors import violated_constraint as violated_constraint
from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.errors import AppError
from acuse.kernel.logs import get_logger
from acuse.kernel.rows import Base as Base
from acuse.kernel.settings import CoreSettings

_T = TypeVar("_T")
Transaction = AsyncSession
Connection = psycopg.AsyncConnection[Any]
Last = Callable[[Transaction, Sequence[_T]], Awaitable[Iterable[tuple[str, Mapping[str, Any]]]]]
"""Looks once, and answers the statements that travel together with the commit."""
OLDEST_SERVER: Final = 150000
_WATCH_S: Final = 1.0
_LAST: Final = "acuse.last"
_SESSION_OPTIONS: Final = "-c timezone=UTC -c statement_timeout=30000"
_log = get_logger(__name__)


class Database:
    """One database and its pool of connections. Nothing starts before `open`.

    With an embedded server it is started at `open`, watched meanwhile (a killed server comes back) and
    left at `close`.
    """

    def __init__(
        self,
        *,
        url: URL | None = None,
        embedded: EmbeddedPostgres | None = None,
        pool_size: int = 5,
        engine_options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        if (url is None) == (embedded is None):
            raise ValueError("a database is either embedded or at an address")
        self._url = url
        self._embedded = embedded
        self._options = {"pool_size": pool_size, "max_overflow": 0, "pool_use_lifo": True} | dict(engine_options)
        self._engine: AsyncEngine | None = None
        self._sessions: async_sessionmaker[AsyncSession] | None = None
        self._watch: asyncio.Task[None] | None = None

    @classmethod
    def from_settings(cls, core: CoreSettings) -> Database:
        """Build from DATABASE_URL, or over the embedded server of ACUSE_HOME. Starts nothing."""
        if core.database_url is None:
            return cls(embedded=EmbeddedPostgres(core.acuse_home), pool_size=core.database_pool_size)
        return cls(url=adapt_url(core.database_url.get_secret_value()), pool_size=core.database_pool_size)

    @property
    def engine(self) -> AsyncEngine:
        """Answer the engine of the open database."""
        if self._engine is None:
            raise RuntimeError("the database is not open")
        return self._engine

    @property
    def conninfo(self) -> str:
        """Answer how psycopg reaches the database, password included. Never log it."""
        return conninfo_of(self.engine.url)

    @property
    def note(self) -> str | None:
        """Answer one line in Spanish to tell at start, when the data are not in the home folder."""
        return self._embedded.note if self._embedded else None

    async def open(self, *, migrate: bool = True) -> None:
        """Start the embedded server if there is one, connect, and bring the database to its newest form."""
        if self._engine is not None:
            return
        if self._embedded is not None:
            await asyncio.to_thread(self._embedded.start)
        try:
            await self._connect()
            if migrate:
                await self.migrate()
        except BaseException:
            await self.close()
            raise
        if self._embedded is not None:
            self._watch = asyncio.create_task(self._keep_running(self._embedded), name="acuse-postgres-watch")

    async def close(self) -> None:
        """Close all connections and leave the embedded server. Calling it twice is harmless."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
        engine, self._engine, self._sessions = self._engine, None, None
        if engine is not None:
            await engine.dispose()
        if self._embedded is not None:
            await asyncio.to_thread(self._embedded.stop)

    async def migrate(self) -> None:
        """Bring the database to its newest form; with several processes one does it and the others wait."""
        with database_errors():
            await migrate.migrate(self.engine, Base.metadata)

    async def check(self) -> list[str]:
        """Answer every difference between the models imported so far and the database. Empty is good."""
        return await migrate.differences(self.engine, Base.metadata)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open one transaction: committed at the end of the block, rolled back when it raises."""
        if self._sessions is None:
            raise RuntimeError("the database is not open")
        with database_errors():
            async with self._sessions.begin() as session:
                yield session
                if _LAST in session.info and session.in_transaction():
                    await _finish(session)

    async def ping(self) -> None:
        """Prove that the database answers; raises DatabaseUnavailable otherwise."""
        async with self.transaction() as tx:
            await tx.execute(text("select 1"))

    async def copy_rows(
        self, tx: Transaction, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> int:
        """COPY rows into a table in the caller's transaction; answer how many.

        UUID, Decimal, aware datetime, `Jsonb(…)` and None go in as they are. Errors are psycopg's own.
        """
        count = 0
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        connection = await driver_connection(tx)
        async with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                await copy.write_row(row)
                count += 1
        return count

    async def _connect(self) -> None:
        url = self._url
        if self._embedded is not None:
            url = url_of(await asyncio.to_thread(self._embedded.connection))
        assert url is not None
        self._engine = create_async_engine(
            url,
            pool_timeout=10,
            pool_pre_ping=True,
            pool_recycle=1800,
            connect_args={
                "connect_timeout": 5,
                "application_name": "acuse",
                "client_encoding": "utf8",
                "options": _SESSION_OPTIONS,
            },
            **self._options,
        )
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        async with self.transaction() as tx:
            row = (
                await tx.execute(
                    text("select current_setting('server_version_num')::int, current_setting('server_encoding')")
                )
            ).one()
        if row[0] < OLDEST_SERVER:
            raise DatabaseUnsuitable(problem="se necesita PostgreSQL 15 o posterior.")
        if row[1] != "UTF8":
            raise DatabaseUnsuitable(problem="su codificación debe ser UTF8.")

    async def _keep_running(self, server: EmbeddedPostgres) -> None:
        """Bring the embedded server back when somebody killed it."""
        while True:
            await asyncio.sleep(_WATCH_S)
            try:
                if not server.is_running():
                    _log.warning("embedded_postgres_gone")
                    await asyncio.to_thread(server.start)
                    _log.info("embedded_postgres_restarted")
            except (AppError, OSError, psycopg.Error) as error:
                _log.error("embedded_postgres_restart_failed", error=str(error))


async def driver_connection(tx: Transaction) -> Connection:
    """Answer psycopg's own connection of this transaction, for COPY and for deferring jobs in it."""
    bound = (await tx.connection()).sync_connection
    assert bound is not None
    connection = bound.connection.driver_connection
    assert isinstance(connection, psycopg.AsyncConnection)
    return connection


def leave_for_last(tx: Transaction, act: Last[_T], item: _T) -> None:
    """Let `act` have this item, with all others left for it, when nothing but the commit is still to be done.

    What all transactions have to pass through is locked there for as short as can be, and after every other lock.
    Nothing is done when the transaction is undone; a savepoint that is undone keeps what was left within it, so leave
    nothing there.
    """
    tx.info.setdefault(_LAST, {}).setdefault(act, []).append(item)


async def _finish(tx: Transaction) -> None:
    """Do what was left for last and commit."""
    if tx.new or tx.dirty or tx.deleted:
        await tx.flush()
    written = [line for act, items in tx.info.pop(_LAST).items() for line in await act(tx, items)]
    connection = await driver_connection(tx)
    async with connection.pipeline(), connection.cursor() as cursor:  # nobody waits for the answers between
        for statement, values in written:
            await cursor.execute(statement, values)
        await cursor.execute("COMMIT")
