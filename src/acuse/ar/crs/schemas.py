"""Downloads, certificates and figures as JSON. The only place for their wire names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from acuse.ar.controladores import ControladorId
from acuse.ar.crs.model import (
    BATCH_MAX,
    Certificado,
    Descarga,
    DescargaFilter,
    EstadoCertificado,
    EstadoDescarga,
    LoggedDescarga,
    Metrics,
    Quota,
    Started,
)
from acuse.ar.crs.service.catalogue import Received
from acuse.kernel.handed_in import Fate, ImportReport
from acuse.webkit.formats import plural

PAGE_MAX = 200
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch
_Search = Annotated[str, StringConstraints(max_length=100, strip_whitespace=True)]


class StartIn(BaseModel):
    """Which certificate to download."""

    model_config = ConfigDict(json_schema_extra={"example": {"certificateId": "0b7e4d0e-6f0f-4d0a-9d0f-0c5f3c1b2a10"}})

    certificateId: UUID = Field(description="Identificador del certificado en el catálogo.")


class StartOut(BaseModel):
    """The download that was started, and the caller's quota after it."""

    downloadId: UUID
    message: str = "Descarga iniciada correctamente"
    pendingCount: int
    limit: int
    percentage: int

    @classmethod
    def of(cls, started: Started) -> Self:
        """Put a start into its wire names."""
        return cls(
            downloadId=started.id, pendingCount=started.pending, limit=started.limite, percentage=started.percentage
        )


class LogOut(BaseModel):
    """One line of a download's log."""

    timestamp: str
    message: str
    step: str


class StatusOut(BaseModel):
    """A download's billing state and its log."""

    id_descarga: UUID
    estado: EstadoDescarga
    logs: list[LogOut]
    certificado_nombre: str
    usuario_nombre: str
    controlador_id: str
    fecha: datetime
    checksum: str
    tamano: int = Field(serialization_alias="tamaño", description="Bytes del archivo que se entrega.")
    entregas: int

    @classmethod
    def of(cls, found: LoggedDescarga) -> Self:
        """Put a download into its wire names."""
        return cls(
            id_descarga=found.id,
            estado=found.estado,
            logs=[LogOut(**entry) for entry in found.logs],
            certificado_nombre=found.certificado_nombre,
            usuario_nombre=found.usuario_nombre,
            controlador_id=found.controlador_id,
            fecha=found.fecha,
            checksum=found.checksum,
            tamano=found.size_bytes,
            entregas=found.deliveries,
        )


class DescargaOut(BaseModel):
    """A download in a list."""

    id_descarga: UUID
    id_usuario: int
    usuario_nombre: str
    id_certificado: UUID
    controlador_id: str
    certificado_nombre: str
    fecha: datetime
    estado: EstadoDescarga
    checksum: str
    tamano: int = Field(serialization_alias="tamaño", description="Bytes del archivo que se entrega.")
    ip_origen: str | None
    entregas: int
    precio: str | None = Field(None, description="Lo que se cobra por ella, si se sabe; con dos decimales.")
    moneda: str | None = None
    updated_at: datetime

    @classmethod
    def of(cls, found: Descarga) -> Self:
        """Put a download into its wire names."""
        return cls(
            id_descarga=found.id,
            id_usuario=found.id_usuario,
            usuario_nombre=found.usuario_nombre,
            id_certificado=found.id_certificado,
            controlador_id=found.controlador_id,
            certificado_nombre=found.certificado_nombre,
            fecha=found.fecha,
            estado=found.estado,
            checksum=found.checksum,
            tamano=found.size_bytes,
            ip_origen=found.ip_origen,
            entregas=found.deliveries,
            precio=None if found.precio is None else f"{found.precio.amount:.2f}",
            moneda=None if found.precio is None else found.precio.currency,
            updated_at=found.updated_at,
        )


class PaginationOut(BaseModel):
    """Where a page stands among all; `cursor` leads on at any depth without counting rows."""

    page: int
    limit: int
    total: int
    pages: int
    cursor: str | None = Field(None, description="Para leer la página siguiente con `cursor`; nulo si no hay más.")

    @classmethod
    def of(cls, *, page: int, limit: int, total: int, cursor: str | None) -> Self:
        """Work out the number of pages; 0 when there is nothing."""
        return cls(page=page, limit=limit, total=total, pages=-(-total // limit), cursor=cursor)


class DescargasOut(BaseModel):
    """A page of downloads."""

    descargas: list[DescargaOut]
    pagination: PaginationOut


def _day(value: Any) -> Any:
    """Refuse what is not written as a date: a number would be taken for the seconds since 1970."""
    if isinstance(value, str) and not _DAY(value):
        raise ValueError("Debe ser una fecha (AAAA-MM-DD).")
    return value


Day = Annotated[date, BeforeValidator(_day)]


class PageQuery(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="ignore")

    page: int = Field(1, ge=1, le=1_000_000, description="Número de página, desde 1.")
    limit: int = Field(50, ge=1, le=PAGE_MAX, description="Elementos por página.")


class FilterQuery(BaseModel):
    """Which downloads. Dates are whole days in Buenos Aires."""

    model_config = ConfigDict(extra="ignore")

    estado: EstadoDescarga | None = Field(None, description="`Pendiente de Facturar` o `Facturado`.")
    usuario_id: int | None = Field(None, ge=1, le=2**62)
    controlador_id: str | None = Field(
        None, max_length=40, description="El equipo, escrito en cualquiera de sus formas."
    )
    cuit: str | None = Field(
        None, max_length=20, pattern=r"^[0-9\-. ]+$", description="CUIT del usuario, o parte de él."
    )
    fecha_desde: Day | None = None
    fecha_hasta: Day | None = None

    @property
    def wanted(self) -> DescargaFilter:
        """Answer the filter; raises InvalidControlador, DatesReversed."""
        return DescargaFilter(
            estado=self.estado,
            usuario_id=self.usuario_id,
            controlador=str(ControladorId.parse(self.controlador_id)) if self.controlador_id else None,
            cuit="".join(digit for digit in self.cuit or "" if digit.isdigit()) or None,
            desde=self.fecha_desde,
            hasta=self.fecha_hasta,
        )


class ListQuery(FilterQuery, PageQuery):
    """Which downloads, and which page of them."""

    cursor: str | None = Field(None, max_length=2000, description="Lo que dio `pagination.cursor`; en vez de `page`.")


class CatalogueQuery(PageQuery):
    """Which certificates."""

    limit: int = Field(PAGE_MAX, ge=1, le=PAGE_MAX, description="Elementos por página.")
    controlador_id: str | None = Field(
        None, max_length=40, description="El equipo, escrito en cualquiera de sus formas."
    )
    search: _Search = Field("", description="Parte del nombre o del controlador; mayúsculas y acentos no importan.")


class EstadoIn(BaseModel):
    """The state to put a download into."""

    model_config = ConfigDict(json_schema_extra={"example": {"estado": "Facturado"}})

    estado: EstadoDescarga


class BatchIn(BaseModel):
    """The downloads to change and their new state: all or none."""

    ids: list[UUID] = Field(min_length=1, max_length=BATCH_MAX)
    estado: EstadoDescarga


class BatchOut(BaseModel):
    """What a batch changed; those already in that state are not in it."""

    message: str
    updated: int
    updatedIds: list[UUID]

    @classmethod
    def of(cls, changed: Sequence[UUID], estado: EstadoDescarga) -> Self:
        """Say how many changed."""
        said = f"{plural(len(changed), 'descarga quedó', 'descargas quedaron')} en «{estado.value}»"
        return cls(message=said, updated=len(changed), updatedIds=list(changed))


class MessageOut(BaseModel):
    """What was done, in a sentence."""

    message: str


class LimitIn(BaseModel):
    """How many downloads may be pending."""

    limite_descargas: int = Field(ge=0, le=1_000_000)


class LimitsOut(BaseModel):
    """The caller's quota."""

    limite_descargas: int
    pendientes: int
    disponibles: int
    percentage_used: int
    can_download: bool

    @classmethod
    def of(cls, quota: Quota) -> Self:
        """Put a quota into its wire names."""
        return cls(
            limite_descargas=quota.limite,
            pendientes=quota.pending,
            disponibles=max(0, quota.limite - quota.pending),
            percentage_used=quota.percentage,
            can_download=quota.can_download,
        )


class SummaryOut(BaseModel):
    """A user's downloads in seven fields."""

    total_descargas: int
    pendientes: int
    facturadas: int
    limite_descargas: int
    nombre: str
    percentage_used: int
    can_download: bool

    @classmethod
    def of(cls, name: str, quota: Quota) -> Self:
        """Put a quota and its user into wire names."""
        return cls(
            total_descargas=quota.total,
            pendientes=quota.pending,
            facturadas=quota.total - quota.pending,
            limite_descargas=quota.limite,
            nombre=name,
            percentage_used=quota.percentage,
            can_download=quota.can_download,
        )


class CertificadoOut(BaseModel):
    """A certificate of the catalogue, without its content."""

    id_certificado: UUID
    nombre: str
    controlador_id: str
    archivo_referencia: str = Field(description="Nombre del archivo que se entrega.")
    metadata: dict[str, Any]
    estado: EstadoCertificado
    emisor: str
    numero_serie: str = Field(description="Número de serie del certificado, en hexadecimal.")
    vigente_desde: datetime
    vigente_hasta: datetime
    dias_restantes: int
    bits: int
    tamano: int = Field(serialization_alias="tamaño", description="Bytes del archivo que se entrega.")
    checksum: str
    ya_descargado: bool = Field(description="Si quien pregunta ya lo descargó: volver a entregarlo es gratis.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: Certificado, at: datetime) -> Self:
        """Put a certificate into its wire names, as it stands at this instant."""
        return cls(
            id_certificado=found.id,
            nombre=found.nombre,
            controlador_id=found.controlador_id,
            archivo_referencia=found.file_name,
            metadata=found.extra,
            estado=found.estado(at),
            emisor=found.issuer,
            numero_serie=found.serial,
            vigente_desde=found.not_before,
            vigente_hasta=found.not_after,
            dias_restantes=found.days_left(at),
            bits=found.key_bits,
            tamano=found.size_bytes,
            checksum=found.checksum,
            ya_descargado=found.downloaded,
            created_at=found.created_at,
            updated_at=found.updated_at,
        )


class ReceivedOut(BaseModel):
    """What became of one uploaded file."""

    archivo: str
    aceptado: bool
    id_certificado: UUID | None
    controlador_id: str | None
    avisos: list[str]
    error: str | None
    problema: str | None

    @classmethod
    def of(cls, found: Received) -> Self:
        """Put it into its wire names."""
        return cls(
            archivo=found.file_name,
            aceptado=found.fault is None,
            id_certificado=found.certificate_id,
            controlador_id=found.controlador_id,
            avisos=list(found.warnings),
            error=found.fault.code if found.fault else None,
            problema=found.fault.text if found.fault else None,
        )


class UploadOut(BaseModel):
    """What became of an upload, file by file."""

    message: str
    aceptados: int
    rechazados: int
    archivos: list[ReceivedOut]

    @classmethod
    def of(cls, received: Sequence[Received]) -> Self:
        """Count and list."""
        files = [ReceivedOut.of(one) for one in received]
        good = sum(file.aceptado for file in files)
        return cls(
            message=f"{good} certificados quedaron en el catálogo y {len(files) - good} se rechazaron",
            aceptados=good,
            rechazados=len(files) - good,
            archivos=files,
        )


class TopOut(BaseModel):
    """A user among those with the most downloads."""

    nombre: str
    descargas: int


class MetricsOut(BaseModel):
    """The dashboard's figures, all of one instant."""

    total_usuarios: int
    total_descargas: int
    pendientes_facturar: int
    descargas_mes: int
    usuarios_activos: int
    top_usuarios: list[TopOut]

    @classmethod
    def of(cls, found: Metrics) -> Self:
        """Put the figures into their wire names."""
        return cls(
            total_usuarios=found.total_usuarios,
            total_descargas=found.total_descargas,
            pendientes_facturar=found.pendientes,
            descargas_mes=found.descargas_mes,
            usuarios_activos=found.usuarios_activos,
            top_usuarios=[TopOut(nombre=name, descargas=number) for name, number in found.top],
        )


class RefusedRowOut(BaseModel):
    """A row that was not imported, and why."""

    linea: int
    clave: str
    error: str
    mensaje: str


class ImportedOut(BaseModel):
    """What became of a table handed in."""

    tabla: str
    archivo: str
    nuevos: int
    ya_estaban: int
    rechazados: int
    filas_rechazadas: list[RefusedRowOut]

    @classmethod
    def of(cls, report: ImportReport) -> Self:
        """Put a report into its wire names."""
        return cls(
            tabla=report.what,
            archivo=report.file,
            nuevos=report.count(Fate.NEW),
            ya_estaban=report.count(Fate.SAME),
            rechazados=report.count(Fate.REFUSED),
            filas_rechazadas=[
                RefusedRowOut(linea=row.number, clave=row.key, error=row.fault.code, mensaje=row.fault.text)
                for row in report.refused
                if row.fault is not None
            ],
        )
