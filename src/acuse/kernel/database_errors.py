"""What a database may answer instead of rows, in the terms of the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from acuse.kernel.errors import AppError, InvalidInput, Misconfigured, Unavailable

_BUSY = frozenset({"40001", "40P01", "55P03", "57014"})
_GONE = ("08", "57P", "53")
_NO_TEXT = frozenset({"22021", "22P05"})


class DatabaseUnavailable(Unavailable):
    """The database does not answer, or has no connection left."""

    code = "DATABASE_UNAVAILABLE"
    message = "La base de datos no responde. Revisa que esté en marcha y vuelve a intentarlo."


class DatabaseBusy(Unavailable):
    """The database gave up: two transactions crossed, or one took too long."""

    code = "DATABASE_BUSY"
    message = "La base de datos está ocupada y no terminó a tiempo. Vuelve a intentarlo en un momento."


class DatabaseUnsuitable(Misconfigured):
    """The database exists and cannot be used as it is."""

    code = "DATABASE_UNSUITABLE"
    message = "La base de datos de DATABASE_URL no sirve: {problem}"


class TextUnstorable(InvalidInput):
    """A text to look for or to keep holds the character NUL, which PostgreSQL has no place for. Send it without."""

    code = "TEXT_UNSTORABLE"
    message = (
        "Un texto lleva el carácter nulo (U+0000), que no se puede buscar ni guardar. Quítalo y vuelve a enviarlo."
    )


def violated_constraint(error: IntegrityError | psycopg.Error) -> str | None:
    """Answer the name of the constraint an insert or update broke; None when the database names none."""
    cause = error.orig if isinstance(error, IntegrityError) else error
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn lost connections and lost patience into retryable errors, texts with NUL into a refusal of the input.

    Everything else passes as it is.
    """
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable from error
    except (DBAPIError, psycopg.Error) as error:
        kind = _kind_of(error)
        if kind is None:
            raise
        raise kind from error


def _kind_of(error: DBAPIError | psycopg.Error) -> type[AppError] | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    if state in _BUSY:
        return DatabaseBusy
    if state in _NO_TEXT or (state is None and isinstance(cause, psycopg.DataError) and "NUL" in str(cause)):
        return TextUnstorable
    if state is not None:
        return DatabaseUnavailable if state.startswith(_GONE) else None
    lost = isinstance(cause, psycopg.OperationalError) or getattr(error, "connection_invalidated", False)
    return DatabaseUnavailable if lost else None
