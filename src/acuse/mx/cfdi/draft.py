"""Plain data of a CFDI before it is written: parties, lines, taxes, payments, freight. No XML here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Emisor:
    """Who issues."""

    rfc: str
    nombre: str
    regimen: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Receptor:
    """Who receives; `domicilio` is the postcode of the fiscal address."""

    rfc: str
    nombre: str
    regimen: str
    domicilio: str
    uso: str
    residencia: str | None = None
    registro_extranjero: str | None = None


@dataclass(frozen=True, slots=True)
class Impuesto:
    """One tax of a line: 001 ISR, 002 IVA, 003 IEPS; `retenido` when the receiver withholds it."""

    clave: str
    tasa: Decimal | None
    retenido: bool = False

    @property
    def factor(self) -> str:
        """Answer the TipoFactor: an exempt line has no rate."""
        return "Exento" if self.tasa is None else "Tasa"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tercero:
    """On whose account a line is sold."""

    rfc: str
    nombre: str
    regimen: str
    domicilio: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Concepto:
    """One line. Its price is without tax; its amount is quantity times price, at most six decimals."""

    clave_prod_serv: str
    cantidad: Decimal
    clave_unidad: str
    descripcion: str
    valor_unitario: Decimal
    unidad: str | None = None
    no_identificacion: str | None = None
    descuento: Decimal | None = None
    impuestos: tuple[Impuesto, ...] = ()
    tercero: Tercero | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Relacion:
    """Other documents this one speaks of, and how (01 credit note, 04 substitution…)."""

    tipo: str
    uuids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class InformacionGlobal:
    """Which sales to the general public a document gathers."""

    periodicidad: str
    meses: str
    year: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Parada:
    """Where goods are loaded or unloaded: who is there, when, and the place (c_Estado and postcode)."""

    rfc: str
    nombre: str
    fecha: datetime
    estado: str
    codigo_postal: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CartaPorte:
    """A freight by road, with one lorry and one driver, of the goods in the document's lines."""

    id: str
    origen: Parada
    destino: Parada
    kilometros: int
    peso_kg: Decimal
    placa: str
    modelo: int
    operador_rfc: str
    operador_nombre: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comprobante:
    """An Ingreso, Egreso or Traslado. `fecha` is local to the place of issue."""

    efecto: str
    fecha: datetime
    emisor: Emisor
    receptor: Receptor
    conceptos: tuple[Concepto, ...]
    lugar_expedicion: str
    serie: str | None = None
    folio: str | None = None
    moneda: str = "MXN"
    tipo_cambio: Decimal | None = None
    forma_pago: str | None = None
    metodo_pago: str | None = None
    relacion: Relacion | None = None
    informacion_global: InformacionGlobal | None = None
    carta_porte: CartaPorte | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentoPagado:
    """An invoice a payment is put to; its taxes are those of the whole invoice, base first."""

    uuid: str
    total: Decimal
    saldo_anterior: Decimal
    pagado: Decimal
    impuestos: tuple[tuple[Impuesto, Decimal], ...]
    serie: str | None = None
    folio: str | None = None
    parcialidad: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Pago:
    """A payment document with one payment, in the currency of the invoices it pays."""

    fecha: datetime
    emisor: Emisor
    receptor: Receptor
    lugar_expedicion: str
    fecha_pago: datetime
    forma_pago: str
    documentos: tuple[DocumentoPagado, ...]
    serie: str | None = None
    folio: str | None = None
    moneda: str = "MXN"
    tipo_cambio: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trabajador:
    """An employee as a payroll receipt names them."""

    receptor: Receptor
    curp: str
    seguro_social: str
    numero: str
    puesto: str
    desde: date
    estado: str
    salario_diario: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Nomina:
    """An ordinary payroll receipt of one fortnight: wages, ISR and social security withheld, subsidy."""

    fecha: datetime
    emisor: Emisor
    registro_patronal: str
    trabajador: Trabajador
    lugar_expedicion: str
    desde: date
    hasta: date
    dias: int
    sueldo: Decimal
    exento: Decimal
    isr: Decimal
    seguro: Decimal
    serie: str | None = None
    folio: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Retencion:
    """A document of Retenciones: what was paid to somebody in a period and what was withheld of it.

    `clave` is of c_CveRetenc, `impuesto` of c_Impuesto. A receiver abroad has no RFC and no postcode.
    """

    fecha: datetime
    emisor: Emisor
    receptor_nombre: str
    lugar_expedicion: str
    clave: str
    mes_inicial: int
    mes_final: int
    ejercicio: int
    operacion: Decimal
    gravado: Decimal
    exento: Decimal
    retenido: Decimal
    impuesto: str
    receptor_rfc: str | None = None
    receptor_domicilio: str | None = None
    receptor_curp: str | None = None
    receptor_registro: str | None = None
    descripcion: str | None = None
    folio: str | None = None
