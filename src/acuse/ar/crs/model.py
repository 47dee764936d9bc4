"""Downloads, quotas and certificates: values and rules, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from acuse.ar.crs.errors import DatesReversed
from acuse.kernel.money import Money

ZONE: Final = ZoneInfo("America/Argentina/Buenos_Aires")
SOON: Final = timedelta(days=60)
RADAR_DAYS: Final = (7, 15, 30, 60)
CURRENCY: Final = "ARS"
BATCH_MAX: Final = 1000
LOG_MAX: Final = 100
_WARN, _FULL = 80, 100


class EstadoDescarga(StrEnum):
    """Where the billing of a download stands."""

    PENDIENTE = "Pendiente de Facturar"
    FACTURADO = "Facturado"


class EstadoControlador(StrEnum):
    """What ARCA knows of a device."""

    SIN_ALTA = "sin_alta"
    ACTIVO = "activo"
    BAJA = "baja"


class EstadoCertificado(StrEnum):
    """How a certificate stands, from its dates and its successor."""

    VIGENTE = "vigente"
    POR_VENCER = "por_vencer"
    VENCIDO = "vencido"
    REEMPLAZADO = "reemplazado"


class Step(StrEnum):
    """The steps of a download's log."""

    INIT = "INIT"
    QUOTA = "QUOTA"
    CERT = "CERT"
    READY = "READY"
    DELIVERED = "DELIVERED"
    ERROR = "ERROR"


class AlertKind(StrEnum):
    """What administrators are told of."""

    WARNED = "80"
    FULL = "100"
    BLOCKED = "bloqueo"


class Level(IntEnum):
    """How full a quota is, by its thresholds."""

    NONE = 0
    WARNED = _WARN
    FULL = _FULL


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A user's limit of pending downloads and its use; `reserved` places wait for an issuance under way."""

    user_id: int
    limite: int
    pending: int
    total: int
    cycle: int = 0
    reserved: int = 0

    @property
    def percentage(self) -> int:
        """Answer the use in percent, rounded half up; 0 where the limit is 0."""
        return percentage(self.pending, self.limite)

    @property
    def can_download(self) -> bool:
        """Answer whether one more may start."""
        return self.pending + self.reserved < self.limite

    @property
    def level(self) -> Level:
        """Answer the threshold reached, by whole numbers and never by the rounded percentage."""
        return level_of(self.pending, self.limite)


def percentage(pending: int, limite: int) -> int:
    """Answer pending × 100 / limit, rounded half up; 0 where the limit is 0."""
    return 0 if limite == 0 else (pending * 200 + limite) // (limite * 2)


def level_of(pending: int, limite: int) -> Level:
    """Answer the highest threshold that this use has reached. Nothing pending reaches none."""
    if pending == 0 or pending * 100 < limite * _WARN:
        return Level.NONE
    return Level.FULL if pending >= limite else Level.WARNED


def crossing(before: Level, after: Level) -> AlertKind | None:
    """Answer the one alert a move between levels is worth: the most advanced threshold crossed upwards."""
    if after <= before:
        return None
    return AlertKind.FULL if after is Level.FULL else AlertKind.WARNED


@dataclass(frozen=True, kw_only=True)
class Certificado:
    """A certificate of the catalogue."""

    id: UUID
    nombre: str
    controlador_id: str
    archivo_referencia: str
    file_name: str
    serial: str
    issuer: str
    not_before: datetime
    not_after: datetime
    fingerprint: str
    key_bits: int
    size_bytes: int
    checksum: str
    extra: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    replaced: bool
    discharged: bool
    """ARCA ended the device for good."""
    downloaded: bool

    def estado(self, at: datetime) -> EstadoCertificado:
        """Answer how it stands at this instant."""
        if self.replaced:
            return EstadoCertificado.REEMPLAZADO
        if at > self.not_after:
            return EstadoCertificado.VENCIDO
        return EstadoCertificado.POR_VENCER if self.not_after - at <= SOON else EstadoCertificado.VIGENTE

    def why_not_offered(self, at: datetime) -> str:
        """Answer why nobody needs it any more; empty while it is in force, the newest, of a device that works."""
        if self.discharged:
            return "ARCA dio de baja el equipo"
        if self.replaced:
            return "el equipo tiene uno más nuevo"
        return "venció" if at > self.not_after else ""

    def days_left(self, at: datetime) -> int:
        """Answer the whole days of validity left, negative when it has ended."""
        return (self.not_after - at) // timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Descarga:
    """A download as lists show it."""

    id: UUID
    id_usuario: int
    usuario_nombre: str
    id_certificado: UUID
    controlador_id: str
    certificado_nombre: str
    fecha: datetime
    estado: EstadoDescarga
    checksum: str
    size_bytes: int
    ip_origen: str | None
    deliveries: int
    precio: Money | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class LoggedDescarga(Descarga):
    """A download with its log."""

    logs: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class DescargaFilter:
    """Which downloads are wanted; None is any. Days are whole days in Buenos Aires."""

    estado: EstadoDescarga | None = None
    usuario_id: int | None = None
    controlador: str | None = None
    cuit: str | None = None
    desde: date | None = None
    hasta: date | None = None

    def __post_init__(self) -> None:
        if self.desde and self.hasta and self.desde > self.hasta:
            raise DatesReversed(fields={"fecha_hasta": DatesReversed.message})

    @property
    def since(self) -> datetime | None:
        """Answer the first instant wanted."""
        return start_of(self.desde) if self.desde else None

    @property
    def before(self) -> datetime | None:
        """Answer the first instant no longer wanted."""
        return start_of(self.hasta + timedelta(days=1)) if self.hasta and self.hasta < date.max else None

    def as_dict(self) -> dict[str, str | int]:
        """Answer what is asked for, for the audit."""
        said: dict[str, str | int | None] = {
            "estado": self.estado.value if self.estado else None,
            "usuario_id": self.usuario_id,
            "controlador_id": self.controlador,
            "cuit": self.cuit,
            "fecha_desde": self.desde.isoformat() if self.desde else None,
            "fecha_hasta": self.hasta.isoformat() if self.hasta else None,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Started:
    """The answer to a start."""

    id: UUID
    pending: int
    limite: int

    @property
    def percentage(self) -> int:
        """Answer the use after this download."""
        return percentage(self.pending, self.limite)


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The figures of one snapshot."""

    total_usuarios: int
    usuarios_activos: int
    total_descargas: int
    pendientes: int
    descargas_mes: int
    top: list[tuple[str, int]]


def start_of(day: date) -> datetime:
    """Answer the first instant of a day in Buenos Aires, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(tz=_UTC)


def month_start(at: datetime) -> datetime:
    """Answer the first instant of the month in Buenos Aires."""
    return start_of(at.astimezone(ZONE).date().replace(day=1))


def log_entry(at: datetime, step: Step, message: str) -> dict[str, str]:
    """Answer one line of a download's log."""
    return {"timestamp": stamp(at), "message": message, "step": step.value}


def stamp(at: datetime) -> str:
    """Answer an instant as logs show it: UTC with `Z`, whole seconds."""
    return at.astimezone(_UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_UTC: Final = ZoneInfo("UTC")
