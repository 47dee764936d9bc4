"""Quotas: the counters move by one conditional statement each, so that no two starts can pass the last place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from psycopg.rows import dict_row
from sqlalchemy import ColumnElement, bindparam, func, literal, make_url, select, text
from sqlalchemy.dialects.postgresql import insert

from acuse.accounts.model import Role, UserStatus
from acuse.accounts.tables import UserRow
from acuse.ar.crs.model import AlertKind, EstadoDescarga, Quota
from acuse.ar.crs.store.catalogue import offered
from acuse.ar.crs.tables import AlertRow, CertificadoRow, DescargaRow, QuotaRow
from acuse.kernel.audit import execute_and_take_head
from acuse.kernel.database import Transaction, driver_connection

# One statement: place taken, download written, or neither. Under READ COMMITTED the condition is asked again
# after waiting for another's lock on the row.
_WRITE: Final = """
    WITH cert AS ({cert}), quota AS (
        UPDATE crs_quotas SET pending = pending + 1, total = total + 1{more}
         WHERE user_id = %(user_id)s AND {where} AND EXISTS (SELECT 1 FROM cert)
        RETURNING pending, limite, total, cycle
    )
    INSERT INTO crs_descargas (id_descarga, id_usuario, id_certificado, controlador_id, certificado_nombre, fecha,
                               estado, logs, checksum, size_bytes, ip_origen, deliveries, created_at, updated_at)
    SELECT %(id)s, %(user_id)s, cert.id_certificado, cert.controlador_id, cert.nombre, %(now)s, %(estado)s,
           jsonb_build_array(
               jsonb_build_object('timestamp', CAST(%(stamp)s AS text), 'message', 'Descarga iniciada', 'step', 'INIT'),
               jsonb_build_object('timestamp', CAST(%(stamp)s AS text), 'step', 'QUOTA',
                                  'message', 'Cupo: ' || quota.pending || ' de ' || quota.limite || ' pendientes'),
               jsonb_build_object('timestamp', CAST(%(stamp)s AS text), 'step', 'CERT',
                                  'message', 'Certificado de ' || cert.controlador_id),
               jsonb_build_object('timestamp', CAST(%(stamp)s AS text), 'step', 'READY',
                                  'message', 'Lista para entregar')),
           cert.checksum, cert.size_bytes, %(ip)s, 0, %(now)s, %(now)s
      FROM cert, quota
    RETURNING (SELECT pending FROM quota), (SELECT limite FROM quota), (SELECT total FROM quota),
              (SELECT cycle FROM quota), controlador_id
"""
_DIALECT: Final = make_url("postgresql+psycopg://").get_dialect()()
_CERT: Final = select(
    CertificadoRow.id_certificado,
    CertificadoRow.controlador_id,
    CertificadoRow.nombre,
    CertificadoRow.checksum,
    CertificadoRow.size_bytes,
).where(CertificadoRow.id_certificado == bindparam("certificate"))
# What may be downloaded is asked within the statement: asked before it, a start would take one trip more.
_OFFERED: Final = _CERT.where(offered(bindparam("now"))).compile(dialect=_DIALECT)
_START: Final = _WRITE.format(cert=_OFFERED, more="", where="pending + reserved < limite")
_STARTED: Final = "EXISTS (SELECT 1 FROM crs_descargas WHERE id_descarga = %(id)s)"
_CONFIRM: Final = _WRITE.format(
    cert=_CERT.compile(dialect=_DIALECT), more=", reserved = reserved - 1", where="reserved > 0"
)
_RESERVE: Final = text("""
    UPDATE crs_quotas SET reserved = reserved + 1 WHERE user_id = :user_id AND pending + reserved < limite
    RETURNING user_id
""")
_RELEASE: Final = text("UPDATE crs_quotas SET reserved = reserved - 1 WHERE user_id = :user_id AND reserved > 0")

_FELL: Final = """
    (CASE WHEN {new} = 0 OR {new} * 100 < {limit} * 80 THEN 0 WHEN {new} >= {limit} THEN 2 ELSE 1 END) <
    (CASE WHEN pending = 0 OR pending * 100 < limite * 80 THEN 0 WHEN pending >= limite THEN 2 ELSE 1 END)
"""
_MOVE: Final = text(f"""
    UPDATE crs_quotas
       SET cycle = cycle + CAST(({_FELL.format(new="(pending + :step)", limit="limite")}) AS int),
           pending = pending + :step,
           total = total + :more
     WHERE user_id = :user_id
    RETURNING limite, pending, total, cycle
""")  # noqa: S608 - put together from constants
_LIMIT: Final = text(f"""
    UPDATE crs_quotas
       SET cycle = cycle + CAST(({_FELL.format(new="pending", limit="CAST(:limit AS bigint)")}) AS int),
           limite = :limit
     WHERE user_id = :user_id
    RETURNING limite, pending, total, cycle
""")  # noqa: S608 - put together from constants


async def start(tx: Transaction, **values: Any) -> Mapping[str, Any] | None:
    """Take a place and write the download; None when there is no place, no quota or no such certificate on offer.

    One that is written has the head of the audit too: everybody else who starts for this user waits for one trip less.
    """
    values |= {"estado": EstadoDescarga.PENDIENTE.value}
    return await execute_and_take_head(tx, _START, values, where=_STARTED)


async def confirm(tx: Transaction, **values: Any) -> Mapping[str, Any] | None:
    """Turn a reserved place into a download, whatever the limit is by now; None when nothing is reserved."""
    connection = await driver_connection(tx)
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CONFIRM, values | {"estado": EstadoDescarga.PENDIENTE.value})
        return await cursor.fetchone()


async def reserve(tx: Transaction, user_id: int) -> bool:
    """Take a place for an issuance; False when there is no quota or no place."""
    return (await tx.execute(_RESERVE, {"user_id": user_id})).first() is not None


async def release(tx: Transaction, user_id: int) -> None:
    """Give a reserved place back."""
    await tx.execute(_RELEASE, {"user_id": user_id})


async def ensure(tx: Transaction, user_id: int) -> None:
    """Give a user a quota with the limit they have, if there is none."""
    fresh = select(UserRow.id, UserRow.limite_descargas, literal(0), literal(0), literal(0), literal(0)).where(
        UserRow.id == user_id
    )
    columns = ["user_id", "limite", "pending", "total", "cycle", "blocked_attempts"]
    await tx.execute(insert(QuotaRow).from_select(columns, fresh).on_conflict_do_nothing())


def pending_of_user() -> ColumnElement[int]:
    """Answer the SQL of a user's pending downloads, for lists of users."""
    counted = select(QuotaRow.pending).where(QuotaRow.user_id == UserRow.id).correlate(UserRow)
    return func.coalesce(counted.scalar_subquery(), 0)


async def get(tx: Transaction, user_id: int, *, lock: bool = False) -> QuotaRow | None:
    """Answer a user's quota, locked until commit when asked."""
    query = select(QuotaRow).where(QuotaRow.user_id == user_id).execution_options(populate_existing=True)
    return (await tx.scalars(query.with_for_update() if lock else query)).one_or_none()


async def lock_all(tx: Transaction, user_ids: Sequence[int]) -> None:
    """Lock the quotas of these users in ascending order, so that two batches never wait for each other."""
    ids = select(QuotaRow.user_id).where(QuotaRow.user_id.in_(user_ids)).order_by(QuotaRow.user_id)
    await tx.execute(ids.with_for_update())


async def move(tx: Transaction, user_id: int, step: int, *, more: int = 0) -> Quota:
    """Change the number of pending downloads of a user, and with `more` that of all of them."""
    row = (await tx.execute(_MOVE, {"user_id": user_id, "step": step, "more": more})).one()
    return Quota(user_id=user_id, limite=row.limite, pending=row.pending, total=row.total, cycle=row.cycle)


async def set_limit(tx: Transaction, user_id: int, limit: int) -> Quota:
    """Change a user's limit."""
    row = (await tx.execute(_LIMIT, {"user_id": user_id, "limit": limit})).one()
    return Quota(user_id=user_id, limite=row.limite, pending=row.pending, total=row.total, cycle=row.cycle)


async def add_alert(tx: Transaction, **values: Any) -> bool:
    """Write an alert; False when its key was used before."""
    added = insert(AlertRow).values(**values).on_conflict_do_nothing(index_elements=["key"]).returning(AlertRow.id)
    return (await tx.execute(added)).scalar_one_or_none() is not None


async def get_alert(tx: Transaction, alert_id: UUID) -> tuple[AlertRow, str, str] | None:
    """Answer an alert with the name and tax id of its user."""
    query = select(AlertRow, UserRow.name, UserRow.tax_id).join(UserRow, UserRow.id == AlertRow.user_id)
    row = (await tx.execute(query.where(AlertRow.id == alert_id))).first()
    return None if row is None else (row[0], row[1], row[2])


async def administrators(tx: Transaction) -> Sequence[tuple[int, str]]:
    """Answer the active administrators with a mail address, each address once."""
    query = (
        select(func.min(UserRow.id), UserRow.mail)
        .where(
            UserRow.role == int(Role.ADMINISTRADOR),
            UserRow.status == UserStatus.ACTIVE,
            UserRow.deleted_at.is_(None),
            UserRow.mail != "",
        )
        .group_by(UserRow.mail)
        .order_by(func.min(UserRow.id))
    )
    return [(row[0], row[1]) for row in await tx.execute(query)]


async def near_limit(tx: Transaction, limit: int) -> Sequence[tuple[str, Quota]]:
    """Answer the users who have reached a threshold, the fullest first."""
    query = (
        select(UserRow.name, QuotaRow)
        .join(UserRow, UserRow.id == QuotaRow.user_id)
        .where(QuotaRow.pending > 0, QuotaRow.pending * 100 >= QuotaRow.limite * 80, UserRow.deleted_at.is_(None))
        .order_by((QuotaRow.limite - QuotaRow.pending), UserRow.id)
        .limit(limit)
    )
    return [(name, as_quota(row)) for name, row in await tx.execute(query)]


async def differences(tx: Transaction) -> Sequence[int]:
    """Answer the users whose counters are not what their downloads add up to, in one snapshot."""
    counted = (
        select(
            DescargaRow.id_usuario.label("user_id"),
            func.count().label("total"),
            func.count().filter(DescargaRow.estado == EstadoDescarga.PENDIENTE).label("pending"),
        )
        .group_by(DescargaRow.id_usuario)
        .subquery()
    )
    query = (
        select(func.coalesce(QuotaRow.user_id, counted.c.user_id))
        .select_from(QuotaRow)
        .join(counted, counted.c.user_id == QuotaRow.user_id, full=True)
        .where(
            (func.coalesce(QuotaRow.total, 0) != func.coalesce(counted.c.total, 0))
            | (func.coalesce(QuotaRow.pending, 0) != func.coalesce(counted.c.pending, 0))
        )
    )
    return (await tx.scalars(query)).all()


def as_quota(row: QuotaRow) -> Quota:
    """Answer the quota a row holds."""
    return Quota(
        user_id=row.user_id,
        limite=row.limite,
        pending=row.pending,
        total=row.total,
        cycle=row.cycle,
        reserved=row.reserved,
    )


def alert_key(user_id: int, cycle: int, kind: AlertKind, number: int = 0) -> str:
    """Answer the key of an alert: once per user, cycle and kind; blocked attempts have a number too."""
    return json.dumps([user_id, cycle, kind.value, number])
