"""What the archive holds and answers: documents, filters, reports. No I/O."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from acuse.mx.archivo.errors import BadSearch
from acuse.mx.cfdi.markup import Line
from acuse.mx.cfdi.printed import Printed

_HEX: Final = re.compile(r"[0-9A-F-]{4,36}").fullmatch
_UUID_HEX_CHARS: Final = 32


class Direction(StrEnum):
    """From whose side: the SAT's Emitidos and Recibidos."""

    EMITIDO = "E"
    RECIBIDO = "R"

    @property
    def label(self) -> str:
        """Answer the word for people."""
        return "Emitido" if self is Direction.EMITIDO else "Recibido"


class Efecto(StrEnum):
    """What a document does: TipoDeComprobante of Anexo 20, and ours for the certificates of withholding."""

    INGRESO = "I"
    EGRESO = "E"
    TRASLADO = "T"
    NOMINA = "N"
    PAGO = "P"
    RETENCION = "R"

    @property
    def label(self) -> str:
        """Answer the word for people."""
        return _EFECTOS[self]


_EFECTOS: Final = {
    Efecto.INGRESO: "Ingreso",
    Efecto.EGRESO: "Egreso",
    Efecto.TRASLADO: "Traslado",
    Efecto.NOMINA: "Nómina",
    Efecto.PAGO: "Pago",
    Efecto.RETENCION: "Retenciones",
}


class EstadoCfdi(StrEnum):
    """Whether the SAT counts the document as in force."""

    VIGENTE = "vigente"
    CANCELADO = "cancelado"


@dataclass(frozen=True, kw_only=True)
class StoredCfdi:
    """One CFDI of one taxpayer, as the index knows it. Dates are local to the place of issue, without a zone.

    What only the XML tells is None while only metadata was read; `estado` is None while no metadata was.
    """

    contribuyente_id: int
    rfc: str
    uuid: UUID
    direction: Direction
    fecha: datetime
    fecha_timbrado: datetime
    efecto: Efecto
    estado: EstadoCfdi | None
    fecha_cancelacion: datetime | None
    emisor_rfc: str
    emisor_nombre: str | None
    receptor_rfc: str
    receptor_nombre: str | None
    rfc_pac: str | None
    total: Decimal
    moneda: str | None
    serie: str | None
    folio: str | None
    metodo_pago: str | None
    pagado_mxn: Decimal | None
    has_xml: bool

    @property
    def folio_fiscal(self) -> str:
        """Answer the UUID as it is written on documents: upper case."""
        return str(self.uuid).upper()

    @property
    def contraparte_rfc(self) -> str:
        """Answer the RFC on the other side."""
        return self.receptor_rfc if self.direction is Direction.EMITIDO else self.emisor_rfc

    @property
    def contraparte_nombre(self) -> str | None:
        """Answer the name on the other side."""
        return self.receptor_nombre if self.direction is Direction.EMITIDO else self.emisor_nombre


@dataclass(frozen=True, kw_only=True)
class CfdiDetail(StoredCfdi):
    """All the index knows of one CFDI."""

    version: str | None
    emisor_regimen: str | None
    receptor_regimen: str | None
    uso_cfdi: str | None
    tipo_cambio: Decimal | None
    subtotal: Decimal | None
    descuento: Decimal | None
    trasladados: Decimal | None
    retenidos: Decimal | None
    iva_trasladado: Decimal | None
    iva_retenido: Decimal | None
    isr_retenido: Decimal | None
    ieps_trasladado: Decimal | None
    forma_pago: str | None
    lugar_expedicion: str | None
    tipo_relacion: str | None
    relacionados: Sequence[UUID]
    complementos: Sequence[str]
    no_certificado: str | None
    sello_final: str | None
    detalle: dict[str, Any] | None
    tercero_rfc: str | None
    tercero_nombre: str | None
    xml: XmlLocation | None


@dataclass(frozen=True, kw_only=True)
class XmlLocation:
    """Where the XML lies: the bytes of one member of a stored package."""

    paquete_key: str
    offset: int
    length: int
    method: int
    size_bytes: int


@dataclass(frozen=True)
class StoredXml:
    """The XML of a CFDI, byte for byte as the SAT gave it."""

    uuid: UUID
    rfc: str
    content: bytes

    @property
    def file_name(self) -> str:
        """Answer a name to save it under."""
        return f"{str(self.uuid).upper()}.xml"


@dataclass(frozen=True)
class StoredPdf:
    """A CFDI as PDF."""

    uuid: UUID
    content: bytes

    @property
    def file_name(self) -> str:
        """Answer a name to save it under."""
        return f"{str(self.uuid).upper()}.pdf"


@dataclass(frozen=True, kw_only=True)
class PaymentOf:
    """A payment that pays an invoice. Amounts are in the invoice's currency."""

    uuid: UUID
    fecha: datetime
    parcialidad: int | None
    pagado: Decimal | None
    insoluto: Decimal | None
    moneda: str | None
    estado: EstadoCfdi | None

    @property
    def folio_fiscal(self) -> str:
        """Answer the UUID of the payment document as it is written on documents."""
        return str(self.uuid).upper()


@dataclass(frozen=True, kw_only=True)
class ReadableCfdi:
    """A CFDI for its page: what the index knows, and its XML in print and in lines, once it is here.

    `known` are those of the documents it names that the taxpayer has too.
    """

    found: CfdiDetail
    printed: Printed | None
    lines: Sequence[Line]
    known: Collection[UUID]
    payments: Sequence[PaymentOf]

    def has(self, uuid: str) -> bool:
        """Tell whether a document named here is in the archive."""
        return uuid.lower() in {str(each) for each in self.known}


@dataclass(frozen=True, kw_only=True)
class CfdiFilter:
    """What to look for. Dates are those of the documents; a bare `hasta` means its last second.

    `uuid` may be a beginning of four digits or more. `text` is found in names and RFCs (beginnings of words), in
    folios and in UUIDs.
    """

    direction: Direction | None = None
    uuid: str | None = None
    emisor: str | None = None
    receptor: str | None = None
    desde: date | datetime | None = None
    hasta: date | datetime | None = None
    efecto: Efecto | None = None
    estado: EstadoCfdi | None = None
    total_min: Decimal | None = None
    total_max: Decimal | None = None
    text: str | None = None
    with_xml: bool | None = None

    def __post_init__(self) -> None:
        if any("\0" in text for text in (self.uuid, self.emisor, self.receptor, self.text) if text):
            raise BadSearch(problem="un filtro trae caracteres que no son texto.")

    @property
    def first_moment(self) -> datetime | None:
        """Answer the first second wanted."""
        return _moment(self.desde, time.min)

    @property
    def last_moment(self) -> datetime | None:
        """Answer the last second wanted."""
        return _moment(self.hasta, time(23, 59, 59))

    @property
    def uuid_range(self) -> tuple[UUID, UUID] | None:
        """Answer the first and last UUID that begin as asked. Raises BadSearch."""
        return None if self.uuid is None else uuid_range(self.uuid)


def uuid_range(beginning: str) -> tuple[UUID, UUID]:
    """Answer the first and last UUID with this beginning (four hexadecimal digits or more). Raises BadSearch."""
    digits = beginning.strip().upper()
    if not _HEX(digits) or not 4 <= len(digits := digits.replace("-", "")) <= _UUID_HEX_CHARS:  # noqa: PLR2004
        raise BadSearch(
            problem="el folio fiscal debe llevar al menos sus 4 primeros caracteres, de 0 a 9 y de A a F.",
            fields={"uuid": "Escribe al menos los 4 primeros caracteres."},
        )
    return UUID(digits.ljust(_UUID_HEX_CHARS, "0")), UUID(digits.ljust(_UUID_HEX_CHARS, "F"))


class FoundBy(StrEnum):
    """What showed that a CFDI held as in force is cancelled."""

    METADATA = "metadata"
    CONSULTA = "consulta"
    DESCARGA = "descarga"

    @property
    def label(self) -> str:
        """Answer the words for people."""
        return _FOUND_BY[self]


_FOUND_BY: Final = {
    FoundBy.METADATA: "Metadata del SAT",
    FoundBy.CONSULTA: "Consulta al SAT",
    FoundBy.DESCARGA: "El SAT negó su XML",
}


@dataclass(frozen=True, kw_only=True)
class Cancellation:
    """A CFDI that was held as in force until it was found cancelled.

    `fecha_cancelacion` is None while only a question told of it: the SAT dates it in the metadata alone.
    """

    contribuyente_id: int
    rfc: str
    uuid: UUID
    direction: Direction
    fecha: datetime
    contraparte_rfc: str
    contraparte_nombre: str | None
    total: Decimal
    moneda: str | None
    fecha_cancelacion: datetime | None
    found_at: datetime
    found_by: FoundBy

    @property
    def folio_fiscal(self) -> str:
        """Answer the UUID as documents write it."""
        return str(self.uuid).upper()


@dataclass(frozen=True)
class Refusal:
    """A document or row that could not be indexed."""

    name: str
    code: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """Answer it as the ledger keeps it."""
        return {"name": self.name, "code": self.code, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class IngestReport:
    """What indexing a package gave.

    `read` = `new` + `duplicate`; of metadata, `duplicate` counts rows already known, whose state may have changed.
    `already` tells that the package had been indexed before and nothing was done now. `refusals` holds the first of
    the refused.
    """

    paquete_key: str
    read: int
    new: int
    duplicate: int
    refused: int
    refusals: Sequence[Refusal] = ()
    already: bool = False


@dataclass(frozen=True)
class StoredPaquete:
    """A package that was indexed, and whose it is."""

    id: int
    contribuyente_id: int
    rfc: str
    key: str
    direction: Direction


@dataclass
class Reread:
    """What reading packages again gave; `unread` are those that could not be opened, with code and text."""

    packages: int = 0
    documents: int = 0
    new: int = 0
    refused: int = 0
    unread: list[tuple[StoredPaquete, str, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class MonthSummary:
    """One month of one direction. Amounts are those in force, in pesos by each document's own rate."""

    month: date
    direction: Direction
    count: int
    cancelled: int
    without_xml: int
    ingresos_mxn: Decimal
    egresos_mxn: Decimal
    pagado_mxn: Decimal


class DocumentPanels:
    """What other features show on the page of a CFDI: each gets the web request and the CFDI and answers HTML.

    They add themselves where the house is put together; the archive knows none of them.
    """

    def __init__(self) -> None:
        self._panels: list[Callable[[Any, CfdiDetail], Awaitable[str]]] = []

    def add(self, render: Callable[[Any, CfdiDetail], Awaitable[str]]) -> None:
        """Show this panel below the document's facts, after those added before."""
        self._panels.append(render)

    async def render(self, request: Any, found: CfdiDetail) -> list[str]:
        """Answer the panels of a CFDI, those with something to say."""
        return [html for panel in self._panels if (html := await panel(request, found))]


class ExplorerTools:
    """What other features offer on the explorer for the CFDIs found: each gets the web request and answers HTML."""

    def __init__(self) -> None:
        self._tools: list[Callable[[Any], Awaitable[str]]] = []
        self._below: list[Callable[[Any], Awaitable[str]]] = []

    def add(self, render: Callable[[Any], Awaitable[str]]) -> None:
        """Show this above the list when something was found, after those added before."""
        self._tools.append(render)

    def add_always(self, render: Callable[[Any], Awaitable[str]]) -> None:
        """Show this below the list, whatever was found."""
        self._below.append(render)

    async def render(self, request: Any) -> list[str]:
        """Answer those above the list."""
        return [await tool(request) for tool in self._tools]

    async def render_below(self, request: Any) -> list[str]:
        """Answer those below the list, if they have something to say."""
        return [html for tool in self._below if (html := await tool(request))]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much the archive holds for some taxpayers; `missing` XML are known of, not here, and to be had."""

    total: int
    cancelados: int
    missing: int


def _moment(day: date | datetime | None, moment: time) -> datetime | None:
    if day is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, moment)
