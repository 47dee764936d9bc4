"""The queries of the list: a version in by COPY, counterparts matched by one statement over all stored CFDIs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.mx.listas.model import Listed, Version
from acuse.mx.listas.tables import VersionRow
from acuse.mx.outside.sat_listas.wire import publication

# Rows whose RFC was taken out by law (only X) are nobody's.
_MATCH: Final = text("""
    insert into lista_69b_avisos (contribuyente_id, rfc, situacion, version_id, found_at)
    select distinct p.contribuyente_id, l.rfc, l.situacion, l.version_id, cast(:now as timestamptz)
      from lista_69b l
      join contrapartes p on p.rfc = l.rfc
     where l.version_id = :version and p.contribuyente_id = coalesce(cast(:one as bigint), p.contribuyente_id)
       and l.situacion in ('Presunto', 'Definitivo') and l.rfc !~ '^X+$'
       and exists (select 1 from cfdi c where c.contraparte_id = p.id)
    on conflict do nothing
    returning contribuyente_id
""")
_LISTED: Final = """
    select t.rfc as contribuyente, l.rfc, l.nombre, l.situacion, l.notices,
           (select min(v.as_of) from lista_69b e join lista_69b_versiones v on v.id = e.version_id
             where e.rfc = l.rfc and e.situacion = l.situacion) as since,
           count(*) as cfdis, count(*) filter (where c.direction = 'R') as received,
           coalesce(sum(c.total * coalesce(c.tipo_cambio, 1))
                    filter (where c.estado is distinct from 'cancelado'), 0) as monto
      from (select rfc, situacion, max(nombre) as nombre, max(notices) as notices from lista_69b
             where version_id = :version and rfc !~ '^X+$' group by rfc, situacion) l
      join contrapartes p on p.rfc = l.rfc and p.contribuyente_id = any(:ids)
      join contribuyentes t on t.id = p.contribuyente_id
      join cfdi c on c.contraparte_id = p.id
     {only}
     group by t.rfc, l.rfc, l.nombre, l.situacion, l.notices
     order by array_position(array['Definitivo', 'Presunto'], l.situacion), l.situacion, monto desc, l.rfc, t.rfc
"""
_ALL: Final = text(_LISTED.format(only=""))
_TOLD_AT: Final = text(
    _LISTED.format(
        only="""join lista_69b_avisos a on a.contribuyente_id = t.id and a.rfc = l.rfc and a.situacion = l.situacion
                 and a.found_at = cast(:at as timestamptz)"""
    )
)


class ListaStore:
    """Versions and matches."""

    async def add(self, tx: Transaction, values: dict[str, Any]) -> int | None:
        """Write a version and answer its id; None when it is known."""
        statement = insert(VersionRow).values(values).on_conflict_do_nothing().returning(VersionRow.id)
        return (await tx.execute(statement)).scalar_one_or_none()

    async def counted(self, tx: Transaction, version_id: int, rows: int, suppressed: int) -> None:
        """Write how many lines a version has."""
        row = await tx.get_one(VersionRow, version_id)
        row.rows, row.suppressed = rows, suppressed
        await tx.flush()

    async def newest(self, tx: Transaction) -> Version | None:
        """Answer the version whose inner date is the latest."""
        found = await self.versions(tx, 1)
        return found[0] if found else None

    async def versions(self, tx: Transaction, limit: int) -> list[Version]:
        """Answer the versions kept, the latest inner date first."""
        rows = await tx.execute(select(VersionRow).order_by(VersionRow.as_of.desc(), VersionRow.id.desc()).limit(limit))
        return [_version(row) for row in rows.scalars()]

    async def by_hash(self, tx: Transaction, sha256: str) -> Version | None:
        """Answer a version by its content."""
        row = (await tx.execute(select(VersionRow).where(VersionRow.sha256 == sha256))).scalar_one_or_none()
        return None if row is None else _version(row)

    async def match(self, tx: Transaction, version_id: int, now: datetime, contribuyente_id: int | None) -> set[int]:
        """Note counterparts that are listed and were not told so before; answer whose they are."""
        rows = await tx.execute(_MATCH, {"version": version_id, "now": now, "one": contribuyente_id})
        return set(rows.scalars())

    async def listed(
        self, tx: Transaction, version_id: int, contribuyente_ids: Sequence[int], *, told_at: datetime | None = None
    ) -> list[Listed]:
        """Answer the counterparts of these taxpayers in a version; with `told_at` only those noted at that instant."""
        values: dict[str, Any] = {"version": version_id, "ids": list(contribuyente_ids)}
        found = (
            await tx.execute(_ALL, values) if told_at is None else await tx.execute(_TOLD_AT, values | {"at": told_at})
        )
        return [
            Listed(
                contribuyente=row.contribuyente,
                rfc=row.rfc,
                nombre=row.nombre,
                situacion=row.situacion,
                since=row.since,
                published=publication(row.situacion, row.notices),
                cfdis=row.cfdis,
                received=row.received,
                monto_mxn=row.monto,
            )
            for row in found
        ]


def _version(row: VersionRow) -> Version:
    return Version(
        id=row.id,
        as_of=row.as_of,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        rows=row.rows,
        suppressed=row.suppressed,
        origin=row.origin,
        imported_at=row.imported_at,
    )
