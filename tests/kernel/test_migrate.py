from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Column, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from acuse.kernel.database import Database
from acuse.kernel.migrate import MIGRATIONS, current_revision, differences, migrate, newest_revision
from tests.support.database import TestServer

ROOT = Path(__file__).resolve().parents[2]
STEP = """
from alembic import op
revision = {revision!r}
down_revision = {down!r}
branch_labels = depends_on = None


def upgrade() -> None:
    op.execute({statement!r})
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations in a folder whose name needs care."""
    made = tmp_path / "migraciones 100% Ñ"
    (made / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        shutil.copy(MIGRATIONS / name, made / name)
    add(made, "0001", None, "create table things (id serial primary key, name text not null)")
    add(made, "0002", "0001", "create index ix_things_name on things (name); select pg_sleep(0.2)")
    return made


def add(folder: Path, revision: str, down: str | None, statement: str) -> None:
    step = STEP.format(revision=revision, down=down, statement=statement)
    (folder / "versions" / f"{revision}_step.py").write_text(step, encoding="utf-8")


@pytest.fixture
def url(server: TestServer) -> Iterator[URL]:
    made = server.empty()
    yield made
    server.drop(str(made.database))


@pytest.fixture
async def engine(url: URL) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(url)
    yield made
    await made.dispose()


def models(*, width: type = Text) -> MetaData:
    metadata = MetaData()
    things = Table("things", metadata, Column("id", Integer, primary_key=True), Column("name", width, nullable=False))
    Index("ix_things_name", things.c.name)
    return metadata


class TestMigrate:
    async def test_brings_an_empty_database_to_the_newest_revision(self, engine: AsyncEngine, folder: Path) -> None:
        assert await current_revision(engine) is None
        await migrate(engine, models(), folder=folder)
        assert await current_revision(engine) == newest_revision(folder) == "0002"

    async def test_a_second_time_changes_nothing(self, engine: AsyncEngine, folder: Path) -> None:
        await migrate(engine, models(), folder=folder)
        async with engine.begin() as connection:
            await connection.execute(text("insert into things (name) values ('kept')"))
        await migrate(engine, models(), folder=folder)
        async with engine.connect() as connection:
            assert (await connection.execute(text("select name from things"))).scalar_one() == "kept"

    async def test_several_at_once_wait_for_the_first(self, url: URL, folder: Path) -> None:
        engines = [create_async_engine(url) for _ in range(4)]
        await asyncio.gather(*(migrate(engine, models(), folder=folder) for engine in engines))
        assert {await current_revision(engine) for engine in engines} == {"0002"}
        for engine in engines:
            await engine.dispose()

    async def test_a_step_that_fails_leaves_the_database_as_it_was(self, engine: AsyncEngine, folder: Path) -> None:
        add(folder, "0003", "0002", "create table more (id int); create table more (id int)")
        with pytest.raises(ProgrammingError):
            await migrate(engine, models(), folder=folder)
        assert await current_revision(engine) is None
        async with engine.connect() as connection:
            assert (await connection.execute(text("select to_regclass('things')"))).scalar_one() is None

    async def test_takes_longer_than_a_statement_of_the_application_may(self, url: URL, folder: Path) -> None:
        engine = create_async_engine(url, connect_args={"options": "-c statement_timeout=100"})
        await migrate(engine, models(), folder=folder)
        assert await current_revision(engine) == "0002"
        await engine.dispose()


class TestDifferences:
    async def test_are_none_when_models_and_migrations_agree(self, engine: AsyncEngine, folder: Path) -> None:
        await migrate(engine, models(), folder=folder)
        async with engine.begin() as connection:
            await connection.execute(text("create table procrastinate_jobs (id int)"))
        assert await differences(engine, models()) == []

    async def test_name_a_column_of_another_type(self, engine: AsyncEngine, folder: Path) -> None:
        await migrate(engine, models(), folder=folder)
        found = await differences(engine, models(width=Integer))
        assert len(found) == 1
        assert "modify_type" in found[0]

    async def test_name_a_table_nobody_migrated(self, engine: AsyncEngine, folder: Path) -> None:
        await migrate(engine, models(), folder=folder)
        metadata = models()
        Table("forgotten", metadata, Column("id", Integer, primary_key=True))
        assert ["forgotten" in line for line in await differences(engine, metadata)] == [True]


class TestOurMigrations:
    async def test_processes_started_at_once_leave_one_finished_database(self, url: URL) -> None:
        program = """
import asyncio, sys
from acuse.kernel.database import Database, adapt_url
async def main():
    database = Database(url=adapt_url(sys.argv[1]))
    await database.open()
    await database.close()
asyncio.run(main())
"""
        environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        command = [sys.executable, "-W", "error", "-c", program, url.render_as_string(hide_password=False)]
        started = [
            await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
            for _ in range(3)
        ]
        told = await asyncio.gather(*(process.communicate() for process in started))
        assert [errors.decode() for _, errors in told] == [""] * 3
        engine = create_async_engine(url)
        assert await current_revision(engine) == newest_revision()
        await engine.dispose()

    async def test_need_nothing_newer_than_postgresql_15_and_no_extension(self) -> None:
        told = "\n".join(path.read_text(encoding="utf-8").lower() for path in (MIGRATIONS / "versions").glob("*.py"))
        assert [word for word in ("uuidv7(", "casefold(", "virtual", "create extension") if word in told] == []

    async def test_lead_to_what_the_models_say(self, database: Database) -> None:
        source = ROOT / "src"
        for tables in (source / "acuse").rglob("tables.py"):
            importlib.import_module(".".join(tables.relative_to(source).with_suffix("").parts))
        assert await database.check() == []
