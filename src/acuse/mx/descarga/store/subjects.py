"""What a job of this feature is about, in a line: whose solicitud, which side, from when to when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from acuse.kernel.database import Transaction
from acuse.kernel.jobs import Id, JobSubject, as_uuids
from acuse.mx.descarga.tables import PaqueteRow, SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Sentido

_SIDES: Final = {Sentido.EMITIDOS: "emitidos", Sentido.RECIBIDOS: "recibidos"}


async def of_solicitudes(tx: Transaction, ids: Collection[Id]) -> Mapping[Id, str]:
    """Tell solicitudes by their ids."""
    found = select(SolicitudRow.id, *_TOLD).where(SolicitudRow.id.in_(as_uuids(ids)))
    return {str(row[0]): _line(*row[1:]) for row in await tx.execute(found)}


async def of_paquetes(tx: Transaction, ids: Collection[Id]) -> Mapping[Id, str]:
    """Tell packages by their ids, as their solicitudes."""
    found = (
        select(PaqueteRow.id, *_TOLD)
        .join(SolicitudRow, SolicitudRow.id == PaqueteRow.solicitud_id)
        .where(PaqueteRow.id.in_(as_uuids(ids)))
    )
    return {str(row[0]): _line(*row[1:]) for row in await tx.execute(found)}


SUBJECTS: Final = (
    JobSubject(argument="solicitud_id", told=of_solicitudes),
    JobSubject(argument="paquete_id", told=of_paquetes),
)
_TOLD: Final = (
    SolicitudRow.rfc,
    SolicitudRow.tipo,
    SolicitudRow.sentido,
    SolicitudRow.fecha_inicio,
    SolicitudRow.fecha_fin,
    SolicitudRow.folio,
)


def _line(rfc: str, tipo: str, sentido: Sentido, inicio: datetime, fin: datetime, folio: str) -> str:
    what = f"folio {folio}" if folio else f"{tipo} {_SIDES[sentido]}, {_period(inicio, fin)}"
    return f"{rfc} · {what}"


def _period(inicio: datetime, fin: datetime) -> str:
    """Answer whole months as months, anything else by its days."""
    after = fin + timedelta(seconds=1)
    whole = all(each.day == 1 and not each.hour + each.minute + each.second for each in (inicio, after))
    first, last = (f"{each:%Y-%m}" if whole else f"{each:%Y-%m-%d}" for each in (inicio, fin))
    return first if first == last else f"{first} a {last}"
