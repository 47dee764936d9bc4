"""Cancellations as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from acuse.mx.archivo import Cancellation


class CancelacionOut(BaseModel):
    """A CFDI that was held as in force until it was found cancelled."""

    rfc: str
    uuid: str
    tipo_comprobante: str = Field(description="E emitido, R recibido.")
    fecha: datetime
    rfc_contraparte: str
    contraparte: str | None
    total: Decimal
    moneda: str | None
    cancelado: datetime | None = Field(description="FechaCancelacion según la Metadata; nulo si aún no la dice.")
    encontrado: datetime
    origen: str = Field(description="metadata, consulta o descarga: de dónde se supo.")

    @classmethod
    def of(cls, found: Cancellation) -> Self:
        """Put one into its wire names."""
        return cls(
            rfc=found.rfc,
            uuid=found.folio_fiscal,
            tipo_comprobante=found.direction.value,
            fecha=found.fecha,
            rfc_contraparte=found.contraparte_rfc,
            contraparte=found.contraparte_nombre,
            total=found.total,
            moneda=found.moneda,
            cancelado=found.fecha_cancelacion,
            encontrado=found.found_at,
            origen=found.found_by.value,
        )


class CancelacionesOut(BaseModel):
    """What was found cancelled, newest first."""

    cancelaciones: list[CancelacionOut]
