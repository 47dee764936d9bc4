"""The end of the chain in its one row, whose lock puts all writers in line: taken once, and late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from psycopg.rows import dict_row

from acuse.kernel.database import Transaction, driver_connection

_HEAD: Final = "SELECT seq, hash FROM auditoria_cabeza WHERE {where} FOR UPDATE"
_TAKEN: Final = "acuse.audit_head"
Head = tuple[int, bytes]
"""How many acts there are, and the hash of the last."""


async def take_head(tx: Transaction) -> Head:
    """Lock the head until commit, unless this transaction has it already; answer where the chain goes on."""
    taken: Head | None = tx.info.pop(_TAKEN, None)
    if taken is None:
        connection = await driver_connection(tx)
        taken = await (await connection.execute(_HEAD.format(where="TRUE"))).fetchone()
        assert taken is not None
    return taken


async def execute_and_take_head(
    tx: Transaction, statement: str, values: Mapping[str, Any], *, where: str
) -> Mapping[str, Any] | None:
    """Execute a statement of the driver, and take the head in the same trip when then `where` holds.

    For what many do to one row: the others wait one trip less for it. Afterwards the transaction must not wait for a
    lock that somebody may hold who waits for the head, so its other work comes first; and no savepoint around this.
    """
    connection = await driver_connection(tx)
    async with connection.cursor(row_factory=dict_row) as answer, connection.cursor() as head:
        async with connection.pipeline():
            await answer.execute(statement, values)
            await head.execute(_HEAD.format(where=where), values)
        tx.info[_TAKEN] = await head.fetchone()
        return await answer.fetchone()
