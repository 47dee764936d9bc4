"""Months as JSON. The only place for their wire names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from acuse.mx.completitud.model import Mes
from acuse.mx.completitud.service import Fila
from acuse.mx.descarga.schemas import SolicitudOut
from acuse.mx.descarga.service import Errand
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido


class MesOut(BaseModel):
    """One month of one side of a taxpayer."""

    rfc: str
    mes: str = Field(description="AAAA-MM, por fecha de emisión.")
    familia: Familia = Field(description="Las retenciones vienen aparte, cuando se conoce o se pidió alguna.")
    tipo_comprobante: str = Field(description="`E` emitidos o `R` recibidos.")
    estado: str = Field(
        description="`completo`, `sin_cfdi`, `faltan`, `en_camino`, `sin_pedir`, `en_parte`, `por_confirmar`, "
        "`en_curso` o `futuro`."
    )
    conocidos: int = Field(description="Renglones en la Metadata del SAT, o con XML aquí.")
    con_xml: int
    faltan: int = Field(description="XML que el SAT entrega y aquí no están.")
    cancelados: int
    no_disponibles: int = Field(description="Recibidos cancelados sin XML: el SAT ya no los entrega.")
    en_camino: int = Field(description="Solicitudes en curso que tocan el mes.")
    consultado: datetime | None = Field(description="La Metadata del mes es de este momento, o más reciente.")
    completo: bool

    @classmethod
    def of(cls, found: Mes) -> Self:
        """Put a month into its wire names."""
        return cls(
            rfc=found.rfc,
            mes=f"{found.month:%Y-%m}",
            familia=found.familia,
            tipo_comprobante=found.direction.value,
            estado=found.estado.value,
            conocidos=found.known,
            con_xml=found.with_xml,
            faltan=found.missing,
            cancelados=found.cancelled,
            no_disponibles=found.gone,
            en_camino=found.going,
            consultado=found.as_of,
            completo=found.is_complete,
        )


class CompletitudOut(BaseModel):
    """Months, by taxpayer and side."""

    meses: list[MesOut]

    @classmethod
    def of(cls, rows: Sequence[Fila]) -> Self:
        """Put rows into their wire names."""
        return cls(meses=[MesOut.of(mes) for row in rows for mes in row.meses])


class MesIn(BaseModel):
    """Which month to ask for."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"rfc": "EKU9003173C9", "mes": "2025-03", "tipo_comprobante": "R"}},
        extra="forbid",
    )

    rfc: str = Field(max_length=40)
    mes: str = Field(max_length=20, description="AAAA-MM.")
    tipo_comprobante: Sentido
    familia: Familia = Familia.CFDI


class FaltantesOut(BaseModel):
    """What fetching the missing of a month would ask, and what it spends."""

    faltan: int
    solicitudes: int = Field(description="Cuántas se enviarían.")
    por_folio: bool
    gasta: str = Field(description="Qué gasta del límite de por vida del SAT, en palabras.")

    @classmethod
    def of(cls, errand: Errand) -> Self:
        """Put a plan into its wire names."""
        return cls(
            faltan=errand.missing,
            solicitudes=len(errand.asks),
            por_folio=bool(errand.asks) and errand.asks[0].folio is not None,
            gasta=errand.cost,
        )


class PedidasOut(BaseModel):
    """The solicitudes made just now; none when all of it was on its way already."""

    solicitudes: list[SolicitudOut]

    @classmethod
    def of(cls, rows: Sequence[SolicitudRow]) -> Self:
        """Put them into their wire names."""
        return cls(solicitudes=[SolicitudOut.of(row) for row in rows])
