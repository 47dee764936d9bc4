"""Taxpayers and e.firmas as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from acuse.mx.contribuyentes.model import Acceso, AccessLevel, Contribuyente, EfirmaState, EfirmaStatus


class EfirmaOut(BaseModel):
    """How an e.firma stands. Nothing secret is ever answered."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "numero_serie": "30001000000500003416",
                "titular": "ESCUELA KEMPER URGATE",
                "rfc_representante": "COSC8001137NA",
                "vigente_desde": "2025-01-15T12:00:00Z",
                "vigente_hasta": "2029-01-15T12:00:00Z",
                "dias_restantes": 1049,
                "estado": "vigente",
                "cargada": "2026-03-02T18:00:00Z",
            }
        }
    )

    numero_serie: str = Field(description="Número de serie del certificado: 20 dígitos.")
    titular: str = Field(description="Nombre del titular, como está en el certificado.")
    rfc_representante: str | None = Field(description="RFC del representante legal; sólo personas morales.")
    vigente_desde: datetime
    vigente_hasta: datetime
    dias_restantes: int = Field(description="Días completos de vigencia; negativo si ya venció.")
    estado: EfirmaState
    cargada: datetime = Field(description="Cuándo se cargó aquí.")

    @classmethod
    def of(cls, status: EfirmaStatus) -> Self:
        """Put a status into its wire names."""
        return cls(
            numero_serie=status.number,
            titular=status.holder_name,
            rfc_representante=status.representative_rfc,
            vigente_desde=status.valid_from,
            vigente_hasta=status.valid_until,
            dias_restantes=status.days_left,
            estado=status.state,
            cargada=status.uploaded_at,
        )


class ContribuyenteOut(BaseModel):
    """A taxpayer as the caller sees it."""

    rfc: str
    nombre: str
    acceso: AccessLevel = Field(description="Lo que el usuario puede hacer con este RFC.")
    creado: datetime
    efirma: EfirmaOut | None = Field(description="La e.firma en uso; nula si no hay.")

    @classmethod
    def of(cls, found: Contribuyente) -> Self:
        """Put a taxpayer into its wire names."""
        return cls(
            rfc=str(found.rfc),
            nombre=found.name,
            acceso=found.level,
            creado=found.created_at,
            efirma=None if found.efirma is None else EfirmaOut.of(found.efirma),
        )


class ContribuyentesOut(BaseModel):
    """The taxpayers the caller may see."""

    contribuyentes: list[ContribuyenteOut]


class AccesoIn(BaseModel):
    """The access to give."""

    nivel: AccessLevel = Field(description="`lectura`, `operacion` o `dueño`; cada uno incluye al anterior.")


class AccesoOut(BaseModel):
    """One user's access to a taxpayer."""

    id_usuario: int
    nivel: AccessLevel
    desde: datetime

    @classmethod
    def of(cls, acceso: Acceso) -> Self:
        """Put an access into its wire names."""
        return cls(id_usuario=acceso.user_id, nivel=acceso.level, desde=acceso.granted_at)


class AccesosOut(BaseModel):
    """Who has access to a taxpayer."""

    accesos: list[AccesoOut]
