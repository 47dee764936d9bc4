"""Brings the database to the newest form, once, however many processes start together."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS: Final = Path(__file__).resolve().parents[1] / "migrations"
_LOCK: Final = 727001
_NOT_OURS = ("procrastinate_", "alembic_version")


def is_ours(_: Any, name: str | None, kind: str, __: bool, ___: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    """Tell Alembic which tables are described by our models; the job engine brings its own."""
    return not (kind == "table" and name is not None and name.startswith(_NOT_OURS))


async def migrate(engine: AsyncEngine, metadata: MetaData, *, folder: Path = MIGRATIONS) -> None:
    """Apply all migrations in one transaction, under a lock: others wait, then find nothing to do."""
    async with engine.begin() as connection:
        await connection.execute(text("set local statement_timeout = 0"))
        await connection.execute(text("set local lock_timeout = 0"))
        await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if (await connection.execute(text("select to_regnamespace('public')"))).scalar_one() is None:
            await connection.execute(text("create schema public"))  # a restore was killed at its one bad moment
        await connection.run_sync(_upgrade, metadata, folder)


async def current_revision(engine: AsyncEngine) -> str | None:
    """Answer the revision the database is at; None for an empty one."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda plain: MigrationContext.configure(plain).get_current_revision())


def newest_revision(folder: Path = MIGRATIONS) -> str | None:
    """Answer the last revision this program knows; None when it knows none."""
    return ScriptDirectory.from_config(_config(folder)).get_current_head()


def knows(revision: str, folder: Path = MIGRATIONS) -> bool:
    """Tell whether a database at this revision can be brought to the newest form by this program."""
    known = ScriptDirectory.from_config(_config(folder)).walk_revisions()
    return any(each.revision == revision for each in known)


async def differences(engine: AsyncEngine, metadata: MetaData) -> list[str]:
    """Answer what the models say and the migrated database does not, or the other way round."""
    async with engine.connect() as connection:
        return await connection.run_sync(_compare, metadata)


def _upgrade(connection: Connection, metadata: MetaData, folder: Path) -> None:
    config = _config(folder)
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    command.upgrade(config, "head")


def _compare(connection: Connection, metadata: MetaData) -> list[str]:
    options = {"compare_type": True, "compare_server_default": True, "include_object": is_ours}
    context = MigrationContext.configure(connection, opts=options)
    return [str(difference) for difference in compare_metadata(context, metadata)]


def _config(folder: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
