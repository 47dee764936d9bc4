"""Issuances as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from acuse.ar.crs.schemas import PaginationOut
from acuse.ar.emision.model import ArcaStanding, Credential, Emision

_EXAMPLE: JsonDict = {"example": {"controlador_id": "SESHIA0000001371"}}


class EmisionIn(BaseModel):
    """The device, and its PKCS#10 when it has never had a certificate."""

    model_config = ConfigDict(json_schema_extra=_EXAMPLE)

    controlador_id: str = Field(max_length=40, description="El controlador, en cualquiera de sus formas.")
    request: str | None = Field(
        None,
        max_length=16_384,
        description="Solicitud de certificado (PKCS#10, PEM o base64) que genera el equipo: con ella se hace el alta; "
        "sin ella, la renovación.",
    )


class BajaIn(BaseModel):
    """The device to end."""

    model_config = ConfigDict(json_schema_extra=_EXAMPLE)

    controlador_id: str = Field(max_length=40, description="El controlador, en cualquiera de sus formas.")


class StoryOut(BaseModel):
    """One line of an issuance's story."""

    at: datetime
    message: str
    code: str | None = None


class EmisionOut(BaseModel):
    """One issuance."""

    id_emision: UUID
    controlador_id: str
    tramite: str
    estado: str
    motivo: str | None = Field(description="Por qué espera o se rechazó.")
    codigo: str | None
    intentos: int = Field(description="Llamadas hechas a ARCA.")
    proximo_intento: datetime | None
    id_certificado: UUID | None
    id_descarga: UUID | None = Field(description="La descarga que se contó; sólo cuando concluyó con certificado.")
    usuario_nombre: str
    creada: datetime
    terminada: datetime | None
    historia: list[StoryOut]

    @classmethod
    def of(cls, one: Emision) -> Self:
        """Put an issuance into its wire names."""
        return cls(
            id_emision=one.id,
            controlador_id=one.controlador_id,
            tramite=one.tramite.value,
            estado=one.estado.value,
            motivo=one.motivo,
            codigo=one.motivo_codigo,
            intentos=one.intentos,
            proximo_intento=one.next_at,
            id_certificado=one.id_certificado,
            id_descarga=one.id_descarga,
            usuario_nombre=one.usuario_nombre,
            creada=one.created_at,
            terminada=one.finished_at,
            historia=[StoryOut(**line) for line in one.historia],
        )


class EmisionesOut(BaseModel):
    """A page of issuances."""

    emisiones: list[EmisionOut]
    pagination: PaginationOut


class CredentialOut(BaseModel):
    """The company's certificate, never its key."""

    cuit: str
    alias: str
    serie: str
    vale_desde: datetime
    vence: datetime
    cargada: datetime

    @classmethod
    def of(cls, one: Credential) -> Self:
        """Put a credential into its wire names."""
        return cls(
            cuit=one.cuit,
            alias=one.alias,
            serie=one.serial,
            vale_desde=one.not_before,
            vence=one.not_after,
            cargada=one.uploaded_at,
        )


class StandingOut(BaseModel):
    """How issuing stands."""

    encendida: bool
    ambiente: str
    credencial: CredentialOut | None
    en_pausa_hasta: datetime | None = Field(description="Hasta entonces no se llama a ARCA.")
    motivo: str | None = Field(description="Por qué está en pausa.")
    problema: str | None = Field(description="Falla de configuración que ARCA señaló la última vez.")

    @classmethod
    def of(cls, one: ArcaStanding) -> Self:
        """Put the standing into its wire names."""
        return cls(
            encendida=one.is_on,
            ambiente=one.ambiente,
            credencial=None if one.credential is None else CredentialOut.of(one.credential),
            en_pausa_hasta=one.pause.until if one.pause else None,
            motivo=one.pause.reason if one.pause else None,
            problema=one.problem,
        )

    def plain(self) -> dict[str, Any]:
        """Answer it as plain data for the terminal."""
        return self.model_dump(mode="json")
