"""The address of a database, as people write it, as our driver wants it, and as psycopg alone takes it."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from acuse.kernel.database_errors import DatabaseUnsuitable


def adapt_url(address: str) -> URL:
    """Read DATABASE_URL as people write it (postgres://, postgresql://) for our one driver."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseUnsuitable(problem="no es una dirección postgresql://usuario:clave@equipo/base.") from None
    if url.drivername.split("+")[0] not in {"postgres", "postgresql"}:
        raise DatabaseUnsuitable(problem="solo PostgreSQL sirve (postgresql://…).")
    return url.set(drivername="postgresql+psycopg")


def url_of(parts: Mapping[str, str]) -> URL:
    """Build the address of the embedded server; built, not pasted, it takes any folder name."""
    query = {"host": parts["host"], "port": parts["port"]}
    return URL.create("postgresql+psycopg", parts["user"], parts["password"], database=parts["dbname"], query=query)


def conninfo_of(url: URL) -> str:
    """Answer the address for psycopg, password included, with sessions in UTC."""
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    query |= {"application_name": "acuse", "options": f"{query.get('options', '')} -c timezone=UTC".strip()}
    return make_conninfo("", **url.translate_connect_args(username="user", database="dbname"), **query)
