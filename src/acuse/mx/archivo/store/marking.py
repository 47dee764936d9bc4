"""Writes the state of one CFDI as somebody else than the metadata told it, by the metadata's own rule."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text

from acuse.kernel.database import Transaction
from acuse.mx.archivo.model import EstadoCfdi

# The state told last holds; of two told at the same instant, the cancellation. As MERGE_METADATA.
_MARK: Final = text("""
    with known as (
        select estado from cfdi where contribuyente_id = :c and uuid = :uuid for update
    )
    update cfdi
       set estado = cast(:estado as text), estado_as_of = cast(:as_of as timestamptz),
           fecha_cancelacion = case when cast(:estado as text) = 'cancelado' then cfdi.fecha_cancelacion end
      from known
     where cfdi.contribuyente_id = :c and cfdi.uuid = :uuid
       and (cfdi.estado_as_of is null
            or (cast(:as_of as timestamptz), cast(:estado as text) = 'cancelado')
               > (cfdi.estado_as_of, cfdi.estado = 'cancelado'))
    returning known.estado is distinct from cast(:estado as text)
""")


class MarkingStore:
    """One row at a time."""

    async def mark(
        self, tx: Transaction, contribuyente_id: int, uuid: UUID, estado: EstadoCfdi, as_of: datetime
    ) -> bool:
        """Write the state told at `as_of` unless a later one is known; answer whether it is another than before."""
        values = {"c": contribuyente_id, "uuid": uuid, "estado": estado.value, "as_of": as_of}
        return bool((await tx.execute(_MARK, values)).scalar_one_or_none())
