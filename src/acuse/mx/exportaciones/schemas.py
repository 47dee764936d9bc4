"""Exports as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.exportaciones.model import Estado, Exportacion, Formato


class ExportIn(CfdiQuery):
    """What to export: a format, and the filters of the search. `todo` takes only an RFC."""

    formato: Formato = Field(
        description="`csv`, `xlsx`, `zip` (XML), o `todo`: XML, metadatos y paquetes de un contribuyente."
    )

    def query(self) -> CfdiQuery:
        """Answer the filters alone."""
        return CfdiQuery.model_validate(self.model_dump(exclude={"formato"}))


class ExportacionOut(BaseModel):
    """An export and how far it is."""

    id: UUID
    formato: Formato
    rfc: list[str] = Field(description="De quién son los CFDI.")
    filtros: dict[str, Any]
    estado: Estado
    hechos: int = Field(description="CFDI ya escritos.")
    total: int
    sin_xml: int = Field(description="En un ZIP, los que no tienen XML: están en cfdi.csv, dentro.")
    ilegibles: int = Field(description="En un ZIP, los que tienen un XML que no se pudo leer.")
    bytes: int
    archivo: str = Field(description="El nombre del archivo.")
    problema: str | None = Field(description="Por qué se detuvo, o qué hay que saber de ella.")
    creada: datetime
    terminada: datetime | None
    disponible_hasta: datetime | None = Field(description="Cuándo se borra.")

    @classmethod
    def of(cls, found: Exportacion) -> Self:
        """Put an export into its wire names."""
        return cls(
            id=found.id,
            formato=found.formato,
            rfc=found.rfcs,
            filtros=dict(found.wanted),
            estado=found.estado,
            hechos=found.done,
            total=found.total,
            sin_xml=found.without_xml,
            ilegibles=found.unreadable,
            bytes=found.size_bytes,
            archivo=found.file_name,
            problema=found.problem,
            creada=found.created_at,
            terminada=found.finished_at,
            disponible_hasta=found.expires_at,
        )


class ExportacionesOut(BaseModel):
    """The caller's exports, newest first."""

    exportaciones: list[ExportacionOut]
