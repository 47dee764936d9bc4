"""Which downloads belong into a statement, and the statements there are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from acuse.accounts.tables import UserRow
from acuse.ar.crs.model import EstadoDescarga
from acuse.ar.resumenes.model import Kind, Line, Month, Resumen
from acuse.ar.resumenes.tables import CierreRow, LineaRow, ResumenRow
from acuse.kernel.database import Database, Transaction

_SNAPSHOT: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
# What each statement-to-be says of each download: those of the month, those that came into a month already closed, and
# those whose state is no longer the one told last.
_LINES: Final = """
    WITH last AS (
        SELECT DISTINCT ON (id_descarga) id_descarga, estado FROM crs_resumen_lineas
         ORDER BY id_descarga, closed_at DESC
    )
    SELECT d.id_usuario, d.id_descarga, d.fecha, d.controlador_id, d.id_certificado, d.checksum, d.size_bytes, d.estado,
           d.certificado_nombre, last.estado AS before
      FROM crs_descargas d LEFT JOIN last ON last.id_descarga = d.id_descarga
     WHERE d.fecha < :end {more}
       AND ((last.id_descarga IS NOT NULL AND last.estado <> d.estado)
            OR (last.id_descarga IS NULL
                AND (d.fecha >= :start OR EXISTS (
                    SELECT 1 FROM crs_cierres c
                     WHERE c.mes = to_char(d.fecha AT TIME ZONE 'America/Argentina/Buenos_Aires', 'YYYY-MM')))))
"""
_USERS: Final = text(f"SELECT DISTINCT id_usuario FROM ({_LINES.format(more='')}) AS lines ORDER BY 1")  # noqa: S608 - constants
_OF_USER: Final = text(_LINES.format(more="AND d.id_usuario = :user_id") + " ORDER BY d.fecha, d.id_descarga")


async def snapshot(tx: Transaction) -> None:
    """Let all that is read in this transaction be of one instant. Must come first."""
    await tx.execute(_SNAPSHOT)


async def users(tx: Transaction, month: Month) -> Sequence[int]:
    """Answer the users with anything to state for a month."""
    return (await tx.scalars(_USERS, {"start": month.start, "end": month.end})).all()


async def lines(tx: Transaction, month: Month, user_id: int) -> list[Line]:
    """Answer the lines of one user's statement, oldest download first."""
    found = await tx.execute(_OF_USER, {"start": month.start, "end": month.end, "user_id": user_id})
    return [_line(row, month) for row in found.mappings()]


async def user(tx: Transaction, user_id: int) -> tuple[str, str, str]:
    """Answer name, tax id and mail address of a user."""
    query = select(UserRow.name, UserRow.tax_id, UserRow.mail).where(UserRow.id == user_id)
    row = (await tx.execute(query)).one()
    return row[0], row[1], row[2]


async def previous(tx: Transaction, user_id: int) -> str:
    """Answer the hash of a user's latest statement; empty for the first."""
    query = select(ResumenRow.document).where(ResumenRow.id_usuario == user_id)
    query = query.order_by(ResumenRow.closed_at.desc(), ResumenRow.mes.desc()).limit(1)
    document = (await tx.execute(query)).scalar_one_or_none()
    return "" if document is None else hashlib.sha256(document.encode()).hexdigest()


async def is_closed(tx: Transaction, month: Month) -> bool:
    """Answer whether a month was closed for everybody."""
    return (await tx.execute(select(exists().where(CierreRow.mes == str(month))))).scalar_one()


async def has_statement(tx: Transaction, month: Month, user_id: int) -> bool:
    """Answer whether a user has a statement of a month."""
    query = exists().where(ResumenRow.mes == str(month), ResumenRow.id_usuario == user_id)
    return (await tx.execute(select(query))).scalar_one()


async def close_month(tx: Transaction, month: Month, now: datetime) -> int:
    """Write down that a month is closed; answer how many statements it has."""
    counted = select(func.count()).select_from(ResumenRow).where(ResumenRow.mes == str(month))
    number = int((await tx.execute(counted)).scalar_one())
    added = insert(CierreRow).values(mes=str(month), resumenes=number, closed_at=now).on_conflict_do_nothing()
    await tx.execute(added)
    return number


async def add(tx: Transaction, database: Database, one: Resumen, before: str, stated: Sequence[Line]) -> bool:
    """Write a statement with its lines; False when the user has one, or another or the month was closed meanwhile.

    While it is being written nobody can say that the month is closed.
    """
    await tx.execute(text("LOCK TABLE crs_cierres IN SHARE MODE"))
    if await is_closed(tx, one.mes):
        return False
    values = {name: getattr(one, name) for name in _FIGURES}
    added = insert(ResumenRow).values(
        id_resumen=one.id, mes=str(one.mes), previous=before, id_usuario=one.id_usuario, **values
    )
    if (await tx.execute(added.on_conflict_do_nothing().returning(ResumenRow.id_resumen))).first() is None:
        return False
    rows = ((one.id, line.id_descarga, line.kind.value, line.estado.value, one.closed_at) for line in stated)
    columns = ("id_resumen", "id_descarga", "kind", "estado", "closed_at")
    await database.copy_rows(tx, LineaRow.__tablename__, columns, rows)
    return True


async def ids(tx: Transaction, month: Month) -> set[str]:
    """Answer the ids of a month's statements."""
    return {str(found) for found in await tx.scalars(select(ResumenRow.id_resumen).where(ResumenRow.mes == str(month)))}


async def get(tx: Transaction, resumen_id: UUID, *, owner: int | None = None) -> Resumen | None:
    """Answer a statement; with an owner only one of theirs."""
    query = _of(owner).where(ResumenRow.id_resumen == resumen_id)
    row = (await tx.scalars(query)).one_or_none()
    return None if row is None else _resumen(row)


async def page(tx: Transaction, *, owner: int | None, mes: str | None, offset: int, limit: int) -> Sequence[Resumen]:
    """Answer statements, the newest month first."""
    query = _of(owner) if mes is None else _of(owner).where(ResumenRow.mes == mes)
    query = query.order_by(ResumenRow.mes.desc(), ResumenRow.nombre, ResumenRow.id_resumen).offset(offset).limit(limit)
    return [_resumen(row) for row in await tx.scalars(query)]


async def count(tx: Transaction, *, owner: int | None, mes: str | None) -> int:
    """Answer how many statements there are."""
    query = _of(owner) if mes is None else _of(owner).where(ResumenRow.mes == mes)
    return int((await tx.execute(select(func.count()).select_from(query.subquery()))).scalar_one())


async def by_file(tx: Transaction, sha256: str) -> Resumen | None:
    """Answer the statement one of whose files has this hash."""
    same = or_(ResumenRow.csv_sha256 == sha256, ResumenRow.pdf_sha256 == sha256)
    row = (await tx.scalars(select(ResumenRow).where(same).limit(1))).one_or_none()
    return None if row is None else _resumen(row)


_FIGURES: Final = (
    *("nombre", "cuit", "descargas", "tardias", "correcciones", "pendientes", "facturadas"),
    *("csv_sha256", "pdf_sha256", "document", "closed_at"),
)


def _of(owner: int | None) -> Select[*tuple[ResumenRow]]:
    query = select(ResumenRow)
    return query if owner is None else query.where(ResumenRow.id_usuario == owner)


def _resumen(row: ResumenRow) -> Resumen:
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIGURES}
    return Resumen(id=row.id_resumen, id_usuario=row.id_usuario, mes=Month.parse(row.mes), **values)


def _line(row: Any, month: Month) -> Line:
    kind = Kind.CORRECCION if row["before"] else Kind.DESCARGA if row["fecha"] >= month.start else Kind.TARDIA
    return Line(
        kind=kind,
        id_descarga=row["id_descarga"],
        fecha=row["fecha"],
        controlador_id=row["controlador_id"],
        id_certificado=row["id_certificado"],
        certificado_nombre=row["certificado_nombre"],
        checksum=row["checksum"],
        size_bytes=row["size_bytes"],
        estado=EstadoDescarga(row["estado"]),
        estado_anterior=EstadoDescarga(row["before"]) if row["before"] else None,
    )
