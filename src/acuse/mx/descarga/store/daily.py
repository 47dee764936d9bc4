"""Daily runs, whom to tell of them, and the answers that are given again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from acuse.accounts.model import UserStatus
from acuse.accounts.tables import UserRow
from acuse.kernel.database import Transaction
from acuse.mx.archivo.tables import IndexedPaqueteRow
from acuse.mx.contribuyentes import AccessLevel
from acuse.mx.contribuyentes.tables import AccesoRow, ContribuyenteRow
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.tables import DailyRunRow, PaqueteRow, PlanRow, SolicitudRow, SyncCallRow
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud

_TOLD = (AccessLevel.OPERACION.value, AccessLevel.DUENO.value)


@dataclass(frozen=True)
class Person:
    """Somebody to be told."""

    user_id: int
    mail: str


class DailyStore:
    """Reads and writes daily runs. Every method runs in the caller's transaction."""

    async def begin(self, tx: Transaction, contribuyente_id: int, day: date, *, now: datetime) -> DailyRunRow | None:
        """Write the run of this day; None when it was begun before."""
        new = insert(DailyRunRow).values(id=uuid4(), contribuyente_id=contribuyente_id, day=day, created_at=now)
        return (await tx.execute(new.on_conflict_do_nothing().returning(DailyRunRow))).scalar_one_or_none()

    async def reached(self, tx: Transaction, contribuyente_id: int, familia: Familia, sentido: Sentido) -> date | None:
        """Answer the last day whose Metadata of one side has come, with a run or with the plan of a year.

        If none has, the day before the first that a run asked for; None when none has asked yet.
        """
        came = SolicitudRow.estado.in_([estado for estado in Estado if estado.is_success])
        found = select(
            func.max(SolicitudRow.fecha_fin).filter(came),
            func.min(SolicitudRow.fecha_fin).filter(SolicitudRow.daily_run_id.is_not(None)),
        ).where(
            SolicitudRow.contribuyente_id == contribuyente_id,
            or_(SolicitudRow.daily_run_id.is_not(None), SolicitudRow.plan_id.is_not(None)),
            SolicitudRow.parent_id.is_(None),
            SolicitudRow.familia == familia,
            SolicitudRow.tipo == TipoSolicitud.METADATA,
            SolicitudRow.sentido == sentido,
        )
        last, first = (await tx.execute(found)).one()
        if last is not None:
            return last.date()
        return None if first is None else first.date() - timedelta(days=1)

    async def lock(self, tx: Transaction, run_id: UUID) -> DailyRunRow:
        """Answer a run nobody else changes in the meantime."""
        found = select(DailyRunRow).where(DailyRunRow.id == run_id).with_for_update()
        return (await tx.execute(found.execution_options(populate_existing=True))).scalar_one()

    async def of_run(self, tx: Transaction, run_id: UUID) -> Sequence[SolicitudRow]:
        """Answer what a run asked for: parts left out, and of what was asked again the one that stands in."""
        stand_in = aliased(SolicitudRow)
        found = select(SolicitudRow).where(
            SolicitudRow.daily_run_id == run_id,
            SolicitudRow.parent_id.is_(None),
            ~exists().where(stand_in.repeats_id == SolicitudRow.id),
        )
        return (await tx.execute(found)).scalars().all()

    async def untold(self, tx: Transaction, day: date) -> Sequence[DailyRunRow]:
        """Answer the runs of a day nobody was told of, locked."""
        found = select(DailyRunRow).where(DailyRunRow.day == day, DailyRunRow.told_at.is_(None))
        return (await tx.execute(found.order_by(DailyRunRow.id).with_for_update())).scalars().all()

    async def latest(self, tx: Transaction, contribuyente_ids: Collection[int]) -> DailyRunRow | None:
        """Answer the newest run of these taxpayers."""
        found = select(DailyRunRow).where(DailyRunRow.contribuyente_id.in_(contribuyente_ids))
        return (await tx.execute(found.order_by(DailyRunRow.created_at.desc()).limit(1))).scalar_one_or_none()

    async def new_documents(self, tx: Transaction, run_id: UUID, familia: Familia) -> int:
        """Answer how many documents of a family came with a run that were not here before."""
        found = (
            select(func.coalesce(func.sum(IndexedPaqueteRow.new), 0))
            .join(PaqueteRow, PaqueteRow.storage_key == IndexedPaqueteRow.paquete_key)
            .join(SolicitudRow, SolicitudRow.id == PaqueteRow.solicitud_id)
            .where(
                SolicitudRow.daily_run_id == run_id,
                SolicitudRow.familia == familia,
                SolicitudRow.tipo == TipoSolicitud.CFDI,
                SolicitudRow.contribuyente_id == IndexedPaqueteRow.contribuyente_id,
            )
        )
        return int((await tx.execute(found)).scalar_one())

    async def people(self, tx: Transaction, contribuyente_ids: Collection[int]) -> Sequence[tuple[Person, int]]:
        """Answer who operates these taxpayers and has an address, each once per taxpayer."""
        found = (
            select(UserRow.id, UserRow.mail, AccesoRow.contribuyente_id)
            .join(AccesoRow, AccesoRow.user_id == UserRow.id)
            .where(
                AccesoRow.contribuyente_id.in_(contribuyente_ids),
                AccesoRow.level.in_(_TOLD),
                UserRow.deleted_at.is_(None),
                UserRow.status == UserStatus.ACTIVE,
                UserRow.mail != "",
            )
            .order_by(UserRow.id, AccesoRow.contribuyente_id)
        )
        return [(Person(user_id, mail), of) for user_id, mail, of in (await tx.execute(found)).all()]

    async def complete_plan(self, tx: Transaction, plan: PlanRow, *, now: datetime) -> bool:
        """Write that a year is complete; answer whether it is the first of its taxpayer and family."""
        other = select(PlanRow.id).where(
            PlanRow.contribuyente_id == plan.contribuyente_id,
            PlanRow.familia == plan.familia,
            PlanRow.completed_at.is_not(None),
        )
        first = (await tx.execute(other.limit(1))).first() is None
        plan.completed_at = now
        await tx.flush()
        return first

    async def switch_on(self, tx: Transaction, contribuyente_id: int) -> None:
        """Turn the daily download of a taxpayer on."""
        await tx.execute(
            update(ContribuyenteRow).where(ContribuyenteRow.id == contribuyente_id).values(daily_download=True)
        )


class SyncCallStore:
    """The first answers to calls with an Idempotency-Key."""

    async def claim(
        self, tx: Transaction, *, caller: str, key: str, rfc: str, answer: int, now: datetime
    ) -> SyncCallRow | None:
        """Keep this as the first answer; answer the one that was kept before, None when this is the first."""
        new = insert(SyncCallRow).values(caller=caller, key=key, rfc=rfc, answer=answer, created_at=now)
        if (await tx.execute(new.on_conflict_do_nothing().returning(SyncCallRow.key))).first() is not None:
            return None
        found = select(SyncCallRow).where(SyncCallRow.caller == caller, SyncCallRow.key == key)
        return (await tx.execute(found)).scalar_one()
