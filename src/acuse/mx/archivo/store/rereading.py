"""Reads packages again that an older reader indexed: which they are, and what replaces what it wrote."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import ColumnElement, func, select, text, update

from acuse.kernel.database import Transaction
from acuse.kernel.jobs import Id
from acuse.mx.archivo.model import Direction, IngestReport, StoredPaquete
from acuse.mx.archivo.store.statements import DOCUMENT_COLUMNS, PARTY_JOIN
from acuse.mx.archivo.tables import IndexedPaqueteRow
from acuse.mx.cfdi.index_rows import READER
from acuse.mx.cfdi.pago_rows import SIDE_COLUMNS
from acuse.mx.contribuyentes.tables import ContribuyenteRow

# The document that is kept is the one whose XML lies here, in this package. A row that says the same is left alone,
# but one of payments always counts as changed: what stands beside it is written anew.
_KEPT: Final = """
    cross join lateral (
        select ctid as place from cfdi
        where cfdi.contribuyente_id = :c and cfdi.uuid = i.uuid
          and cfdi.xml_paquete_id = :paquete and cfdi.xml_offset = i.xml_offset
        offset 0) kept
"""
_REPLACE: Final = text(f"""
    update cfdi set contraparte_id = t.party, {", ".join(f"{column} = t.{column}" for column in DOCUMENT_COLUMNS)}
    from (select i.*, p.id as party, kept.place from incoming_xml i {PARTY_JOIN} {_KEPT}) t
    where cfdi.ctid = t.place
      and (cfdi.efecto = 'P'
           or (cfdi.contraparte_id, {", ".join(f"cfdi.{column}" for column in DOCUMENT_COLUMNS)})
              is distinct from (t.party, {", ".join(f"t.{column}" for column in DOCUMENT_COLUMNS)}))
""")  # noqa: S608 - made of our own column names
_TAKE_OUT: Final = tuple(
    text(f"""
    delete from {table}
     where contribuyente_id = :c and uuid in (select i.uuid from incoming_xml i {_KEPT})
    """)  # noqa: S608 - our own table names
    for table in SIDE_COLUMNS
)


class RereadingStore:
    """Every method runs in the caller's transaction."""

    async def outdated(self, tx: Transaction, contribuyente_ids: Collection[int] | None = None) -> list[StoredPaquete]:
        """Answer the packages of documents that an older reader read, the oldest first; of these taxpayers or all."""
        of = [] if contribuyente_ids is None else [IndexedPaqueteRow.contribuyente_id.in_(list(contribuyente_ids))]
        found = (
            select(IndexedPaqueteRow, ContribuyenteRow.rfc)
            .join(ContribuyenteRow, ContribuyenteRow.id == IndexedPaqueteRow.contribuyente_id)
            .where(*of, *_OUTDATED)
            .order_by(IndexedPaqueteRow.id)
        )
        return [_paquete(row, rfc) for row, rfc in await tx.execute(found)]

    async def count(self, tx: Transaction) -> int:
        """Count them, whoever's they are."""
        return (await tx.execute(select(func.count()).select_from(IndexedPaqueteRow).where(*_OUTDATED))).scalar_one()

    async def get(self, tx: Transaction, paquete_id: int) -> StoredPaquete | None:
        """Answer one of them; None when it is gone or was read by this reader."""
        found = (
            select(IndexedPaqueteRow, ContribuyenteRow.rfc)
            .join(ContribuyenteRow, ContribuyenteRow.id == IndexedPaqueteRow.contribuyente_id)
            .where(IndexedPaqueteRow.id == paquete_id, *_OUTDATED)
            .with_for_update(of=IndexedPaqueteRow)
        )
        row = (await tx.execute(found)).one_or_none()
        return None if row is None else _paquete(row[0], row[1])

    async def forget_reader(self, tx: Transaction, contribuyente_ids: Collection[int]) -> None:
        """Have every package of these taxpayers count as read by an older reader."""
        await tx.execute(
            update(IndexedPaqueteRow)
            .where(IndexedPaqueteRow.contribuyente_id.in_(list(contribuyente_ids)), IndexedPaqueteRow.kind == "xml")
            .values(reader=0)
        )

    async def replace(self, tx: Transaction, contribuyente_id: int, paquete_id: int) -> None:
        """Write over what an older reader told of the copied documents, and take out what stood beside them."""
        values = {"c": contribuyente_id, "paquete": paquete_id}
        for statement in (_REPLACE, *_TAKE_OUT):
            await tx.execute(statement, values)

    async def finish(self, tx: Transaction, paquete_id: int, report: IngestReport) -> None:
        """Write what the package gave this time; what was new once stays so."""
        row = await tx.get_one(IndexedPaqueteRow, paquete_id)
        row.read, row.new, row.refused = report.read, row.new + report.new, report.refused
        row.duplicate = max(0, row.read - row.new)
        row.refusals = [refusal.as_json() for refusal in report.refusals]
        row.reader = READER
        await tx.flush()


async def rfcs_of_paquetes(tx: Transaction, ids: Collection[Id]) -> Mapping[Id, str]:
    """Answer whose packages these are, by their ids."""
    found = (
        select(IndexedPaqueteRow.id, ContribuyenteRow.rfc)
        .join(ContribuyenteRow, ContribuyenteRow.id == IndexedPaqueteRow.contribuyente_id)
        .where(IndexedPaqueteRow.id.in_([each for each in ids if isinstance(each, int)]))
    )
    return {row.id: row.rfc for row in await tx.execute(found)}


_OUTDATED: Final[tuple[ColumnElement[bool], ...]] = (
    IndexedPaqueteRow.kind == "xml",
    IndexedPaqueteRow.reader < READER,
)


def _paquete(row: IndexedPaqueteRow, rfc: str) -> StoredPaquete:
    return StoredPaquete(row.id, row.contribuyente_id, rfc, row.paquete_key, Direction(row.direction))
