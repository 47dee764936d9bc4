from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from pydantic import SecretStr
from sqlalchemy import URL, text
from sqlalchemy.exc import IntegrityError

from acuse.kernel.database import (
    Database,
    DatabaseBusy,
    DatabaseUnavailable,
    DatabaseUnsuitable,
    TextUnstorable,
    adapt_url,
    driver_connection,
    violated_constraint,
)
from acuse.kernel.settings import CoreSettings
from tests.support.database import TestServer

ROWS = """
create table things (id uuid constraint pk_things primary key, name text, total numeric, at timestamptz, raw jsonb)
"""


@pytest.fixture
def database_url(server: TestServer) -> Iterator[URL]:
    """An empty database: the door itself needs no table of ours."""
    url = server.empty()
    yield url
    server.drop(str(url.database))


@pytest.fixture
async def things(database: Database) -> Database:
    async with database.transaction() as tx:
        await tx.execute(text(ROWS))
    return database


async def count(database: Database) -> int:
    async with database.transaction() as tx:
        found: int = (await tx.execute(text("select count(*) from things"))).scalar_one()
        return found


class TestTransaction:
    async def test_commits_at_the_end_of_the_block(self, things: Database) -> None:
        async with things.transaction() as tx:
            await tx.execute(text("insert into things (id) values (gen_random_uuid())"))
        assert await count(things) == 1

    async def test_rolls_back_when_the_block_raises(self, things: Database) -> None:
        async def work() -> None:
            async with things.transaction() as tx:
                await tx.execute(text("insert into things (id) values (gen_random_uuid())"))
                raise LookupError

        with pytest.raises(LookupError):
            await work()
        assert await count(things) == 0

    async def test_sessions_speak_utc_and_give_up_on_long_statements(self, database: Database) -> None:
        async with database.transaction() as tx:
            zone = (await tx.execute(text("show timezone"))).scalar_one()
            limit = (await tx.execute(text("show statement_timeout"))).scalar_one()
        assert (zone, limit) == ("UTC", "30s")

    async def test_a_statement_cut_by_its_time_limit_is_worth_another_try(self, database: Database) -> None:
        async def work() -> None:
            async with database.transaction() as tx:
                await tx.execute(text("set local statement_timeout = 20"))
                await tx.execute(text("select pg_sleep(5)"))

        with pytest.raises(DatabaseBusy) as caught:
            await work()
        assert caught.value.retryable

    @pytest.mark.parametrize(
        "statement", ["insert into things (id, name) values (gen_random_uuid(), :text)", "select :text :: jsonb"]
    )
    async def test_a_text_with_the_character_nul_is_refused(self, things: Database, statement: str) -> None:
        async def work() -> None:
            async with things.transaction() as tx:
                await tx.execute(text(statement), {"text": '"K\x00"' if "insert" in statement else r'"K\u0000"'})

        with pytest.raises(TextUnstorable):
            await work()
        assert await count(things) == 0

    async def test_a_broken_connection_is_replaced_before_it_is_used(self, database: Database) -> None:
        async with database.transaction() as tx:
            pid = (await tx.execute(text("select pg_backend_pid()"))).scalar_one()
        async with await psycopg.AsyncConnection.connect(database.conninfo, autocommit=True) as other:
            await other.execute("select pg_terminate_backend(%s)", [pid])
        await database.ping()

    async def test_a_connection_lost_in_the_middle_is_told_as_unavailable(self, database: Database) -> None:
        async def work() -> None:
            async with database.transaction() as tx:
                pid = (await tx.execute(text("select pg_backend_pid()"))).scalar_one()
                async with await psycopg.AsyncConnection.connect(database.conninfo, autocommit=True) as other:
                    await other.execute("select pg_terminate_backend(%s)", [pid])
                await tx.execute(text("select 1"))

        with pytest.raises(DatabaseUnavailable):
            await work()

    async def test_a_deadlock_is_worth_another_try(self, things: Database) -> None:
        first, second = uuid4(), uuid4()
        async with things.transaction() as tx:
            await things.copy_rows(tx, "things", ["id"], [(first,), (second,)])
        both_hold_one = asyncio.Barrier(2)

        async def cross(mine: object, other: object) -> None:
            async with things.transaction() as tx:
                statement = text("update things set name = 'x' where id = :id")
                await tx.execute(statement, {"id": mine})
                await both_hold_one.wait()
                await tx.execute(statement, {"id": other})

        results = await asyncio.gather(cross(first, second), cross(second, first), return_exceptions=True)
        assert [type(result) for result in results if result is not None] == [DatabaseBusy]

    async def test_needs_an_open_database(self, database_url: URL) -> None:
        with pytest.raises(RuntimeError, match="not open"):
            async with Database(url=database_url).transaction():
                pass


class TestViolatedConstraint:
    async def test_names_the_constraint_an_insert_broke(self, things: Database) -> None:
        known = uuid4()
        with pytest.raises(IntegrityError) as caught:
            async with things.transaction() as tx:
                await tx.execute(text("insert into things (id) values (:a), (:a)"), {"a": known})
        assert violated_constraint(caught.value) == "pk_things"

    async def test_reads_errors_of_the_driver_too(self, things: Database) -> None:
        known = uuid4()
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            async with things.transaction() as tx:
                await things.copy_rows(tx, "things", ["id"], [(known,), (known,)])
        assert violated_constraint(caught.value) == "pk_things"


class TestCopyRows:
    async def test_copies_every_kind_of_value_in_the_callers_transaction(self, things: Database) -> None:
        row = (uuid4(), "Ñ&A\t\\n", Decimal("1.50"), datetime(2026, 1, 2, 3, tzinfo=UTC), Jsonb({"ñ": [1, None]}))
        async with things.transaction() as tx:
            written = await things.copy_rows(tx, "things", ["id", "name", "total", "at", "raw"], [row])
            found = (await tx.execute(text("select id, name, total, at, raw from things"))).one()
        assert written == 1
        assert tuple(found) == (*row[:4], {"ñ": [1, None]})

    async def test_leaves_nothing_when_the_transaction_rolls_back(self, things: Database) -> None:
        async def work() -> None:
            async with things.transaction() as tx:
                await things.copy_rows(tx, "public.things", ["id", "name"], ((uuid4(), None) for _ in range(100)))
                raise LookupError

        with pytest.raises(LookupError):
            await work()
        assert await count(things) == 0

    async def test_column_names_are_quoted(self, things: Database) -> None:
        with pytest.raises(psycopg.errors.UndefinedColumn):
            async with things.transaction() as tx:
                await things.copy_rows(tx, "things", ["id) from stdin; drop table things; --"], [(uuid4(),)])
        assert await count(things) == 0

    async def test_the_drivers_connection_is_the_transactions_own(self, things: Database) -> None:
        async with things.transaction() as tx:
            pid = (await tx.execute(text("select pg_backend_pid()"))).scalar_one()
            assert (await driver_connection(tx)).info.backend_pid == pid


class TestAddress:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
    def test_is_adapted_to_our_driver(self, scheme: str) -> None:
        url = adapt_url(f"{scheme}://u:p%40w@db.example:5433/acuse?sslmode=require")
        assert url.drivername == "postgresql+psycopg"
        assert (url.password, url.host, url.query["sslmode"]) == ("p@w", "db.example", "require")

    @pytest.mark.parametrize("address", ["mysql://u:secreto@h/b", "no es una dirección secreto", "sqlite:///secreto"])
    def test_of_anything_else_stops_the_start_without_showing_it(self, address: str) -> None:
        with pytest.raises(DatabaseUnsuitable) as caught:
            Database.from_settings(CoreSettings(database_url=SecretStr(address)))
        assert "DATABASE_URL" in str(caught.value)
        assert "secreto" not in str(caught.value)

    async def test_where_nobody_listens_is_told_as_unavailable(self) -> None:
        database = Database(url=adapt_url("postgresql://u:p@127.0.0.1:1/x"))
        with pytest.raises(DatabaseUnavailable):
            await database.open()

    async def test_of_a_database_in_another_encoding_is_refused(self, server: TestServer) -> None:
        url = server.empty(encoding="SQL_ASCII")
        with pytest.raises(DatabaseUnsuitable, match="UTF8"):
            await Database(url=url).open()
        server.drop(str(url.database))

    async def test_goes_to_psycopg_unchanged(self, database: Database) -> None:
        async with await psycopg.AsyncConnection.connect(database.conninfo) as connection:
            row = await (await connection.execute("select current_database(), current_setting('timezone')")).fetchone()
        assert row == (database.engine.url.database, "UTC")
