"""Devices and their certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from acuse.ar.controladores import ControladorId
from acuse.ar.crs.model import Certificado, EstadoControlador
from acuse.ar.crs.tables import CertificadoRow, ControladorRow, DescargaRow, RadarRow
from acuse.kernel.database import Transaction

_Newer = aliased(CertificadoRow)


async def add_controlador(
    tx: Transaction,
    controlador: ControladorId,
    now: datetime,
    *,
    estado: EstadoControlador = EstadoControlador.ACTIVO,
) -> bool:
    """Write a device down, False when it is known; a certificate proves that its alta was done."""
    added = insert(ControladorRow).values(
        controlador_id=str(controlador),
        fabricante=controlador.fabricante,
        marca=controlador.marca,
        modelo=controlador.modelo,
        numero_serie=controlador.numero_serie,
        estado=estado,
        created_at=now,
    )
    return (
        await tx.execute(added.on_conflict_do_nothing().returning(ControladorRow.controlador_id))
    ).first() is not None


async def add(tx: Transaction, **values: Any) -> bool:
    """Put a certificate into the catalogue; False when the very same is there."""
    added = insert(CertificadoRow).values(values).on_conflict_do_nothing(index_elements=["fingerprint"])
    return (await tx.execute(added.returning(CertificadoRow.id_certificado))).first() is not None


async def earlier(tx: Transaction, controlador_id: str) -> tuple[str, str] | None:
    """Answer the hash of the public key, and the name, of a device's newest certificate."""
    query = (
        select(CertificadoRow.public_key_sha256, CertificadoRow.nombre)
        .where(CertificadoRow.controlador_id == controlador_id)
        .order_by(CertificadoRow.not_before.desc(), CertificadoRow.id_certificado.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).first()
    return None if row is None else (row.public_key_sha256, row.nombre)


async def get(tx: Transaction, certificate_id: UUID, user_id: int | None) -> Certificado | None:
    """Answer one certificate as this user sees it."""
    row = (await tx.execute(_shown(user_id).where(CertificadoRow.id_certificado == certificate_id))).first()
    return None if row is None else _certificado(row)


async def of_device(tx: Transaction, controlador_id: str, at: datetime) -> Certificado | None:
    """Answer the certificate a device had at an instant: the newest begun by then, else its first."""
    begun = CertificadoRow.not_before <= at
    query = (
        _shown(None)
        .where(CertificadoRow.controlador_id == controlador_id)
        .order_by(begun.desc(), case((begun, CertificadoRow.not_before)).desc(), CertificadoRow.not_before)
        .limit(1)
    )
    row = (await tx.execute(query)).first()
    return None if row is None else _certificado(row)


async def search(
    tx: Transaction,
    user_id: int | None,
    *,
    controlador: str | None,
    words: str,
    key: str,
    limit: int,
    offset: int = 0,
    current_at: datetime | None = None,
) -> Sequence[Certificado]:
    """Answer certificates by device; `words` are looked for in the name, `key` in the device's id.

    With `current_at` only those in force then, not replaced, of devices that still work.
    """
    query = _shown(user_id)
    if controlador is not None:
        query = query.where(CertificadoRow.controlador_id == controlador)
    if words:
        found = CertificadoRow.search_key.contains(words, autoescape=True)
        by_id = CertificadoRow.controlador_id.contains(key, autoescape=True)
        query = query.where(or_(found, by_id) if key else found)
    if current_at is not None:
        query = query.where(offered(current_at))
    query = query.order_by(
        CertificadoRow.controlador_id, CertificadoRow.not_before.desc(), CertificadoRow.id_certificado.desc()
    )
    return [_certificado(row) for row in await tx.execute(query.offset(offset).limit(limit))]


async def ending(tx: Transaction, user_id: int | None, *, after: datetime, until: datetime) -> Sequence[Certificado]:
    """Answer the certificates not replaced, of devices that work, that end in this span.

    With a user those of devices they downloaded.
    """
    query = (
        _shown(user_id)
        .where(CertificadoRow.not_after >= after, CertificadoRow.not_after <= until, ~_replaced(), ~_discharged())
        .order_by(CertificadoRow.not_after, CertificadoRow.id_certificado)
    )
    if user_id is not None:
        theirs = exists().where(
            DescargaRow.id_usuario == user_id, DescargaRow.controlador_id == CertificadoRow.controlador_id
        )
        query = query.where(theirs)
    return [_certificado(row) for row in await tx.execute(query)]


async def mark_told(tx: Transaction, certificate_id: UUID, days: int, now: datetime) -> bool:
    """Note that a certificate was told of at this distance; False when it was before."""
    added = insert(RadarRow).values(id_certificado=certificate_id, days=days, told_at=now).on_conflict_do_nothing()
    return (await tx.execute(added.returning(RadarRow.days))).first() is not None


async def count(tx: Transaction) -> int:
    """Answer how many certificates the catalogue holds."""
    return (await tx.execute(select(func.count()).select_from(CertificadoRow))).scalar_one()


def offered(at: Any) -> ColumnElement[bool]:
    """Answer the SQL of what may be downloaded then; `Certificado.why_not_offered` puts the same into words."""
    return and_(CertificadoRow.not_after >= at, ~_replaced(), ~_discharged())


def _replaced() -> Any:
    newer = tuple_(_Newer.not_before, _Newer.id_certificado) > tuple_(
        CertificadoRow.not_before, CertificadoRow.id_certificado
    )
    return exists().where(and_(_Newer.controlador_id == CertificadoRow.controlador_id, newer))


def _discharged() -> Any:
    return exists().where(
        ControladorRow.controlador_id == CertificadoRow.controlador_id,
        # Written out, so that the compiled text of a start stands by itself.
        ControladorRow.estado == literal_column(f"'{EstadoControlador.BAJA.value}'"),
    )


def _shown(user_id: int | None) -> Select[*tuple[Any, ...]]:
    downloaded = (
        literal(value=False)
        if user_id is None
        else exists().where(
            DescargaRow.id_usuario == user_id, DescargaRow.id_certificado == CertificadoRow.id_certificado
        )
    )
    return select(
        CertificadoRow,
        _replaced().label("replaced"),
        _discharged().label("discharged"),
        downloaded.label("downloaded"),
    )


def _certificado(found: Row[*tuple[Any, ...]]) -> Certificado:
    row, replaced, discharged, downloaded = found
    return Certificado(
        id=row.id_certificado,
        nombre=row.nombre,
        controlador_id=row.controlador_id,
        archivo_referencia=row.archivo_referencia,
        file_name=row.file_name,
        serial=row.serial,
        issuer=row.issuer,
        not_before=row.not_before,
        not_after=row.not_after,
        fingerprint=row.fingerprint,
        key_bits=row.key_bits,
        size_bytes=row.size_bytes,
        checksum=row.checksum,
        extra=row.extra,
        created_at=row.created_at,
        updated_at=row.updated_at,
        replaced=replaced,
        discharged=discharged,
        downloaded=downloaded,
    )
