"""Downloads: lists, states, deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, case, cast, func, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB

from acuse.accounts.tables import UserRow
from acuse.ar.crs.model import CURRENCY, LOG_MAX, Descarga, DescargaFilter, EstadoDescarga, LoggedDescarga
from acuse.ar.crs.store import days
from acuse.ar.crs.tables import DescargaRow, QuotaRow
from acuse.kernel import csv
from acuse.kernel.database import Transaction
from acuse.kernel.money import Money

# Columns, not entities: a list of them is never changed, and making each an entity costs more than reading it.
_LISTED: Final = (
    DescargaRow.id_descarga.label("id"),
    DescargaRow.id_usuario,
    UserRow.name.label("usuario_nombre"),
    DescargaRow.id_certificado,
    DescargaRow.controlador_id,
    DescargaRow.certificado_nombre,
    DescargaRow.fecha,
    DescargaRow.estado,
    DescargaRow.checksum,
    DescargaRow.size_bytes,
    DescargaRow.ip_origen,
    DescargaRow.deliveries,
    DescargaRow.precio,
    DescargaRow.moneda,
    DescargaRow.updated_at,
)
_NAMES: Final = tuple(column.key for column in _LISTED)


async def get(tx: Transaction, download_id: UUID, *, owner: int | None = None) -> LoggedDescarga | None:
    """Answer a download with its log; with an owner only one of theirs."""
    query = _shown().add_columns(DescargaRow.logs).where(DescargaRow.id_descarga == download_id)
    query = query if owner is None else query.where(DescargaRow.id_usuario == owner)
    row = (await tx.execute(query)).mappings().first()
    return None if row is None else LoggedDescarga(**_told(dict(row)))


async def page(tx: Transaction, wanted: DescargaFilter, *, offset: int, limit: int) -> Sequence[Descarga]:
    """Answer a page of downloads, newest first, by number: of a later one the ids first, the rows only of the page."""
    if not offset:
        return await after(tx, wanted, last=None, limit=limit)
    ids = _newest(_filtered(select(DescargaRow.id_descarga), wanted)).offset(offset).limit(limit).subquery()
    query = _newest(_shown().where(DescargaRow.id_descarga.in_(select(ids.c.id_descarga))))
    return [_descarga(row) for row in await tx.execute(query)]


async def after(
    tx: Transaction, wanted: DescargaFilter, *, last: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Descarga]:
    """Answer the downloads behind the last one seen, newest first."""
    query = _filtered(_shown(), wanted)
    if last is not None:
        query = query.where(tuple_(DescargaRow.fecha, DescargaRow.id_descarga) < last)
    return [_descarga(row) for row in await tx.execute(_newest(query).limit(limit))]


async def count(tx: Transaction, wanted: DescargaFilter) -> int:
    """Answer how many downloads there are: from counters and counted days where they can tell, else counted."""
    if wanted.controlador or wanted.cuit or wanted.desde or wanted.hasta:
        counted = _filtered(select(func.count()).select_from(DescargaRow), wanted)
        if not (wanted.controlador or wanted.cuit or wanted.estado):
            counted = days.total(counted, wanted)
        return int((await tx.execute(counted)).scalar_one())
    figure: ColumnElement[Any] = QuotaRow.__table__.c.total
    if wanted.estado is EstadoDescarga.PENDIENTE:
        figure = QuotaRow.__table__.c.pending
    elif wanted.estado is EstadoDescarga.FACTURADO:
        figure = QuotaRow.__table__.c.total - QuotaRow.__table__.c.pending
    query = select(func.coalesce(func.sum(figure), 0))
    if wanted.usuario_id is not None:
        query = query.where(QuotaRow.user_id == wanted.usuario_id)
    return int((await tx.execute(query)).scalar_one())


def report(wanted: DescargaFilter) -> Select[Any]:
    """Answer the query of the CSV of downloads, newest first."""
    query = select(
        DescargaRow.id_descarga.label("id_descarga"),
        csv.instant(DescargaRow.fecha).label("fecha"),
        csv.free_text(UserRow.name).label("usuario"),
        csv.cuit(UserRow.tax_id).label("cuit"),
        csv.free_text(DescargaRow.certificado_nombre).label("certificado_nombre"),
        DescargaRow.controlador_id.label("controlador_id"),
        cast(DescargaRow.estado, Text).label("estado"),
        DescargaRow.size_bytes.label("tamaño"),
        DescargaRow.checksum.label("checksum"),
        DescargaRow.ip_origen.label("ip_origen"),
        DescargaRow.precio.label("precio"),
        DescargaRow.moneda.label("moneda"),
    ).join(UserRow, UserRow.id == DescargaRow.id_usuario)
    return _newest(_filtered(query, wanted))


async def lock_states(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, tuple[int, EstadoDescarga]]:
    """Answer owner and state of these downloads, locked until commit in the order of their ids."""
    query = (
        select(DescargaRow.id_descarga, DescargaRow.id_usuario, DescargaRow.estado)
        .where(DescargaRow.id_descarga.in_(ids))
        .order_by(DescargaRow.id_descarga)
        .with_for_update()
    )
    return {row[0]: (row[1], row[2]) for row in await tx.execute(query)}


async def owners(tx: Transaction, ids: Sequence[UUID]) -> Sequence[int]:
    """Answer whose these downloads are, in ascending order."""
    query = select(DescargaRow.id_usuario).where(DescargaRow.id_descarga.in_(ids)).distinct()
    return sorted((await tx.scalars(query)).all())


async def set_states(tx: Transaction, ids: Sequence[UUID], estado: EstadoDescarga, now: datetime) -> None:
    """Put these downloads into a state."""
    await tx.execute(update(DescargaRow).where(DescargaRow.id_descarga.in_(ids)).values(estado=estado, updated_at=now))


async def add(tx: Transaction, **values: Any) -> None:
    """Write a download of another program as it was."""
    await tx.execute(insert(DescargaRow).values(values))


async def add_log(tx: Transaction, download_id: UUID, entry: dict[str, str], *, delivered: bool) -> int:
    """Add a line to a download's log, which keeps its first hundred; answer how often it was delivered."""
    longer = func.jsonb_array_length(DescargaRow.logs) < LOG_MAX
    joined = DescargaRow.logs.op("||")(cast([entry], JSONB))
    statement = (
        update(DescargaRow)
        .where(DescargaRow.id_descarga == download_id)
        .values(
            logs=case((longer, joined), else_=DescargaRow.logs),
            deliveries=DescargaRow.deliveries + int(delivered),
        )
        .returning(DescargaRow.deliveries)
    )
    return (await tx.execute(statement)).scalar_one()


def _shown() -> Select[*tuple[Any, ...]]:
    return select(*_LISTED).join_from(DescargaRow, UserRow, UserRow.id == DescargaRow.id_usuario)


def _filtered(query: Select[*tuple[Any, ...]], wanted: DescargaFilter) -> Select[*tuple[Any, ...]]:
    if wanted.estado is not None:
        query = query.where(DescargaRow.estado == wanted.estado)
    if wanted.usuario_id is not None:
        query = query.where(DescargaRow.id_usuario == wanted.usuario_id)
    if wanted.controlador is not None:
        query = query.where(DescargaRow.controlador_id == wanted.controlador)
    if wanted.cuit is not None:
        theirs = select(UserRow.id).where(UserRow.tax_id.contains(wanted.cuit, autoescape=True))
        query = query.where(DescargaRow.id_usuario.in_(theirs))
    if wanted.since is not None:
        query = query.where(DescargaRow.fecha >= wanted.since)
    if wanted.before is not None:
        query = query.where(DescargaRow.fecha < wanted.before)
    return query


def _newest(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return query.order_by(DescargaRow.fecha.desc(), DescargaRow.id_descarga.desc())


def _descarga(row: Row[*tuple[Any, ...]]) -> Descarga:
    return Descarga(**_told(dict(zip(_NAMES, row, strict=True))))


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Put a price together with its currency."""
    precio, moneda = values["precio"], values.pop("moneda")
    values["precio"] = None if precio is None else Money(precio, moneda or CURRENCY)
    return values
