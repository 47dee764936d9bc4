"""Solicitudes and their story."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from acuse.kernel.database import Transaction
from acuse.kernel.paging import Cursor
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import Periodo
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.store.claims import Claim
from acuse.mx.descarga.tables import HistoryRow, SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Efecto, EstadoComprobante, Familia, Sentido, TipoSolicitud

_ASKING = (Estado.EN_PROCESO, Estado.LISTA)


@dataclass(frozen=True, kw_only=True)
class Filtros:
    """Which solicitudes a list shows; None leaves a field open."""

    estado: Estado | None = None
    tipo: TipoSolicitud | None = None
    sentido: Sentido | None = None
    familia: Familia | None = None
    plan_id: UUID | None = None
    parent_id: UUID | None = None
    whole: bool = False
    """Only what was asked for; the parts of divided ones are left out."""
    desde: datetime | None = None
    hasta: datetime | None = None


class SolicitudStore:
    """Reads and writes solicitudes."""

    async def reserve(
        self,
        tx: Transaction,
        *,
        contribuyente_id: int,
        rfc: str,
        parametros: Parametros,
        estado: Estado,
        next_check_at: datetime | None,
        now: datetime,
        who: str,
        plan: tuple[UUID, str] | None = None,
        parent_id: UUID | None = None,
        repeats_id: UUID | None = None,
        daily_run_id: UUID | None = None,
        attempt: int = 1,
    ) -> SolicitudRow | None:
        """Write the intent; None when a solicitud with the same parameters, or in the same slot, exists."""
        values = {
            **same_parameters(contribuyente_id, parametros),
            "id": uuid4(),
            "rfc": rfc,
            "plan_id": plan[0] if plan else None,
            "plan_slot": plan[1] if plan else None,
            "parent_id": parent_id,
            "repeats_id": repeats_id,
            "daily_run_id": daily_run_id,
            "attempt": attempt,
            "estado": estado,
            "mensaje": "",
            "next_check_at": next_check_at,
            "created_at": now,
            "created_by": who,
        }
        statement = insert(SolicitudRow).values(values).on_conflict_do_nothing().returning(SolicitudRow)
        return (await tx.execute(statement)).scalar_one_or_none()

    async def equal_to(self, tx: Transaction, contribuyente_id: int, parametros: Parametros) -> SolicitudRow | None:
        """Answer the solicitud with every parameter equal, of several the last."""
        same = [
            getattr(SolicitudRow, name) == value
            for name, value in same_parameters(contribuyente_id, parametros).items()
        ]
        found = select(SolicitudRow).where(*same).order_by(SolicitudRow.attempt.desc()).limit(1)
        return (await tx.execute(found)).scalar_one_or_none()

    async def of_folio(
        self, tx: Transaction, contribuyente_id: int, familia: Familia, folio: str
    ) -> SolicitudRow | None:
        """Answer the last solicitud for this one CFDI."""
        found = (
            select(SolicitudRow)
            .where(
                SolicitudRow.contribuyente_id == contribuyente_id,
                SolicitudRow.familia == familia,
                SolicitudRow.folio == folio,
            )
            .order_by(SolicitudRow.created_at.desc())
            .limit(1)
        )
        return (await tx.execute(found)).scalar_one_or_none()

    async def parts(self, tx: Transaction, parent_id: UUID) -> Sequence[SolicitudRow]:
        """Answer the parts of a divided solicitud that count: of one asked again the one that stands in."""
        stand_in = aliased(SolicitudRow)
        found = (
            select(SolicitudRow)
            .where(SolicitudRow.parent_id == parent_id, ~exists().where(stand_in.repeats_id == SolicitudRow.id))
            .order_by(SolicitudRow.fecha_inicio, SolicitudRow.efecto, SolicitudRow.counterparts, SolicitudRow.id)
        )
        return (await tx.execute(found)).scalars().all()

    async def below(self, tx: Transaction, solicitud_id: UUID) -> Sequence[SolicitudRow]:
        """Answer all parts of a solicitud, their parts too."""
        tree = select(SolicitudRow.id).where(SolicitudRow.parent_id == solicitud_id).cte("tree", recursive=True)
        tree = tree.union(select(SolicitudRow.id).where(SolicitudRow.parent_id == tree.c.id))
        found = (
            select(SolicitudRow)
            .where(SolicitudRow.id.in_(select(tree.c.id)))
            .order_by(SolicitudRow.fecha_inicio, SolicitudRow.efecto, SolicitudRow.counterparts, SolicitudRow.id)
        )
        return (await tx.execute(found)).scalars().all()

    async def repetition_of(self, tx: Transaction, solicitud_id: UUID) -> SolicitudRow | None:
        """Answer the solicitud that stands in for this one."""
        found = select(SolicitudRow).where(SolicitudRow.repeats_id == solicitud_id)
        return (await tx.execute(found)).scalar_one_or_none()

    async def in_slot(self, tx: Transaction, plan_id: UUID, slot: str) -> SolicitudRow | None:
        """Answer the solicitud that holds this place of a plan."""
        found = select(SolicitudRow).where(SolicitudRow.plan_id == plan_id, SolicitudRow.plan_slot == slot)
        return (await tx.execute(found)).scalar_one_or_none()

    async def of_plan(self, tx: Transaction, plan_id: UUID) -> Sequence[SolicitudRow]:
        """Answer the solicitudes of a plan: Metadata first, then by period."""
        found = (
            select(SolicitudRow)
            .where(SolicitudRow.plan_id == plan_id)
            .order_by(SolicitudRow.tipo.desc(), SolicitudRow.fecha_inicio, SolicitudRow.id)
        )
        return (await tx.execute(found)).scalars().all()

    async def get(self, tx: Transaction, solicitud_id: UUID, *, lock: bool = False) -> SolicitudRow | None:
        """Answer a solicitud by our id; with `lock` nobody else changes it in the meantime."""
        found = select(SolicitudRow).where(SolicitudRow.id == solicitud_id)
        if lock:
            found = found.with_for_update(key_share=True).execution_options(populate_existing=True)
        return (await tx.execute(found)).scalar_one_or_none()

    async def claim(
        self, tx: Transaction, solicitud_id: UUID, claim: Claim, *, estados: Collection[Estado]
    ) -> SolicitudRow | None:
        """Take the right to call the SAT about a solicitud; None when it is taken or in another state."""
        row = await self.get(tx, solicitud_id, lock=True)
        return row if row is not None and row.estado in estados and claim.take(row) else None

    async def due_to_send(self, tx: Transaction, now: datetime, *, limit: int) -> Sequence[SolicitudRow]:
        """Answer intents and programadas whose time has come, oldest first, locked."""
        found = (
            select(SolicitudRow)
            .where(
                SolicitudRow.estado.in_((Estado.PROGRAMADA, Estado.POR_ENVIAR)),
                SolicitudRow.next_check_at <= now,
            )
            .order_by(SolicitudRow.next_check_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return (await tx.execute(found)).scalars().all()

    async def due_to_verify(
        self, tx: Transaction, now: datetime, *, limit: int, contribuyente_id: int | None = None, early: bool = False
    ) -> Sequence[UUID]:
        """Answer the solicitudes the SAT should be asked about; `early` takes also those whose time has not come."""
        conditions: list[ColumnElement[bool]] = [SolicitudRow.estado.in_(_ASKING)]
        if not early:
            conditions.append(SolicitudRow.next_check_at <= now)
        if contribuyente_id is not None:
            conditions.append(SolicitudRow.contribuyente_id == contribuyente_id)
        found = select(SolicitudRow.id).where(*conditions).order_by(SolicitudRow.next_check_at).limit(limit)
        return (await tx.execute(found)).scalars().all()

    async def page(
        self, tx: Transaction, contribuyente_ids: Collection[int], filtros: Filtros, *, limit: int, cursor: str | None
    ) -> Sequence[SolicitudRow]:
        """Answer up to limit + 1 solicitudes of these taxpayers, newest first, of equals the latest period."""
        conditions = [SolicitudRow.contribuyente_id.in_(contribuyente_ids), *_filtered(filtros)]
        if cursor:
            key = tuple_(SolicitudRow.created_at, SolicitudRow.fecha_inicio, SolicitudRow.id)
            instant = datetime.fromisoformat
            conditions.append(key < tuple_(*Cursor.decode(cursor, instant, instant, UUID)))
        found = (
            select(SolicitudRow)
            .where(*conditions)
            .order_by(SolicitudRow.created_at.desc(), SolicitudRow.fecha_inicio.desc(), SolicitudRow.id.desc())
            .limit(limit + 1)
        )
        return (await tx.execute(found)).scalars().all()

    async def count_by_estado(self, tx: Transaction, contribuyente_ids: Collection[int]) -> dict[Estado, int]:
        """Answer how many solicitudes of these taxpayers stand where; of one asked again the one that stands in."""
        stand_in = aliased(SolicitudRow)
        found = (
            select(SolicitudRow.estado, func.count())
            .where(
                SolicitudRow.contribuyente_id.in_(contribuyente_ids),
                ~exists().where(stand_in.repeats_id == SolicitudRow.id),
            )
            .group_by(SolicitudRow.estado)
        )
        return {estado: count for estado, count in (await tx.execute(found)).all()}  # noqa: C416 - rows to pairs

    async def of_year(self, tx: Transaction, contribuyente_id: int, year: int) -> Sequence[SolicitudRow]:
        """Answer the solicitudes whose period begins in this year, in the order they were made."""
        first, after = datetime(year, 1, 1), datetime(year + 1, 1, 1)  # noqa: DTZ001 - wall clock
        found = (
            select(SolicitudRow)
            .where(
                SolicitudRow.contribuyente_id == contribuyente_id,
                SolicitudRow.fecha_inicio >= first,
                SolicitudRow.fecha_inicio < after,
            )
            .order_by(SolicitudRow.created_at, SolicitudRow.fecha_inicio, SolicitudRow.id)
        )
        return (await tx.execute(found)).scalars().all()

    async def tell(
        self,
        tx: Transaction,
        solicitud_id: UUID,
        suceso: Suceso,
        *,
        at: datetime,
        who: str,
        codigo: int | None = None,
        mensaje: str = "",
    ) -> None:
        """Add one line to the story."""
        line = HistoryRow(solicitud_id=solicitud_id, at=at, suceso=suceso, codigo=codigo, mensaje=mensaje, who=who)
        tx.add(line)
        await tx.flush()

    async def history(self, tx: Transaction, solicitud_ids: Collection[UUID]) -> Sequence[HistoryRow]:
        """Answer the story of these solicitudes in the order it happened."""
        found = select(HistoryRow).where(HistoryRow.solicitud_id.in_(solicitud_ids)).order_by(HistoryRow.id)
        return (await tx.execute(found)).scalars().all()


def same_parameters(contribuyente_id: int, parametros: Parametros) -> dict[str, Any]:
    """Answer the columns of the unique key: the duplicate guard."""
    return {
        "contribuyente_id": contribuyente_id,
        "familia": parametros.familia,
        "tipo": parametros.tipo,
        "sentido": parametros.sentido,
        "fecha_inicio": parametros.periodo.inicio,
        "fecha_fin": parametros.periodo.fin,
        "efecto": parametros.efecto.value if parametros.efecto else "",
        "estado_comprobante": parametros.estado_comprobante.value,
        "complemento": parametros.complemento or "",
        "counterparts": ",".join(parametros.counterparts),
        "rfc_a_cuenta_terceros": parametros.rfc_a_cuenta_terceros or "",
        "folio": parametros.folio or "",
    }


def parametros_of(row: SolicitudRow) -> Parametros:
    """Answer what a stored solicitud asks."""
    return Parametros(
        familia=row.familia,
        tipo=row.tipo,
        sentido=row.sentido,
        periodo=Periodo(row.fecha_inicio, row.fecha_fin),
        estado_comprobante=EstadoComprobante(row.estado_comprobante),
        efecto=Efecto(row.efecto) if row.efecto else None,
        complemento=row.complemento or None,
        counterparts=tuple(filter(None, row.counterparts.split(","))),
        rfc_a_cuenta_terceros=row.rfc_a_cuenta_terceros or None,
        folio=row.folio or None,
    )


def _filtered(filtros: Filtros) -> list[ColumnElement[bool]]:
    equal = {
        SolicitudRow.estado: filtros.estado,
        SolicitudRow.tipo: filtros.tipo,
        SolicitudRow.sentido: filtros.sentido,
        SolicitudRow.familia: filtros.familia,
        SolicitudRow.plan_id: filtros.plan_id,
        SolicitudRow.parent_id: filtros.parent_id,
    }
    conditions = [and_(column == value) for column, value in equal.items() if value is not None]
    if filtros.whole:
        conditions.append(SolicitudRow.parent_id.is_(None))
    if filtros.desde is not None:
        conditions.append(SolicitudRow.fecha_fin >= filtros.desde)
    if filtros.hasta is not None:
        conditions.append(SolicitudRow.fecha_inicio <= filtros.hasta)
    return conditions
