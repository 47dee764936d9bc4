"""CFDIs as JSON, and the filters as they come in an address. The only place for their wire names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema, field_validator

from acuse.kernel.money import BadAmount, parse_amount
from acuse.kernel.paging import Page
from acuse.mx.archivo.errors import BadSearch
from acuse.mx.archivo.model import CfdiFilter, Direction, Efecto, EstadoCfdi, StoredCfdi, uuid_range

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?)?", re.ASCII).fullmatch
_DATE_CHARS = len("2026-01-31")


def _moment(value: Any) -> Any:
    """Read `AAAA-MM-DD`, with or without a time of Mexico City."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not _MOMENT(text):
        raise ValueError("Escribe la fecha como AAAA-MM-DD, con o sin hora.")
    try:
        return date.fromisoformat(text) if len(text) == _DATE_CHARS else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("Esa fecha no existe.") from None


def _amount(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_amount(value)
    except BadAmount as error:
        raise ValueError(error.text) from None


Moment = Annotated[
    date | datetime | None,
    BeforeValidator(_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}, {"const": ""}]}
    ),
]
"""A day or an instant; a form's empty field is none."""
Amount = Annotated[Decimal | None, BeforeValidator(_amount)]


class CfdiQuery(BaseModel):
    """The filters of a list of CFDIs. Empty ones count as absent, as forms send them."""

    rfc: str | None = Field(None, description="RFC del contribuyente; sin él, todos los que puedes ver.", max_length=20)
    tipo_comprobante: Direction | None = Field(None, description="`E` emitidos, `R` recibidos.")
    uuid: str | None = Field(None, description="Folio fiscal, completo o sus primeros caracteres.", max_length=40)
    emisor: str | None = Field(None, description="RFC del emisor.", max_length=20)
    receptor: str | None = Field(None, description="RFC del receptor.", max_length=20)
    fecha_inicio: Moment = Field(None, description="Desde esta fecha de emisión (AAAA-MM-DD, con o sin hora).")
    fecha_fin: Moment = Field(None, description="Hasta esta fecha; sin hora vale hasta su último segundo.")
    efecto: Efecto | None = Field(None, description="`I` ingreso, `E` egreso, `T` traslado, `N` nómina, `P` pago.")
    estado: EstadoCfdi | None = Field(None, description="Según los metadatos más recientes del SAT.")
    importe_min: Amount = Field(None, description="Total desde este importe.")
    importe_max: Amount = Field(None, description="Total hasta este importe.")
    texto: str | None = Field(None, description="Palabras del nombre, RFC, folio o folio fiscal.", max_length=100)
    con_xml: bool | None = Field(None, description="Sólo con XML descargado, o sólo sin él.")
    cursor: str | None = Field(None, description="Marcador de la página siguiente.", max_length=2_000)
    limite: int | None = Field(None, ge=1, le=500, description="Filas por página; 50 si no se indica.")

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_absent(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("uuid")
    @classmethod
    def _uuid_begins(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                uuid_range(value)
            except BadSearch as fault:
                raise ValueError(fault.fields["uuid"]) from None
        return value

    @field_validator("fecha_fin")
    @classmethod
    def _ends_after_its_start(cls, value: Any, info: ValidationInfo) -> Any:
        days = CfdiFilter(desde=info.data.get("fecha_inicio"), hasta=value)
        if days.first_moment and days.last_moment and days.first_moment > days.last_moment:
            raise ValueError("Es anterior al inicio: cambia una de las dos fechas.")
        return value

    @field_validator("importe_max")
    @classmethod
    def _is_at_least_the_least(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        least = info.data.get("importe_min")
        if value is not None and least is not None and least > value:
            raise ValueError("Es menor que el importe mínimo: cambia uno de los dos.")
        return value

    def wanted(self) -> dict[str, Any]:
        """Answer the filters as plain data to keep, without whose CFDIs and which page of them."""
        return self.model_dump(mode="json", exclude={"rfc", "cursor", "limite"}, exclude_none=True)

    def filter(self) -> CfdiFilter:
        """Answer what to look for."""
        return CfdiFilter(
            direction=self.tipo_comprobante,
            uuid=self.uuid,
            emisor=self.emisor and self.emisor.strip(),
            receptor=self.receptor and self.receptor.strip(),
            desde=self.fecha_inicio,
            hasta=self.fecha_fin,
            efecto=self.efecto,
            estado=self.estado,
            total_min=self.importe_min,
            total_max=self.importe_max,
            text=self.texto,
            with_xml=self.con_xml,
        )


_NAMED: Final = 3
_IN_WORDS: Final = {
    "tipo_comprobante": "sentido",
    "fecha_inicio": "desde",
    "fecha_fin": "hasta",
    "importe_min": "total desde",
    "importe_max": "total hasta",
    "con_xml": "con XML",
}


def whose(rfcs: Sequence[str]) -> str:
    """Tell the taxpayers a job is about: by name while they are few."""
    return ", ".join(rfcs) if len(rfcs) <= _NAMED else f"{len(rfcs)} contribuyentes"


def in_words(wanted: Mapping[str, Any]) -> str:
    """Tell filters that were kept as JSON in one line for people, in the order of the search."""
    told = []
    for name in CfdiQuery.model_fields:
        value = wanted.get(name)
        if value is None:
            continue
        if name in {"tipo_comprobante", "efecto"}:
            value = (Direction if name == "tipo_comprobante" else Efecto)(value).label.lower()
        elif name in {"fecha_inicio", "fecha_fin"}:
            value = f"{value[8:10]}/{value[5:7]}/{value[:4]}{value[10:].replace('T', ' ')}"
        elif isinstance(value, bool):
            value = "sí" if value else "no"
        told.append(f"{_IN_WORDS.get(name, name)}: {value}")
    return ", ".join(told) or "todos los CFDI"


class CfdiOut(BaseModel):
    """One CFDI of a list."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "uuid": "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11",
                "rfc": "EKU9003173C9",
                "tipo_comprobante": "R",
                "fecha": "2025-03-14T10:22:05",
                "fecha_certificacion": "2025-03-14T10:22:41",
                "efecto": "I",
                "estado": "vigente",
                "fecha_cancelacion": None,
                "rfc_emisor": "M&P850101AB1",
                "nombre_emisor": "MUÑOZ & PEÑA ALIMENTOS",
                "rfc_receptor": "EKU9003173C9",
                "nombre_receptor": "ESCUELA KEMPER URGATE",
                "rfc_pac": "SPR190613I52",
                "total": "11600.00",
                "moneda": "MXN",
                "serie": "A",
                "folio": "300124",
                "metodo_pago": "PPD",
                "pagado_mxn": None,
                "con_xml": True,
            }
        }
    )

    uuid: str = Field(description="Folio fiscal.")
    rfc: str = Field(description="El contribuyente de quien es este CFDI en Acuse.")
    tipo_comprobante: Direction
    fecha: datetime = Field(description="Fecha de emisión, hora local del lugar de expedición.")
    fecha_certificacion: datetime
    efecto: Efecto
    estado: EstadoCfdi | None = Field(description="Nulo mientras no se hayan leído metadatos.")
    fecha_cancelacion: datetime | None
    rfc_emisor: str
    nombre_emisor: str | None
    rfc_receptor: str
    nombre_receptor: str | None
    rfc_pac: str | None
    total: Decimal
    moneda: str | None = Field(description="Nula mientras no se haya leído el XML.")
    serie: str | None
    folio: str | None
    metodo_pago: str | None
    pagado_mxn: Decimal | None = Field(description="En un comprobante de pago, lo pagado en pesos.")
    con_xml: bool

    @classmethod
    def of(cls, row: StoredCfdi) -> Self:
        """Put a CFDI into its wire names."""
        return cls(
            uuid=row.folio_fiscal,
            rfc=row.rfc,
            tipo_comprobante=row.direction,
            fecha=row.fecha,
            fecha_certificacion=row.fecha_timbrado,
            efecto=row.efecto,
            estado=row.estado,
            fecha_cancelacion=row.fecha_cancelacion,
            rfc_emisor=row.emisor_rfc,
            nombre_emisor=row.emisor_nombre,
            rfc_receptor=row.receptor_rfc,
            nombre_receptor=row.receptor_nombre,
            rfc_pac=row.rfc_pac,
            total=row.total,
            moneda=row.moneda,
            serie=row.serie,
            folio=row.folio,
            metodo_pago=row.metodo_pago,
            pagado_mxn=row.pagado_mxn,
            con_xml=row.has_xml,
        )


class CfdisOut(BaseModel):
    """A page of CFDIs, newest first."""

    cfdis: list[CfdiOut]
    siguiente: str | None = Field(description="Marcador para pedir la página siguiente; nulo en la última.")

    @classmethod
    def of(cls, page: Page[StoredCfdi]) -> Self:
        """Put a page into its wire names."""
        return cls(cfdis=[CfdiOut.of(row) for row in page.items], siguiente=page.next_cursor)
