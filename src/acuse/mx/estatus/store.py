"""The queries of questions, their answers and batches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.kernel.jobs import Id, as_uuids, several
from acuse.mx.contribuyentes.tables import ContribuyenteRow
from acuse.mx.estatus.model import Consulta, Finding, Lote, LoteState
from acuse.mx.estatus.tables import ConsultaRow, LoteRow
from acuse.mx.outside.sat_consulta.codes import EFOS_NOT_LISTED, Estado
from acuse.mx.outside.sat_consulta.wire import Answer


async def subjects_of(tx: Transaction, ids: Collection[Id]) -> Mapping[Id, str]:
    """Answer of whose CFDIs these batches ask, and of how many, by their ids."""
    found = select(LoteRow.id, LoteRow.rfcs, LoteRow.total).where(LoteRow.id.in_(as_uuids(ids)))
    return {str(row.id): f"{several(row.rfcs)} · {row.total:,} CFDI" for row in await tx.execute(found)}


class ConsultaStore:
    """Answers of the SAT."""

    async def add(self, tx: Transaction, values: dict[str, Any]) -> int | None:
        """Write an answer and answer its id; None when the batch already has one for this CFDI."""
        statement = insert(ConsultaRow).values(values).on_conflict_do_nothing().returning(ConsultaRow.id)
        return (await tx.execute(statement)).scalar_one_or_none()

    async def get(self, tx: Transaction, consulta_id: int) -> Consulta | None:
        """Answer one."""
        row = await tx.get(ConsultaRow, consulta_id)
        return None if row is None else _consulta(row)

    async def found_cancelled(self, tx: Transaction, consulta_id: int) -> None:
        """Write that this answer showed a cancellation."""
        await tx.execute(update(ConsultaRow).where(ConsultaRow.id == consulta_id).values(cancellation_found=True))

    async def history(self, tx: Transaction, contribuyente_id: int, uuid: UUID, limit: int) -> list[Consulta]:
        """Answer what was asked of a CFDI, newest first."""
        rows = await tx.execute(
            select(ConsultaRow)
            .where(ConsultaRow.contribuyente_id == contribuyente_id, ConsultaRow.uuid == uuid)
            .order_by(ConsultaRow.asked_at.desc(), ConsultaRow.id.desc())
            .limit(limit)
        )
        return [_consulta(row) for row in rows.scalars()]


class LoteStore:
    """Batches."""

    async def add(self, tx: Transaction, values: dict[str, Any]) -> bool:
        """Write a batch; answer False when an equal one is under way."""
        statement = insert(LoteRow).values(values).on_conflict_do_nothing().returning(LoteRow.id)
        return (await tx.execute(statement)).scalar_one_or_none() is not None

    async def running(self, tx: Transaction, fingerprint: str) -> UUID | None:
        """Answer the batch under way that is equal."""
        wanted = select(LoteRow.id).where(LoteRow.fingerprint == fingerprint, LoteRow.state == LoteState.RUNNING.value)
        return (await tx.execute(wanted)).scalar_one_or_none()

    async def row(self, tx: Transaction, lote_id: UUID, *, lock: bool = False) -> LoteRow | None:
        """Answer a batch's row."""
        return await tx.get(LoteRow, lote_id, with_for_update=lock, populate_existing=lock)

    async def asked(self, tx: Transaction, lote_id: UUID, contribuyente_id: int, uuids: Sequence[UUID]) -> set[UUID]:
        """Answer which of these CFDIs the batch has asked already."""
        rows = await tx.execute(
            select(ConsultaRow.uuid).where(
                ConsultaRow.lote_id == lote_id,
                ConsultaRow.contribuyente_id == contribuyente_id,
                ConsultaRow.uuid.in_(list(uuids)),
            )
        )
        return set(rows.scalars())

    async def findings(self, tx: Transaction, lote_id: UUID, limit: int) -> Sequence[Finding]:
        """Answer what a batch was told that is neither in force without more nor a cancellation known before.

        Cancellations found come first, then what the SAT does not find.
        """
        estado, plain = ConsultaRow.estado, ConsultaRow.estatus_cancelacion == ""
        listed = ConsultaRow.validacion_efos.not_in(["", *EFOS_NOT_LISTED])
        expected = (estado == Estado.VIGENTE.value) & plain & ~listed
        known = (estado == Estado.CANCELADO.value) & ~ConsultaRow.cancellation_found
        rows = await tx.execute(
            select(ConsultaRow, ContribuyenteRow.rfc)
            .join(ContribuyenteRow, ContribuyenteRow.id == ConsultaRow.contribuyente_id)
            .where(ConsultaRow.lote_id == lote_id, ~expected, ~known)
            .order_by(ConsultaRow.cancellation_found.desc(), estado, ConsultaRow.id)
            .limit(limit)
        )
        return [Finding(rfc=rfc, consulta=_consulta(row)) for row, rfc in rows]

    async def get(self, tx: Transaction, lote_id: UUID) -> Lote | None:
        """Answer a batch with its counts."""
        found = await self._select(tx, LoteRow.id == lote_id, 1)
        return found[0] if found else None

    async def list(self, tx: Transaction, user_id: int | None, limit: int) -> Sequence[Lote]:
        """Answer the batches of a user, newest first; None is everybody's."""
        wanted = true() if user_id is None else LoteRow.user_id == user_id
        return await self._select(tx, wanted, limit)

    async def _select(self, tx: Transaction, wanted: ColumnElement[bool], limit: int) -> Sequence[Lote]:
        lotes = (
            (
                await tx.execute(
                    select(LoteRow).where(wanted).order_by(LoteRow.created_at.desc(), LoteRow.id).limit(limit)
                )
            )
            .scalars()
            .all()
        )
        counts = await tx.execute(
            select(
                ConsultaRow.lote_id,
                func.count(),
                func.count().filter(ConsultaRow.estado == Estado.CANCELADO.value),
                func.count().filter(ConsultaRow.estado == Estado.NO_ENCONTRADO.value),
                func.count().filter(ConsultaRow.cancellation_found),
            )
            .where(ConsultaRow.lote_id.in_([row.id for row in lotes]))
            .group_by(ConsultaRow.lote_id)
        )
        by_lote = {row[0]: row[1:] for row in counts}
        return [_lote(row, *by_lote.get(row.id, (0, 0, 0, 0))) for row in lotes]


def _consulta(row: ConsultaRow) -> Consulta:
    return Consulta(
        id=row.id,
        contribuyente_id=row.contribuyente_id,
        uuid=row.uuid,
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        answer=Answer(
            codigo_estatus=row.codigo_estatus,
            estado=row.estado,
            es_cancelable=row.es_cancelable,
            estatus_cancelacion=row.estatus_cancelacion,
            validacion_efos=row.validacion_efos,
        ),
        fecha_timbrado=row.fecha_timbrado,
        cancellation_found=row.cancellation_found,
        lote_id=row.lote_id,
    )


def _lote(row: LoteRow, done: int, cancelled: int, not_found: int, found_cancelled: int) -> Lote:
    return Lote(
        id=row.id,
        created_by=row.created_by,
        user_id=row.user_id,
        rfcs=row.rfcs,
        wanted=row.wanted,
        state=LoteState(row.state),
        total=row.total,
        done=done,
        cancelled=cancelled,
        not_found=not_found,
        found_cancelled=found_cancelled,
        problem=row.problem,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
