"""Solicitudes and paquetes as JSON. The only place for their wire names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import Periodo, read_date
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service import Part, Repetition, SolicitudDetail, Spending, TokenTimes, YearOf, YearPlan
from acuse.mx.descarga.tables import HistoryRow, PaqueteRow, SolicitudRow
from acuse.mx.outside.sat_descarga.codes import (
    MAX_EQUAL_CFDI_SOLICITUDES,
    Efecto,
    EstadoComprobante,
    Familia,
    Sentido,
    TipoSolicitud,
)

_DATE = "Hora de la Ciudad de México: `AAAA-MM-DD`, con o sin hora `THH:MM:SS`."


def _written(value: Any) -> Any:
    """Refuse what is no date at all: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and "-" not in value[1:]:
        raise ValueError("Escribe la fecha como AAAA-MM-DD, con o sin hora.")
    return value


When = Annotated[datetime, BeforeValidator(_written)]


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": value}, extra="forbid")


class SolicitudIn(BaseModel):
    """What to ask of the SAT."""

    model_config = _example(
        {
            "rfc": "EKU9003173C9",
            "tipo_solicitud": "CFDI",
            "tipo_comprobante": "E",
            "fecha_inicio": "2025-01-01",
            "fecha_fin": "2025-01-31",
        }
    )

    rfc: str = Field(max_length=40, description="RFC del contribuyente: el que firma.")
    familia: Familia = Familia.CFDI
    tipo_solicitud: TipoSolicitud = Field(description="`CFDI` trae los XML; `Metadata`, un renglón por comprobante.")
    tipo_comprobante: Sentido = Field(description="`E` emitidos o `R` recibidos.")
    fecha_inicio: str = Field(max_length=40, description=_DATE)
    fecha_fin: str = Field(max_length=40, description=_DATE + " Sin hora, hasta su último segundo.")
    efecto: Efecto | None = Field(None, description="TipoComprobante del SAT: `I`, `E`, `T`, `N` o `P`.")
    estado_comprobante: EstadoComprobante | None = Field(
        None, description="Por omisión `Todos`; de los XML recibidos el SAT sólo entrega `Vigente`."
    )
    complemento: str | None = Field(None, max_length=60, description="Clave de complemento, como `pagos20`.")
    rfc_contraparte: list[str] = Field([], max_length=5, description="Hasta 5 receptores (E) o 1 emisor (R).")
    rfc_a_cuenta_terceros: str | None = Field(None, max_length=40)

    def parametros(self) -> Parametros:
        """Answer the checked parameters."""
        return Parametros.ask(
            familia=self.familia,
            tipo=self.tipo_solicitud,
            sentido=self.tipo_comprobante,
            periodo=Periodo(read_date(self.fecha_inicio), read_date(self.fecha_fin, end=True)),
            estado_comprobante=self.estado_comprobante,
            efecto=self.efecto,
            complemento=self.complemento,
            counterparts=self.rfc_contraparte,
            rfc_a_cuenta_terceros=self.rfc_a_cuenta_terceros,
        )


class AnualIn(BaseModel):
    """Which year to ask for."""

    model_config = _example({"rfc": "EKU9003173C9", "year": 2025, "tipo_comprobante": "E"})

    rfc: str = Field(max_length=40)
    year: int = Field(ge=2000, le=2100)
    tipo_comprobante: Sentido
    familia: Familia = Familia.CFDI


class FolioIn(BaseModel):
    """Which one CFDI to ask for."""

    model_config = _example({"rfc": "EKU9003173C9", "uuid": "8A2F5C3E-3B1D-4D9C-9A57-0C5A6E0F1B22"})

    rfc: str = Field(max_length=40, description="RFC del contribuyente: el que firma.")
    uuid: str = Field(max_length=60, description="Folio fiscal.")
    familia: Familia = Familia.CFDI


class SincronizarIn(BaseModel):
    """For whom to do what is due; nobody named means everybody the caller operates."""

    model_config = _example({"rfc": "EKU9003173C9"})

    rfc: str | None = Field(None, max_length=40)


class PaqueteOut(BaseModel):
    """A package."""

    id: UUID
    id_paquete: str = Field(description="Identificador del SAT.")
    id_solicitud: UUID = Field(description="Nuestra solicitud.")
    encontrado: datetime
    vence: datetime = Field(description="El SAT lo guarda 72 horas; después ya no se puede descargar.")
    descargas: int = Field(description="De las 2 que permite el SAT.")
    bytes: int | None
    sha256: str | None
    guardado: datetime | None
    indexado: datetime | None
    comprobantes: int | None
    perdido: bool
    problema: str | None

    @classmethod
    def of(cls, row: PaqueteRow) -> Self:
        """Put a package into its wire names."""
        return cls(
            id=row.id,
            id_paquete=row.id_paquete,
            id_solicitud=row.solicitud_id,
            encontrado=row.found_at,
            vence=row.expires_at,
            descargas=row.downloads,
            bytes=row.size_bytes,
            sha256=row.sha256,
            guardado=row.stored_at,
            indexado=row.indexed_at,
            comprobantes=row.cfdis,
            perdido=row.lost,
            problema=row.problem,
        )


class SolicitudOut(BaseModel):
    """A solicitud: what was asked, where it stands with us, and the SAT's own three codes."""

    id: UUID
    rfc: str
    familia: Familia
    tipo_solicitud: TipoSolicitud
    tipo_comprobante: Sentido
    fecha_inicio: datetime = Field(description="Hora de la Ciudad de México.")
    fecha_fin: datetime
    efecto: str | None
    estado_comprobante: str
    complemento: str | None
    rfc_contraparte: list[str]
    rfc_a_cuenta_terceros: str | None
    folio: str | None = Field(description="El único CFDI que se pidió, si fue por folio.")
    plan: UUID | None
    padre: UUID | None = Field(description="La solicitud dividida de la que ésta es una parte.")
    repite: UUID | None = Field(description="La solicitud en cuyo lugar se pidió ésta.")
    estado: Estado
    explicacion: str
    problema: str | None
    id_solicitud: str | None = Field(description="Identificador del SAT.")
    cod_estatus: int | None
    estado_solicitud: int | None
    codigo_estado_solicitud: int | None
    mensaje: str
    numero_cfdis: int | None
    envios: int
    intentos: int = Field(description="Desde el último cambio de estado.")
    siguiente_revision: datetime | None
    creada: datetime
    creada_por: str
    enviada: datetime | None
    verificada: datetime | None
    terminada: datetime | None

    @classmethod
    def of(cls, row: SolicitudRow) -> Self:
        """Put a solicitud into its wire names."""
        return cls(**_solicitud(row))


def _solicitud(row: SolicitudRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "rfc": row.rfc,
        "familia": row.familia,
        "tipo_solicitud": row.tipo,
        "tipo_comprobante": row.sentido,
        "fecha_inicio": row.fecha_inicio,
        "fecha_fin": row.fecha_fin,
        "efecto": row.efecto or None,
        "estado_comprobante": row.estado_comprobante,
        "complemento": row.complemento or None,
        "rfc_contraparte": [rfc for rfc in row.counterparts.split(",") if rfc],
        "rfc_a_cuenta_terceros": row.rfc_a_cuenta_terceros or None,
        "folio": row.folio or None,
        "plan": row.plan_id,
        "padre": row.parent_id,
        "repite": row.repeats_id,
        "estado": row.estado,
        "explicacion": row.estado.explanation,
        "problema": row.problem,
        "id_solicitud": row.id_solicitud,
        "cod_estatus": row.cod_estatus,
        "estado_solicitud": row.estado_solicitud,
        "codigo_estado_solicitud": row.codigo_estado_solicitud,
        "mensaje": row.mensaje,
        "numero_cfdis": row.numero_cfdis,
        "envios": row.sends,
        "intentos": row.attempts,
        "siguiente_revision": row.next_check_at,
        "creada": row.created_at,
        "creada_por": row.created_by,
        "enviada": row.sent_at,
        "verificada": row.verified_at,
        "terminada": row.finished_at,
    }


class SucesoOut(BaseModel):
    """One line in the story of a solicitud."""

    fecha: datetime
    suceso: Suceso
    codigo: int | None
    mensaje: str
    quien: str

    @classmethod
    def of(cls, row: HistoryRow) -> Self:
        """Put a line into its wire names."""
        return cls(fecha=row.at, suceso=row.suceso, codigo=row.codigo, mensaje=row.mensaje, quien=row.who)


class ParteOut(SolicitudOut):
    """A part of a divided solicitud with its own parts."""

    partes: list[ParteOut]

    @classmethod
    def of_part(cls, part: Part) -> Self:
        """Put a part and all below it into their wire names."""
        return cls(**_solicitud(part.solicitud), partes=[ParteOut.of_part(below) for below in part.parts])


class DePorVidaOut(BaseModel):
    """What of the equal CFDI solicitudes the SAT takes in a lifetime is spent."""

    cuenta: bool = Field(description="Falso si el SAT no lleva cuenta: Metadata y folios.")
    usadas: int
    permitidas: int = MAX_EQUAL_CFDI_SOLICITUDES

    @classmethod
    def of(cls, spending: Spending) -> Self:
        """Put a spending into its wire names."""
        return cls(cuenta=spending.counts, usadas=spending.spent)


class SolicitudDetailOut(SolicitudOut):
    """A solicitud with its story, its packages and its parts."""

    de_por_vida: DePorVidaOut | None
    repetida_por: UUID | None = Field(description="La solicitud que se pidió en lugar de ésta.")
    partes: list[ParteOut] = Field(description="En qué se dividió, si tenía más de lo que el SAT entrega.")
    historial: list[SucesoOut]
    paquetes: list[PaqueteOut]

    @classmethod
    def of_detail(cls, detail: SolicitudDetail) -> Self:
        """Put a detail into its wire names."""
        return cls(
            **_solicitud(detail.solicitud),
            de_por_vida=DePorVidaOut.of(detail.spending) if detail.spending else None,
            repetida_por=detail.repeated_by,
            partes=[ParteOut.of_part(part) for part in detail.parts],
            historial=[SucesoOut.of(line) for line in detail.history],
            paquetes=[PaqueteOut.of(paquete) for paquete in detail.paquetes],
        )


class RepetirOut(BaseModel):
    """What asking again would ask and spend."""

    repite: UUID
    fecha_inicio: datetime
    fecha_fin: datetime
    de_por_vida: DePorVidaOut
    gasta: str

    @classmethod
    def of(cls, planned: Repetition) -> Self:
        """Put a repetition into its wire names."""
        return cls(
            repite=planned.original.id,
            fecha_inicio=planned.parametros.periodo.inicio,
            fecha_fin=planned.parametros.periodo.fin,
            de_por_vida=DePorVidaOut.of(planned.spending),
            gasta=planned.cost,
        )


class SolicitudesOut(BaseModel):
    """A page of solicitudes."""

    solicitudes: list[SolicitudOut]
    siguiente: str | None = Field(description="Valor de `cursor` para la página que sigue; nulo en la última.")


class AnualOut(BaseModel):
    """The fourteen of a year, created or existing."""

    plan: UUID
    year: int
    tipo_comprobante: Sentido
    creadas: int
    solicitudes: list[SolicitudOut]

    @classmethod
    def of(cls, found: YearPlan) -> Self:
        """Put a plan into its wire names."""
        return cls(
            plan=found.plan.id,
            year=found.plan.year,
            tipo_comprobante=found.plan.sentido,
            creadas=found.created,
            solicitudes=[SolicitudOut.of(row) for row in found.solicitudes],
        )


class LoteAnualIn(BaseModel):
    """Which year to ask for, and for whom."""

    model_config = _example({"rfcs": ["EKU9003173C9", "COSC8001137NA"], "year": 2025, "tipo_comprobante": ["E", "R"]})

    rfcs: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=200)
    year: int = Field(ge=2000, le=2100)
    tipo_comprobante: list[Sentido] = Field([Sentido.EMITIDOS, Sentido.RECIBIDOS], min_length=1, max_length=2)
    familia: Familia = Familia.CFDI


class LoteAnualLineOut(BaseModel):
    """The fourteen of one client in one direction, or why there are none."""

    rfc: str
    tipo_comprobante: Sentido
    plan: UUID | None
    creadas: int
    error: str | None = Field(description="Código de por qué no se envió.")
    mensaje: str

    @classmethod
    def of(cls, found: YearOf) -> Self:
        """Put one client's outcome into its wire names."""
        return cls(
            rfc=found.rfc,
            tipo_comprobante=found.sentido,
            plan=found.plan.plan.id if found.plan else None,
            creadas=found.plan.created if found.plan else 0,
            error=found.fault.code if found.fault else None,
            mensaje=found.fault.text if found.fault else "",
        )


class LoteAnualOut(BaseModel):
    """What became of the fourteen of many clients."""

    resultados: list[LoteAnualLineOut]


class PaquetesOut(BaseModel):
    """A page of packages."""

    paquetes: list[PaqueteOut]
    siguiente: str | None


class TokenOut(BaseModel):
    """When the SAT's token was made and when it ends. The token itself is never answered."""

    rfc: str
    familia: Familia
    creado: datetime = Field(description="Según el reloj del SAT.")
    vence: datetime = Field(description="Según el reloj del SAT.")
    se_renueva: datetime = Field(description="Cuándo se pedirá otro, según nuestro reloj.")
    desfase_s: float | None = Field(description="Segundos que nuestro reloj va adelante del reloj del SAT.")

    @classmethod
    def of(cls, times: TokenTimes) -> Self:
        """Put the times into their wire names."""
        return cls(
            rfc=times.rfc,
            familia=times.familia,
            creado=times.created_at,
            vence=times.expires_at,
            se_renueva=times.renew_at,
            desfase_s=times.skew_s,
        )


class SincronizarOut(BaseModel):
    """For how many taxpayers the work was set going."""

    contribuyentes: int
