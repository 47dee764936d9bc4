"""Which periods the SAT was asked whole, and what is being asked of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from acuse.kernel.database import Transaction
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import EstadoComprobante, Familia, Sentido, TipoSolicitud

_TOLD = (Estado.COMPLETA, Estado.SIN_CFDI)
_RESTING = (*(each for each in Estado if each.is_final), Estado.PROGRAMADA)


@dataclass(frozen=True)
class Asked:
    """A period of one side of a taxpayer that was asked, or is being asked. `at` is when the SAT answered."""

    contribuyente_id: int
    familia: Familia
    sentido: Sentido
    inicio: datetime
    fin: datetime
    at: datetime | None


class CoverageStore:
    """Looks at the solicitudes. Every method runs in the caller's transaction."""

    async def told(
        self, tx: Transaction, contribuyente_ids: Collection[int], desde: datetime, hasta: datetime
    ) -> Sequence[Asked]:
        """Answer the Metadata without filters that touch a period and were answered to the end."""
        return await self._asked(
            tx,
            contribuyente_ids,
            desde,
            hasta,
            SolicitudRow.tipo == TipoSolicitud.METADATA,
            SolicitudRow.estado.in_(_TOLD),
            SolicitudRow.estado_comprobante == EstadoComprobante.TODOS.value,
            *_unfiltered(),
        )

    async def in_course(
        self,
        tx: Transaction,
        contribuyente_ids: Collection[int],
        desde: datetime,
        hasta: datetime,
        *,
        tipo: TipoSolicitud | None = None,
    ) -> Sequence[Asked]:
        """Answer what is on its way of a period: single CFDIs and parts of divided solicitudes each for itself."""
        conditions: list[ColumnElement[bool]] = [
            SolicitudRow.estado.not_in(_RESTING),
            or_(SolicitudRow.estado != Estado.DIVIDIDA, SolicitudRow.problem.is_(None)),
        ]
        if tipo is not None:
            conditions += [SolicitudRow.tipo == tipo, *_unfiltered()]
        return await self._asked(tx, contribuyente_ids, desde, hasta, *conditions)

    async def _asked(
        self,
        tx: Transaction,
        contribuyente_ids: Collection[int],
        desde: datetime,
        hasta: datetime,
        *conditions: ColumnElement[bool],
    ) -> Sequence[Asked]:
        found = select(
            SolicitudRow.contribuyente_id,
            SolicitudRow.familia,
            SolicitudRow.sentido,
            SolicitudRow.fecha_inicio,
            SolicitudRow.fecha_fin,
            func.coalesce(SolicitudRow.verified_at, SolicitudRow.finished_at),
        ).where(
            SolicitudRow.contribuyente_id.in_(contribuyente_ids),
            SolicitudRow.fecha_inicio <= hasta,
            SolicitudRow.fecha_fin >= desde,
            *conditions,
        )
        return [Asked(*row) for row in (await tx.execute(found)).all()]


def _unfiltered() -> list[ColumnElement[bool]]:
    columns = (
        SolicitudRow.efecto,
        SolicitudRow.complemento,
        SolicitudRow.counterparts,
        SolicitudRow.rfc_a_cuenta_terceros,
        SolicitudRow.folio,
    )
    return [column == "" for column in columns]
