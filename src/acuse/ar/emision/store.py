"""Issuances, the pause, the credential and the tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from acuse.accounts.tables import UserRow
from acuse.ar.crs.model import EstadoControlador
from acuse.ar.crs.tables import ControladorRow
from acuse.ar.emision.model import Emision, Pause
from acuse.ar.emision.tables import CredentialRow, EmisionRow, PauseRow, TicketRow
from acuse.kernel.database import Transaction

_CREDENTIAL_ID: Final = 1


async def add(tx: Transaction, row: EmisionRow) -> bool:
    """Write an issuance; False when its device has an open one."""
    values = {column.name: getattr(row, column.key) for column in EmisionRow.__table__.columns}
    added = (
        insert(EmisionRow)
        .values(values)
        .on_conflict_do_nothing(index_elements=["controlador_id"], index_where=EmisionRow.finished_at.is_(None))
    )
    return (await tx.execute(added.returning(EmisionRow.id_emision))).first() is not None


async def remove(tx: Transaction, emision_id: UUID) -> None:
    """Take back an issuance written in this transaction."""
    await tx.execute(delete(EmisionRow).where(EmisionRow.id_emision == emision_id))


async def lock(tx: Transaction, emision_id: UUID) -> EmisionRow | None:
    """Answer an issuance, locked until commit."""
    query = select(EmisionRow).where(EmisionRow.id_emision == emision_id).with_for_update()
    return (await tx.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def open_for(tx: Transaction, controlador_id: str) -> Emision | None:
    """Answer the open issuance of a device."""
    query = _shown().where(EmisionRow.controlador_id == controlador_id, EmisionRow.finished_at.is_(None))
    row = (await tx.execute(query)).first()
    return None if row is None else _emision(row[0], row[1])


async def get(tx: Transaction, emision_id: UUID, *, owner: int | None = None) -> Emision | None:
    """Answer an issuance; with an owner only one of theirs."""
    query = _shown().where(EmisionRow.id_emision == emision_id)
    row = (await tx.execute(query if owner is None else query.where(EmisionRow.id_usuario == owner))).first()
    return None if row is None else _emision(row[0], row[1])


async def page(tx: Transaction, *, owner: int | None, offset: int, limit: int) -> Sequence[Emision]:
    """Answer issuances, newest first."""
    query = _shown().order_by(EmisionRow.created_at.desc(), EmisionRow.id_emision.desc()).offset(offset).limit(limit)
    query = query if owner is None else query.where(EmisionRow.id_usuario == owner)
    return [_emision(row, name) for row, name in await tx.execute(query)]


async def count(tx: Transaction, *, owner: int | None) -> int:
    """Answer how many issuances there are."""
    query = select(func.count()).select_from(EmisionRow)
    return int((await tx.execute(query if owner is None else query.where(EmisionRow.id_usuario == owner))).scalar_one())


async def forgotten(tx: Transaction, now: datetime, after: timedelta) -> Sequence[tuple[UUID, str]]:
    """Answer the open issuances, with their devices, for which something was due this long ago."""
    due = func.coalesce(EmisionRow.next_at, EmisionRow.updated_at)
    query = select(EmisionRow.id_emision, EmisionRow.controlador_id).where(
        EmisionRow.finished_at.is_(None), due < now - after
    )
    return [(row[0], row[1]) for row in await tx.execute(query.order_by(EmisionRow.created_at))]


async def user_name(tx: Transaction, user_id: int) -> str:
    """Answer who asked."""
    return (await tx.execute(select(UserRow.name).where(UserRow.id == user_id))).scalar_one()


async def estado_of(tx: Transaction, controlador_id: str) -> EstadoControlador | None:
    """Answer what is known of a device."""
    query = select(ControladorRow.estado).where(ControladorRow.controlador_id == controlador_id)
    return (await tx.execute(query)).scalar_one_or_none()


async def set_estado(tx: Transaction, controlador_id: str, estado: EstadoControlador) -> None:
    """Note what ARCA says of a device, where we know the device."""
    mine = update(ControladorRow).where(ControladorRow.controlador_id == controlador_id)
    await tx.execute(mine.values(estado=estado))


# The pause


async def pause(tx: Transaction, service: str) -> PauseRow | None:
    """Answer the breaker's row."""
    query = select(PauseRow).where(PauseRow.service == service).execution_options(populate_existing=True)
    return (await tx.scalars(query)).one_or_none()


async def set_pause(tx: Transaction, service: str, **values: Any) -> None:
    """Change the breaker."""
    added = insert(PauseRow).values(service=service, **values)
    await tx.execute(added.on_conflict_do_update(index_elements=["service"], set_=values))


async def take_probe(tx: Transaction, service: str, now: datetime, until: datetime) -> bool:
    """After a pause let one caller through and hold the others until then; True for the one."""
    mine = update(PauseRow).where(PauseRow.service == service, PauseRow.until <= now).values(until=until)
    return (await tx.execute(mine.returning(PauseRow.service))).first() is not None


def as_pause(row: PauseRow | None, now: datetime) -> Pause | None:
    """Answer the pause a row tells of, while it lasts."""
    if row is None or row.until is None or row.until <= now:
        return None
    return Pause(until=row.until, reason=row.reason or "", since=row.since or now)


# The credential and its tickets


async def credential(tx: Transaction) -> CredentialRow | None:
    """Answer the company's credential."""
    query = select(CredentialRow).where(CredentialRow.id == _CREDENTIAL_ID).execution_options(populate_existing=True)
    return (await tx.scalars(query)).one_or_none()


async def keep_credential(tx: Transaction, **values: Any) -> None:
    """Put the credential in place of the one there is."""
    added = insert(CredentialRow).values(id=_CREDENTIAL_ID, **values)
    await tx.execute(added.on_conflict_do_update(index_elements=["id"], set_=values))


async def remove_credential(tx: Transaction) -> None:
    """Remove the credential and every ticket got with it."""
    for table in (CredentialRow, TicketRow):
        await tx.execute(delete(table))


async def ticket(tx: Transaction, name: str) -> TicketRow | None:
    """Answer the ticket of this name."""
    query = select(TicketRow).where(TicketRow.name == name).execution_options(populate_existing=True)
    return (await tx.scalars(query)).one_or_none()


async def claim_ticket(tx: Transaction, name: str, now: datetime, until: datetime) -> bool:
    """Become the one who asks for a new ticket until then; False while another is."""
    await tx.execute(insert(TicketRow).values(name=name).on_conflict_do_nothing())
    free = or_(TicketRow.asking_until.is_(None), TicketRow.asking_until <= now)
    mine = update(TicketRow).where(and_(TicketRow.name == name, free)).values(asking_until=until)
    return (await tx.execute(mine.returning(TicketRow.name))).first() is not None


async def set_ticket(tx: Transaction, name: str, **values: Any) -> None:
    """Change a ticket's row."""
    await tx.execute(update(TicketRow).where(TicketRow.name == name).values(**values))


async def drop_ticket(tx: Transaction, name: str, expires_at: datetime) -> None:
    """Forget a ticket that was refused, unless a newer one is there already."""
    mine = update(TicketRow).where(TicketRow.name == name, TicketRow.expires_at == expires_at)
    await tx.execute(mine.values(sealed_ticket=None, expires_at=None))


def _shown() -> Select[*tuple[EmisionRow, str]]:
    return select(EmisionRow, UserRow.name).join(UserRow, UserRow.id == EmisionRow.id_usuario)


def _emision(row: EmisionRow, name: str) -> Emision:
    return Emision(
        id=row.id_emision,
        id_usuario=row.id_usuario,
        usuario_nombre=name,
        controlador_id=row.controlador_id,
        tramite=row.tramite,
        estado=row.estado,
        intentos=row.intentos,
        motivo=row.motivo,
        motivo_codigo=row.motivo_codigo,
        historia=row.historia,
        id_certificado=row.id_certificado,
        id_descarga=row.id_descarga,
        next_at=row.next_at,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
