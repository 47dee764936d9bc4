"""Imports as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from acuse.mx.importaciones.model import Estado, Importacion, Outcome, Report


class ToldOut(BaseModel):
    """Something that was not taken in."""

    archivo: str
    resultado: Outcome
    codigo: str
    motivo: str


class ReporteOut(BaseModel):
    """What was in an archive."""

    nuevos: int = Field(description="CFDI cuyo XML no estaba y quedó guardado.")
    conocidos: int = Field(description="CFDI cuyo XML ya estaba, o repetidos en el mismo archivo.")
    ajenos: int = Field(description="CFDI en los que el RFC no es emisor ni receptor.")
    ilegibles: int = Field(description="Archivos que no se pudieron leer.")
    ignorados: int = Field(description="Archivos de otro tipo.")
    metadatos_nuevos: int
    metadatos_conocidos: int
    metadatos_ajenos: int
    metadatos_ilegibles: int
    detalle: list[ToldOut] = Field(description="Los primeros que no se importaron, con su motivo.")

    @classmethod
    def of(cls, report: Report) -> Self:
        """Put a report into its wire names."""
        return cls(
            nuevos=report.new,
            conocidos=report.known,
            ajenos=report.foreign,
            ilegibles=report.unreadable,
            ignorados=report.ignored,
            metadatos_nuevos=report.rows_new,
            metadatos_conocidos=report.rows_known,
            metadatos_ajenos=report.rows_foreign,
            metadatos_ilegibles=report.rows_unreadable,
            detalle=[
                ToldOut(archivo=each.name, resultado=each.outcome, codigo=each.code, motivo=each.text)
                for each in report.told
            ],
        )


class ImportacionOut(BaseModel):
    """An uploaded archive and how far it is."""

    id: UUID
    rfc: str
    archivo: str
    bytes: int
    simulacion: bool = Field(description="Sólo se revisó: no se guardó nada.")
    estado: Estado
    hechos: int = Field(description="Archivos ya vistos.")
    total: int
    reporte: ReporteOut
    problema: str | None
    creada: datetime
    terminada: datetime | None

    @classmethod
    def of(cls, found: Importacion) -> Self:
        """Put an import into its wire names."""
        return cls(
            id=found.id,
            rfc=found.rfc,
            archivo=found.file_name,
            bytes=found.size_bytes,
            simulacion=found.trial,
            estado=found.estado,
            hechos=found.done,
            total=found.total,
            reporte=ReporteOut.of(found.report),
            problema=found.problem,
            creada=found.created_at,
            terminada=found.finished_at,
        )


class ImportacionesOut(BaseModel):
    """The caller's imports, newest first."""

    importaciones: list[ImportacionOut]
