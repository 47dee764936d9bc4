"""Statements as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from acuse.ar.resumenes.model import Resumen, Verdict
from acuse.webkit.lists import Pagination

TYPES: Final = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8; header=present",
    "firma": "application/json",
}
ENDINGS: Final = {"pdf": "pdf", "csv": "csv", "firma": "firma.json"}


def attachment(name: str) -> dict[str, str]:
    """Answer how a file is handed out: under this name, and kept by no cache."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


class ResumenOut(BaseModel):
    """A closed statement."""

    id_resumen: UUID
    mes: str
    id_usuario: int
    nombre: str
    cuit: str
    descargas: int = Field(description="Descargas del mes.")
    tardias: int = Field(description="Descargas de meses que ya estaban cerrados.")
    correcciones: int = Field(description="Descargas de resúmenes anteriores que cambiaron de estado.")
    pendientes: int
    facturadas: int
    cerrado: datetime
    csv_sha256: str
    pdf_sha256: str

    @classmethod
    def of(cls, one: Resumen) -> Self:
        """Put a statement into its wire names."""
        return cls(
            id_resumen=one.id,
            mes=str(one.mes),
            id_usuario=one.id_usuario,
            nombre=one.nombre,
            cuit=one.cuit,
            descargas=one.descargas,
            tardias=one.tardias,
            correcciones=one.correcciones,
            pendientes=one.pendientes,
            facturadas=one.facturadas,
            cerrado=one.closed_at,
            csv_sha256=one.csv_sha256,
            pdf_sha256=one.pdf_sha256,
        )


class ResumenesOut(BaseModel):
    """A page of statements."""

    resumenes: list[ResumenOut]
    pagination: Pagination


class CloseIn(BaseModel):
    """The month to close."""

    model_config = ConfigDict(json_schema_extra={"example": {"mes": "2026-10"}})

    mes: str = Field(max_length=20, description="Mes de Buenos Aires, `AAAA-MM`.")


class ClosedOut(BaseModel):
    """What closing a month made."""

    mes: str
    resumenes: int
    message: str


class VerdictOut(BaseModel):
    """What a file proved to be."""

    resultado: str = Field(description="`autentico`, `alterado` o `desconocido`.")
    message: str
    documento: dict[str, Any] | None = Field(description="Lo que se firmó.")

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Put a verdict into its wire names."""
        return cls(resultado=verdict.result.value, message=verdict.text, documento=verdict.told)
