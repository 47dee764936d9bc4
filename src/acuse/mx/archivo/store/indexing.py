"""Writes the content of a package: COPY into a table of the transaction, then one merge per batch.

All of a package happens in the caller's one transaction; a killed process leaves nothing of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple, cast

from psycopg import sql
from sqlalchemy import CursorResult, func, select, text
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction, driver_connection
from acuse.mx.archivo.model import IngestReport, Refusal
from acuse.mx.archivo.store import statements
from acuse.mx.archivo.tables import IndexedPaqueteRow
from acuse.mx.cfdi.copy_text import NULL
from acuse.mx.cfdi.index_rows import READER, Party, Taxpayer
from acuse.mx.cfdi.search_key import search_words

_LOCK_SPACE: Final = 5_010
_PATIENCE: Final = "600s"
Replace = Callable[[Transaction, int, int], Awaitable[None]]


class Merged(NamedTuple):
    """What a merge did: rows that were new, and rows already known."""

    new: int
    duplicate: int


class IndexStore:
    """The write side of the archive."""

    async def claim(
        self, tx: Transaction, contribuyente_id: int, paquete_key: str, kind: str, direction: str, now: datetime
    ) -> int | IngestReport:
        """Take a package for indexing: answer its id, or the report if it was indexed before.

        A second claim waits for the first to end. Indexing goes one package at a time for a taxpayer, since two
        packages may hold the same documents in another order.
        """
        await self.one_at_a_time(tx, contribuyente_id)
        values = {
            "contribuyente_id": contribuyente_id,
            "paquete_key": paquete_key,
            "kind": kind,
            "reader": READER,
            "direction": direction,
            "read": 0,
            "new": 0,
            "duplicate": 0,
            "refused": 0,
            "refusals": [],
            "indexed_at": now,
        }
        claimed = (
            await tx.execute(
                insert(IndexedPaqueteRow).values(values).on_conflict_do_nothing().returning(IndexedPaqueteRow.id)
            )
        ).scalar_one_or_none()
        if claimed is not None:
            return claimed
        known = (
            await tx.execute(
                select(IndexedPaqueteRow).where(
                    IndexedPaqueteRow.contribuyente_id == contribuyente_id,
                    IndexedPaqueteRow.paquete_key == paquete_key,
                )
            )
        ).scalar_one()
        return _report(known)

    async def settled(self, tx: Transaction, contribuyente_id: int) -> int:
        """Wait until nothing of a taxpayer is being indexed; answer the last package's id, 0 when there is none.

        While the transaction lasts nothing else is indexed.
        """
        await self.one_at_a_time(tx, contribuyente_id)
        last = select(func.max(IndexedPaqueteRow.id)).where(IndexedPaqueteRow.contribuyente_id == contribuyente_id)
        return (await tx.execute(last)).scalar_one() or 0

    async def one_at_a_time(self, tx: Transaction, contribuyente_id: int) -> None:
        """Wait until nothing else of a taxpayer is being indexed, and keep it so while the transaction lasts."""
        await self.be_patient(tx)
        await tx.execute(
            text("select pg_advisory_xact_lock(:space, hashint8(:id))"), {"space": _LOCK_SPACE, "id": contribuyente_id}
        )

    async def be_patient(self, tx: Transaction) -> None:
        """Let the statements of a transaction take as long as a large package may need."""
        await tx.execute(text(f"set local statement_timeout = '{_PATIENCE}'"))

    async def begin(self, tx: Transaction, statement: str) -> None:
        """Make the table rows are copied into; it ends with the transaction."""
        await tx.execute(text(statement))

    async def copy(
        self, tx: Transaction, table: str, columns: Sequence[str], block: bytes, *, null: str = NULL
    ) -> None:
        """COPY a block of rows in text form, in which `null` says that there is nothing."""
        if not block:
            return
        command = sql.SQL("copy {} ({}) from stdin (null {})").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Literal(null)
        )
        connection = await driver_connection(tx)
        async with connection.cursor() as cursor, cursor.copy(command) as copy:
            await copy.write(block)

    async def add_parties(self, tx: Transaction, contribuyente_id: int, parties: Collection[Party]) -> None:
        """Make sure these parties have a row each."""
        if not parties:
            return
        rows = [
            {"c": contribuyente_id, "rfc": rfc, "nombre": nombre, "words": search_words(f"{rfc} {nombre}")}
            for rfc, nombre in sorted(parties)
        ]
        await tx.execute(text(statements.ADD_PARTY), rows)

    async def merge_xml(
        self, tx: Transaction, contribuyente_id: int, paquete_id: int, copied: int, *, replace: Replace | None = None
    ) -> Merged:
        """Bring copied documents into the index. A document whose XML is already known stays as it is.

        `replace` writes over those of this same package first, when it is read again.
        """
        done = await tx.execute(text(statements.MERGE_XML), {"c": contribuyente_id, "paquete": paquete_id})
        new = cast("CursorResult[None]", done).rowcount
        if replace is not None:
            await replace(tx, contribuyente_id, paquete_id)
        for statement in statements.MERGE_SIDE:
            await tx.execute(text(statement), {"c": contribuyente_id, "paquete": paquete_id})
        await tx.execute(text(statements.EMPTY_XML))
        return Merged(new, copied - new)

    async def new_parties(self, tx: Transaction, contribuyente_id: int, taxpayer: Taxpayer) -> set[Party]:
        """Answer the parties that copied metadata name and that have no row yet."""
        values = {"c": contribuyente_id, "rfc": taxpayer.rfc, "direction": taxpayer.direction}
        found = await tx.execute(text(statements.NEW_PARTIES), values)
        return {(row.rfc, row.nombre) for row in found}

    async def merge_metadata(self, tx: Transaction, contribuyente_id: int, taxpayer: Taxpayer, as_of: datetime) -> int:
        """Bring copied metadata, whose parties have rows, into the index; answer how many were new.

        The state told last, by `as_of`, holds.
        """
        values = {"c": contribuyente_id, "rfc": taxpayer.rfc, "direction": taxpayer.direction, "as_of": as_of}
        new: int = (await tx.execute(text(statements.MERGE_METADATA), values)).scalar_one()
        await tx.execute(text("truncate incoming_metadata"))
        return new

    async def merge_terceros(self, tx: Transaction, contribuyente_id: int) -> None:
        """Write on whose account documents were issued."""
        await tx.execute(text(statements.MERGE_TERCEROS), {"c": contribuyente_id})
        await tx.execute(text("truncate incoming_terceros"))

    async def finish(self, tx: Transaction, paquete_id: int, report: IngestReport) -> None:
        """Write what the package gave."""
        row = await tx.get_one(IndexedPaqueteRow, paquete_id)
        row.read, row.new, row.duplicate, row.refused = report.read, report.new, report.duplicate, report.refused
        row.refusals = [refusal.as_json() for refusal in report.refusals]
        await tx.flush()


def _report(row: IndexedPaqueteRow) -> IngestReport:
    return IngestReport(
        paquete_key=row.paquete_key,
        read=row.read,
        new=row.new,
        duplicate=row.duplicate,
        refused=row.refused,
        refusals=[Refusal(each["name"], each["code"], each["text"]) for each in row.refusals],
        already=True,
    )
