"""Answers about CFDIs and batches as JSON. The only place for their wire names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.estatus.model import Consulta, Finding, Lote, LoteState


class EstatusOut(BaseModel):
    """What the SAT said of one CFDI, in its own words."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "uuid": "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11",
                "consultado": "2026-03-02T18:00:00Z",
                "codigo_estatus": "S - Comprobante obtenido satisfactoriamente.",
                "estado": "Vigente",
                "es_cancelable": "Cancelable con aceptación",
                "estatus_cancelacion": "",
                "validacion_efos": "200",
                "en_lista_69b": False,
                "significado": "Vigente en el SAT.",
                "cancelacion_descubierta": False,
            }
        }
    )

    uuid: str
    consultado: datetime
    codigo_estatus: str
    estado: str
    es_cancelable: str
    estatus_cancelacion: str
    validacion_efos: str
    en_lista_69b: bool = Field(description="Si el SAT dice que el emisor o el tercero están en la lista del 69-B.")
    significado: str = Field(description="Qué quiere decir la respuesta, en una frase.")
    cancelacion_descubierta: bool = Field(
        description="Si aquí se tenía por vigente y esta respuesta lo marcó cancelado."
    )

    @classmethod
    def of(cls, found: Consulta) -> Self:
        """Put an answer into its wire names."""
        answer = found.answer
        return cls(
            uuid=str(found.uuid).upper(),
            consultado=found.asked_at,
            codigo_estatus=answer.codigo_estatus,
            estado=answer.estado,
            es_cancelable=answer.es_cancelable,
            estatus_cancelacion=answer.estatus_cancelacion,
            validacion_efos=answer.validacion_efos,
            en_lista_69b=answer.is_listed,
            significado=found.meaning,
            cancelacion_descubierta=found.cancellation_found,
        )


class HistoriaOut(BaseModel):
    """All that was asked of a CFDI, newest first."""

    consultas: list[EstatusOut]

    @classmethod
    def of(cls, found: Sequence[Consulta]) -> Self:
        """Put a history into its wire names."""
        return cls(consultas=[EstatusOut.of(each) for each in found])


class HallazgoOut(EstatusOut):
    """What the SAT said of one CFDI of a batch, and whose it is."""

    rfc: str = Field(description="El contribuyente.")

    @classmethod
    def about(cls, found: Finding) -> Self:
        """Put one into its wire names."""
        return cls(rfc=found.rfc, **EstatusOut.of(found.consulta).model_dump())


class HallazgosOut(BaseModel):
    """What a batch found that somebody should look at."""

    hallazgos: list[HallazgoOut]


class LoteIn(CfdiQuery):
    """The filter of a batch: the same fields as a search."""

    model_config = ConfigDict(json_schema_extra={"example": {"rfc": "EKU9003173C9", "fecha_inicio": "2025-01-01"}})


class LoteOut(BaseModel):
    """How far a batch is."""

    id: UUID
    estado: LoteState
    rfcs: list[str]
    filtro: dict[str, Any]
    total: int
    consultados: int
    cancelados: int
    no_encontrados: int
    cancelaciones_descubiertas: int
    problema: str | None = Field(description="Por qué se detuvo la última vez; se reintenta solo.")
    creado: datetime
    terminado: datetime | None

    @classmethod
    def of(cls, found: Lote) -> Self:
        """Put a batch into its wire names."""
        return cls(
            id=found.id,
            estado=found.state,
            rfcs=list(found.rfcs),
            filtro=dict(found.wanted),
            total=found.total,
            consultados=found.done,
            cancelados=found.cancelled,
            no_encontrados=found.not_found,
            cancelaciones_descubiertas=found.found_cancelled,
            problema=found.problem,
            creado=found.created_at,
            terminado=found.finished_at,
        )


class LotesOut(BaseModel):
    """The caller's batches, newest first."""

    lotes: list[LoteOut]
