"""CSV of any size: RFC 4180, streamed out of one COPY in one snapshot, harmless in a spreadsheet, and audited.

COPY writes the rows as text inside PostgreSQL, so that memory stays flat and the speed is the server's.
Sources: RFC 4180; OWASP ASVS 5.0, 1.2.10 (formula injection).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

from psycopg import AsyncConnection, AsyncCopy, sql
from psycopg.abc import PQGen
from psycopg.errors import QueryCanceled
from psycopg.generators import copy_from
from psycopg.pq import TransactionStatus
from sqlalchemy import Dialect, Select, text

from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.csv_cells import cuit as cuit
from acuse.kernel.csv_cells import free_text as free_text
from acuse.kernel.csv_cells import harmless as harmless
from acuse.kernel.csv_cells import instant as instant
from acuse.kernel.database import Database, Transaction, driver_connection

BOM: Final = b"\xef\xbb\xbf"
_CHUNK_BYTES: Final = 65_536
_LONGEST_S: Final = 1_800


@dataclass(frozen=True, kw_only=True)
class CsvStyle:
    """How a file is written. `bom` lets Excel see UTF-8; `;` is what Excel expects in Argentina.

    `manifest` adds a last row `#filas,<count>`, since a stream that broke looks like a short file.
    """

    bom: bool = True
    separator: Literal[",", ";"] = ","
    manifest: bool = False


class CsvExporter:
    """Streams queries as CSV and writes down who took what, and how many rows."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self._broken: set[asyncio.Task[None]] = set()

    async def export(
        self,
        query: Select[Any],
        style: CsvStyle,
        *,
        actor: Actor,
        what: str,
        filters: Mapping[str, Any],
    ) -> AsyncGenerator[bytes, None]:
        """Answer the file in pieces: a header of the query's labels, then every row.

        Audited as EXPORT_CSV with filters and row count before the last piece is handed out; a stream that is
        left or breaks is audited too, as incomplete. Errors before the first byte are raised on the first `anext`.
        """
        told = {name: value for name, value in filters.items() if value is not None}
        rows = 0
        try:
            kept = b""
            # A file that is left ends its COPY first, and then its transaction.
            async with self._snapshot() as tx, aclosing(_pieces(tx, query, style)) as pieces:
                async for piece, count in pieces:
                    rows = count
                    if kept:
                        yield kept
                    kept = piece
            await self._record(actor, what, told, rows, complete=True)
        except BaseException:
            # The caller may be gone and this task cancelled: the word is left by a task of its own, waited for if
            # there is still somebody to wait.
            task = asyncio.create_task(self._record(actor, what, told, rows, complete=False))
            self._broken.add(task)
            task.add_done_callback(self._broken.discard)
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
            raise
        yield kept

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[Transaction]:
        async with self._database.transaction() as tx:
            await tx.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await tx.execute(text("SET TRANSACTION READ ONLY"))
            await tx.execute(text(f"SET LOCAL statement_timeout = '{_LONGEST_S}s'"))
            yield tx

    async def _record(self, actor: Actor, what: str, filters: Mapping[str, Any], rows: int, *, complete: bool) -> None:
        after = {"filas": rows, "filtros": dict(filters), "completo": complete}
        async with self._database.transaction() as tx:
            await self._audit.record(
                tx, AuditAction.EXPORT_CSV, actor=actor, target_type=what, target_id="", after=after
            )


def header(names: Sequence[str], style: CsvStyle) -> bytes:
    """Answer the first row of a file, with the mark of UTF-8 when asked for."""
    return (BOM if style.bom else b"") + style.separator.join(names).encode() + b"\r\n"


async def _pieces(tx: Transaction, query: Select[Any], style: CsvStyle) -> AsyncGenerator[tuple[bytes, int]]:
    """Answer pieces of at least 64 KiB with the number of rows so far."""
    statement, values = _copy(query, style, (await tx.connection()).dialect)
    connection = await driver_connection(tx)
    piece = bytearray(header([column.key or "" for column in query.selected_columns], style))
    count = 0
    async with _copying(connection, statement, values) as copy:
        while added := await connection.wait(_fill(piece, copy)):
            count += added
            if len(piece) >= _CHUNK_BYTES:
                yield bytes(piece), count
                piece.clear()
    if style.manifest:
        piece += f"#filas{style.separator}{count}\r\n".encode()
    yield bytes(piece), count


@asynccontextmanager
async def _copying(
    connection: AsyncConnection[Any], statement: sql.Composed, values: Mapping[str, Any]
) -> AsyncIterator[AsyncCopy]:
    """Run a COPY that, however it is left, leaves the connection fit for a rollback.

    psycopg 3.3.9 forgets the one thing: cancelled while it waits for the first row, the COPY stays half begun.
    """
    try:
        async with connection.cursor() as cursor, cursor.copy(statement, values) as copy:
            yield copy
    except BaseException:
        with suppress(QueryCanceled):
            while connection.info.transaction_status is TransactionStatus.ACTIVE:
                await connection.wait(copy_from(connection.pgconn))
        raise


def _fill(piece: bytearray, copy: AsyncCopy) -> PQGen[int]:
    """Add rows to a piece until it is full or there are no more; answer how many.

    Awaiting each row by itself would cost more than the row: one wait takes all that has arrived.
    """
    count = 0
    while len(piece) < _CHUNK_BYTES:
        row = yield from copy._read_gen()  # noqa: SLF001 - what `copy.read` awaits, which it does once for each row
        if not row:
            break
        piece += row  # one row, ended by a bare line feed
        piece[-1:] = b"\r\n"
        count += 1
    return count


def _copy(query: Select[Any], style: CsvStyle, dialect: Dialect) -> tuple[sql.Composed, Mapping[str, Any]]:
    """Answer the COPY of a query and its values, which psycopg quotes itself: COPY takes no parameters."""
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    options = sql.SQL(") TO STDOUT (FORMAT csv, DELIMITER {})").format(sql.Literal(style.separator))
    statement = sql.SQL(str(compiled))
    return sql.Composed([sql.SQL("COPY ("), statement, options]), compiled.params
