"""Taxpayers and e.firmas as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from acuse.kernel.paging import Page
from acuse.mx.contribuyentes.model import (
    NAME_LIMIT,
    Acceso,
    AccessLevel,
    Contribuyente,
    EfirmaState,
    EfirmaStatus,
    KeptExport,
    PemFiles,
)
from acuse.mx.contribuyentes.service import BatchLine, BatchReport, BatchResult, Client
from acuse.mx.rfc import RFC_PATTERN

RfcPath = Annotated[
    str,
    Path(
        description="RFC del contribuyente.",
        examples=["EKU9003173C9"],
        max_length=40,
        json_schema_extra={"pattern": RFC_PATTERN},  # told, not enforced: INVALID_RFC_FORM says more
    ),
]


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
                "dias_restantes": 1050,
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
    dias_restantes: int = Field(description="Días de calendario hasta que vence: 0 es hoy; negativo si ya venció.")
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
    estado: EfirmaState = Field(description="Cómo está su e.firma, o `sin_efirma`.")
    descarga_diaria: bool = Field(description="Si se descarga cada noche lo nuevo de este RFC.")
    retenciones_diarias: bool = Field(description="Si la descarga diaria pide también sus retenciones.")
    creado: datetime
    efirma: EfirmaOut | None = Field(description="La e.firma en uso; nula si no hay.")

    @classmethod
    def of(cls, found: Contribuyente) -> Self:
        """Put a taxpayer into its wire names."""
        return cls(
            rfc=str(found.rfc),
            nombre=found.name,
            acceso=found.level,
            estado=found.state,
            descarga_diaria=found.daily_download,
            retenciones_diarias=found.daily_retenciones,
            creado=found.created_at,
            efirma=None if found.efirma is None else EfirmaOut.of(found.efirma),
        )


class ClienteOut(ContribuyenteOut):
    """A taxpayer with what was downloaded for it."""

    ultima_descarga: datetime | None = Field(description="Cuándo se guardó su paquete más reciente.")
    faltantes: int | None = Field(
        description="CFDI y retenciones que el SAT informa y cuyo XML no está aquí, sin los recibidos cancelados, que "
        "no se entregan."
    )

    @classmethod
    def of_client(cls, client: Client) -> Self:
        """Put a client into its wire names."""
        plain = ContribuyenteOut.of(client.taxpayer)
        figures = client.figures
        return cls(**dict(plain), ultima_descarga=figures.last_download, faltantes=figures.missing)


class ContribuyentesOut(BaseModel):
    """A page of the taxpayers the caller may see."""

    contribuyentes: list[ClienteOut]
    siguiente: str | None = Field(description="El `cursor` de la página que sigue; nulo en la última.")

    @classmethod
    def of(cls, page: Page[Client]) -> Self:
        """Put a page into its wire names."""
        return cls(contribuyentes=[ClienteOut.of_client(client) for client in page.items], siguiente=page.next_cursor)


class ContribuyenteIn(BaseModel):
    """A client to write down before its e.firma is here."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"rfc": "EKU9003173C9", "nombre": "Escuela Kemper Urgate"}}
    )

    rfc: str = Field(max_length=40)
    nombre: str = Field("", max_length=NAME_LIMIT, description="Vacío: se toma de la e.firma cuando llegue.")
    descarga_diaria: bool = False
    retenciones_diarias: bool = Field(False, description="Sólo cuenta con `descarga_diaria`, a la que se suma.")


class ContribuyenteChange(BaseModel):
    """What may be changed about a taxpayer; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"descarga_diaria": True}})

    nombre: str | None = Field(None, max_length=NAME_LIMIT, description="Vacío: el nombre de la e.firma.")
    descarga_diaria: bool | None = None
    retenciones_diarias: bool | None = Field(
        None, description="Sólo cuenta con `descarga_diaria`, a la que se suma: hasta cuatro solicitudes más por noche."
    )


class EliminadoOut(BaseModel):
    """A taxpayer that was removed, and the export that outlives it."""

    rfc: str
    exportacion_descargada: bool | None = Field(
        description="Si alguien descargó el ZIP de su exportación completa; nulo si aquí no queda ninguno."
    )
    exportacion_hasta: datetime | None = Field(description="Hasta cuándo se puede descargar todavía ese ZIP.")

    @classmethod
    def of(cls, rfc: str, kept: KeptExport | None) -> Self:
        """Put it into its wire names."""
        return cls(
            rfc=rfc,
            exportacion_descargada=None if kept is None else kept.taken,
            exportacion_hasta=None if kept is None else kept.until,
        )


class PemIn(BaseModel):
    """What an export asks for: proof of who asks, and the password to encrypt the key under."""

    model_config = ConfigDict(extra="forbid")

    password_cuenta: SecretStr = Field(max_length=200, description="La contraseña con la que inicias sesión en Acuse.")
    password_pem: SecretStr = Field(
        max_length=200, description="La contraseña que cifrará la llave exportada; 10 caracteres o más."
    )


class PemOut(BaseModel):
    """An e.firma as PEM text. The key is encrypted."""

    numero_serie: str
    certificado: str = Field(description="`-----BEGIN CERTIFICATE-----`, en renglones de 64 columnas.")
    llave: str = Field(description="`-----BEGIN ENCRYPTED PRIVATE KEY-----`: PKCS#8 cifrado con AES-256.")

    @classmethod
    def of(cls, files: PemFiles) -> Self:
        """Put the files into their wire names."""
        return cls(numero_serie=files.number, certificado=files.certificate, llave=files.key)


class LoteLineOut(BaseModel):
    """What became of one line of a batch, or would become of it."""

    renglon: int | None = Field(description="Su renglón en la lista; nulo si la lista no lo nombra.")
    quien: str = Field(description="Lo que dice la lista: un RFC o el nombre de un archivo.")
    resultado: BatchResult
    rfc: str
    nombre: str
    cer: str
    key: str
    error: str | None = Field(description="Código de por qué se rechazó.")
    mensaje: str = ""

    @classmethod
    def of(cls, line: BatchLine) -> Self:
        """Put a line into its wire names."""
        return cls(
            renglon=line.line,
            quien=line.who,
            resultado=line.result,
            rfc=line.rfc,
            nombre=line.name,
            cer=line.cer,
            key=line.key,
            error=line.fault.code if line.fault else None,
            mensaje=line.fault.text if line.fault else "",
        )


class LoteOut(BaseModel):
    """What became of a batch, line by line."""

    ensayo: bool = Field(description="Si sólo se revisó y no se cargó nada.")
    buenas: int
    rechazadas: int
    renglones: list[LoteLineOut]

    @classmethod
    def of(cls, report: BatchReport) -> Self:
        """Put a report into its wire names."""
        return cls(
            ensayo=report.tried,
            buenas=report.good,
            rechazadas=report.bad,
            renglones=[LoteLineOut.of(line) for line in report.lines],
        )


class AccesoIn(BaseModel):
    """The access to give."""

    model_config = ConfigDict(json_schema_extra={"example": {"nivel": "operacion"}})

    nivel: AccessLevel = Field(description="`lectura`, `operacion` o `dueño`; cada uno incluye al anterior.")


class AccesoOut(BaseModel):
    """One user's access to a taxpayer."""

    id_usuario: int
    nombre: str
    cuit: str = Field(description="La clave con la que inicia sesión: RFC, CUIT o RUC.")
    nivel: AccessLevel
    desde: datetime

    @classmethod
    def of(cls, acceso: Acceso) -> Self:
        """Put an access into its wire names."""
        return cls(
            id_usuario=acceso.user_id,
            nombre=acceso.name,
            cuit=acceso.tax_id,
            nivel=acceso.level,
            desde=acceso.granted_at,
        )


class AccesosOut(BaseModel):
    """Who has access to a taxpayer."""

    accesos: list[AccesoOut]
