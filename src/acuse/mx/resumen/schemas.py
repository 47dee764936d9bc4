"""Months in figures as JSON and as lines of a CSV. The only place for their wire names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, Field

from acuse.mx.archivo import Direction
from acuse.mx.resumen.model import Resumen, Total
from acuse.webkit.files import disposition


class MesResumenOut(BaseModel):
    """One month of one side, in pesos by each document's own rate. Cancelled documents are left out."""

    mes: str = Field(description="AAAA-MM: de emisión; los pagos, del día en que se pagó.")
    tipo_comprobante: str = Field(description="`E` emitidos o `R` recibidos.")
    cfdi: int
    ingresos: Decimal = Field(description="Totales de los comprobantes de ingreso, con impuestos.")
    egresos: Decimal = Field(description="Totales de los de egreso (notas de crédito).")
    neto: Decimal
    subtotal: Decimal = Field(description="Antes de impuestos, menos descuentos; ingresos menos egresos.")
    iva_trasladado: Decimal
    iva_retenido: Decimal
    isr_retenido: Decimal
    ieps: Decimal
    pue: Decimal = Field(description="Ingresos pagados en una sola exhibición.")
    ppd: Decimal = Field(description="Ingresos por pagar en parcialidades o diferido.")
    pagos: Decimal = Field(description="Cobrado (emitidos) o pagado (recibidos) según los comprobantes de pago.")
    pagos_cuenta: int
    nomina: Decimal
    cancelados: int
    cancelados_importe: Decimal
    sin_xml: int = Field(description="Sólo se conoce su total: no suman impuestos, PUE ni PPD.")
    sin_tipo_cambio: int = Field(description="En otra moneda y sin su tipo de cambio: no suman importes.")

    @classmethod
    def of(cls, month: date, direction: Direction, found: Total) -> Self:
        """Put a month into its wire names."""
        return cls(
            mes=f"{month:%Y-%m}",
            tipo_comprobante=direction.value,
            cfdi=found.count,
            ingresos=found.ingresos,
            egresos=found.egresos,
            neto=found.neto,
            subtotal=found.subtotal,
            iva_trasladado=found.iva_trasladado,
            iva_retenido=found.iva_retenido,
            isr_retenido=found.isr_retenido,
            ieps=found.ieps,
            pue=found.pue,
            ppd=found.ppd,
            pagos=found.pagos,
            pagos_cuenta=found.payments,
            nomina=found.nomina,
            cancelados=found.cancelled,
            cancelados_importe=found.cancelled_mxn,
            sin_xml=found.without_xml,
            sin_tipo_cambio=found.without_rate,
        )


class ResumenOut(BaseModel):
    """A year of a taxpayer."""

    rfc: str
    year: int
    meses: list[MesResumenOut]

    @classmethod
    def of(cls, found: Resumen) -> Self:
        """Put a year into its wire names."""
        return cls(rfc=found.rfc, year=found.year, meses=[MesResumenOut.of(*each) for each in found.months()])

    def csv(self) -> bytes:
        """Answer it as CSV with the mark by which spreadsheets know UTF-8: a heading, then a line a month and side."""
        heads = list(MesResumenOut.model_fields)
        lines = [["rfc", *heads], *([self.rfc, *(str(getattr(each, name)) for name in heads)] for each in self.meses)]
        return ("\ufeff" + "".join(",".join(line) + "\r\n" for line in lines)).encode()

    @property
    def file_headers(self) -> dict[str, str]:
        """Answer the headers of a download; in its name an RFC keeps its `&` and `Ñ`."""
        return {"Content-Disposition": disposition(f"resumen-{self.rfc}-{self.year}.csv")}
