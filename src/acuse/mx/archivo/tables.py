"""The rows of the archive: CFDIs, their totals by month, the parties dealt with, and the packages indexed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from acuse.kernel.database import Base

LOCAL = TIMESTAMP(timezone=False)


class IndexedPaqueteRow(Base):
    """A package that was indexed, once. Its row is written in the same transaction as its documents.

    `reader` is the version of the program that read it: what an older one read can be read again.
    """

    __tablename__ = "indexed_paquetes"
    __table_args__ = (
        UniqueConstraint("contribuyente_id", "paquete_key", name="uq_indexed_paquetes_paquete_key"),
        CheckConstraint("kind in ('xml', 'metadata')", name="kind"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"))
    paquete_key: Mapped[str]
    kind: Mapped[str]
    reader: Mapped[int] = mapped_column(SmallInteger)
    direction: Mapped[str]
    read: Mapped[int] = mapped_column(Integer)
    new: Mapped[int] = mapped_column(Integer)
    duplicate: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    refusals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    indexed_at: Mapped[datetime]


class ContraparteRow(Base):
    """Somebody a taxpayer deals with, under one spelling of the name. Text search looks here, not at every CFDI."""

    __tablename__ = "contrapartes"
    __table_args__ = (
        UniqueConstraint("contribuyente_id", "rfc", "nombre", name="uq_contrapartes_rfc"),
        Index("ix_contrapartes_search", "search", postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"))
    rfc: Mapped[str]
    nombre: Mapped[str]
    search: Mapped[Any] = mapped_column(TSVECTOR)


class CancelacionRow(Base):
    """A CFDI that was held as in force and was found cancelled: when, from what, and when people were told."""

    __tablename__ = "cancelaciones"
    __table_args__ = (Index("ix_cancelaciones_found_at", "contribuyente_id", "found_at"),)

    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"), primary_key=True)
    uuid: Mapped[UUID] = mapped_column(primary_key=True)
    found_at: Mapped[datetime]
    found_by: Mapped[str]
    told_at: Mapped[datetime | None]


class CfdiRow(Base):
    """One CFDI of one taxpayer, known from the SAT's metadata, from its XML, or from both.

    Amounts and dates are the document's own; dates are local to the place of issue, hence without a zone. What only
    one source tells is null until that source was read. The XML lies in a package, from `xml_offset` on.
    It has no foreign keys, which would be asked for every row indexed: parties are joined when it is written, and a
    trigger on the taxpayers deletes what was theirs.
    """

    __tablename__ = "cfdi"
    __table_args__ = (
        CheckConstraint("direction in ('E', 'R')", name="direction"),
        CheckConstraint("efecto in ('I', 'E', 'T', 'N', 'P', 'R')", name="efecto"),
        CheckConstraint("estado in ('vigente', 'cancelado')", name="estado"),
        Index("ix_cfdi_fecha", "contribuyente_id", "fecha", "uuid"),
        Index("ix_cfdi_contraparte", "contraparte_id", "fecha", "uuid"),
        Index("ix_cfdi_folio", "contribuyente_id", "folio", postgresql_where=text("folio is not null")),
        Index(
            "ix_cfdi_cancelado",
            "contribuyente_id",
            "fecha",
            "uuid",
            postgresql_where=text("estado = 'cancelado'"),
        ),
        Index(
            "ix_cfdi_without_xml",
            "contribuyente_id",
            "fecha",
            "uuid",
            postgresql_where=text("xml_paquete_id is null"),
        ),
    )

    contribuyente_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    uuid: Mapped[UUID] = mapped_column(primary_key=True)
    direction: Mapped[str]
    contraparte_id: Mapped[int]  # in ContraparteRow

    fecha: Mapped[datetime] = mapped_column(LOCAL)
    fecha_timbrado: Mapped[datetime] = mapped_column(LOCAL)
    efecto: Mapped[str]
    emisor_rfc: Mapped[str]
    emisor_nombre: Mapped[str | None]
    receptor_rfc: Mapped[str]
    receptor_nombre: Mapped[str | None]
    rfc_pac: Mapped[str | None]
    total: Mapped[Decimal] = mapped_column(Numeric())

    estado: Mapped[str | None]
    fecha_cancelacion: Mapped[datetime | None] = mapped_column(LOCAL)
    estado_as_of: Mapped[datetime | None]
    tercero_rfc: Mapped[str | None]
    tercero_nombre: Mapped[str | None]

    version: Mapped[str | None]
    serie: Mapped[str | None]
    folio: Mapped[str | None]
    emisor_regimen: Mapped[str | None]
    receptor_regimen: Mapped[str | None]
    uso_cfdi: Mapped[str | None]
    moneda: Mapped[str | None]
    tipo_cambio: Mapped[Decimal | None] = mapped_column(Numeric())
    subtotal: Mapped[Decimal | None] = mapped_column(Numeric())
    descuento: Mapped[Decimal | None] = mapped_column(Numeric())
    trasladados: Mapped[Decimal | None] = mapped_column(Numeric())
    retenidos: Mapped[Decimal | None] = mapped_column(Numeric())
    iva_trasladado: Mapped[Decimal | None] = mapped_column(Numeric())
    iva_retenido: Mapped[Decimal | None] = mapped_column(Numeric())
    isr_retenido: Mapped[Decimal | None] = mapped_column(Numeric())
    ieps_trasladado: Mapped[Decimal | None] = mapped_column(Numeric())
    pagado_mxn: Mapped[Decimal | None] = mapped_column(Numeric())
    metodo_pago: Mapped[str | None]
    forma_pago: Mapped[str | None]
    lugar_expedicion: Mapped[str | None]
    tipo_relacion: Mapped[str | None]
    relacionados: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid()))
    complementos: Mapped[list[str] | None] = mapped_column(ARRAY(Text()))
    no_certificado: Mapped[str | None]
    sello_final: Mapped[str | None]
    detalle: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # keys: nomina, carta_porte, retencion

    xml_paquete_id: Mapped[int | None]  # in IndexedPaqueteRow
    xml_offset: Mapped[int | None]
    xml_length: Mapped[int | None] = mapped_column(Integer)
    xml_method: Mapped[int | None] = mapped_column(SmallInteger)
    xml_size: Mapped[int | None] = mapped_column(Integer)


class PagoRow(Base):
    """One payment of a payment document. `_mxn` is in pesos by its own rate; a tax not stated is null."""

    __tablename__ = "pagos"
    __table_args__ = (Index("ix_pagos_fecha", "contribuyente_id", "fecha"),)

    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"), primary_key=True)
    uuid: Mapped[UUID] = mapped_column(primary_key=True)
    numero: Mapped[int] = mapped_column(Integer, primary_key=True)
    fecha: Mapped[datetime] = mapped_column(LOCAL)
    forma_pago: Mapped[str | None]
    moneda: Mapped[str | None]
    tipo_cambio: Mapped[Decimal | None] = mapped_column(Numeric())
    monto: Mapped[Decimal] = mapped_column(Numeric())
    monto_mxn: Mapped[Decimal] = mapped_column(Numeric())
    iva_trasladado_mxn: Mapped[Decimal | None] = mapped_column(Numeric())
    iva_retenido_mxn: Mapped[Decimal | None] = mapped_column(Numeric())
    isr_retenido_mxn: Mapped[Decimal | None] = mapped_column(Numeric())


class PagoDocumentoRow(Base):
    """An invoice that a payment pays; `pago` is the payment's number. Amounts are in the invoice's currency."""

    __tablename__ = "pago_documentos"
    __table_args__ = (Index("ix_pago_documentos_documento", "contribuyente_id", "documento"),)

    contribuyente_id: Mapped[int] = mapped_column(ForeignKey("contribuyentes.id", ondelete="CASCADE"), primary_key=True)
    uuid: Mapped[UUID] = mapped_column(primary_key=True)
    pago: Mapped[int] = mapped_column(Integer, primary_key=True)
    numero: Mapped[int] = mapped_column(Integer, primary_key=True)
    documento: Mapped[UUID | None]
    serie: Mapped[str | None]
    folio: Mapped[str | None]
    moneda: Mapped[str | None]
    equivalencia: Mapped[Decimal | None] = mapped_column(Numeric())
    parcialidad: Mapped[int | None] = mapped_column(Integer)
    saldo_anterior: Mapped[Decimal | None] = mapped_column(Numeric())
    pagado: Mapped[Decimal | None] = mapped_column(Numeric())
    insoluto: Mapped[Decimal | None] = mapped_column(Numeric())


class CfdiMonthRow(Base):
    """What the CFDIs of one month add up to, by all that tells them apart in the sums.

    `method` is PUE, PPD or empty. Amounts are the documents' own times their rate, 1 when none is told; `without_rate`
    ones are in another currency without it. Derived from CfdiRow: triggers on it note the months that changed in
    ChangedMonthRow, and those are summed up anew when somebody asks.
    """

    __tablename__ = "cfdi_months"

    contribuyente_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    direction: Mapped[str] = mapped_column(primary_key=True)
    efecto: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    cancelled: Mapped[bool] = mapped_column(primary_key=True)
    with_xml: Mapped[bool] = mapped_column(primary_key=True)
    without_rate: Mapped[bool] = mapped_column(primary_key=True)
    documents: Mapped[int]
    total: Mapped[Decimal] = mapped_column(Numeric())
    subtotal: Mapped[Decimal] = mapped_column(Numeric())
    iva_trasladado: Mapped[Decimal] = mapped_column(Numeric())
    iva_retenido: Mapped[Decimal] = mapped_column(Numeric())
    isr_retenido: Mapped[Decimal] = mapped_column(Numeric())
    ieps: Mapped[Decimal] = mapped_column(Numeric())
    pagado: Mapped[Decimal] = mapped_column(Numeric())


class CfdiMonthPaymentsRow(Base):
    """What the payments add up to that documents in force of one month tell of, by the month they were `paid` in."""

    __tablename__ = "cfdi_month_payments"

    contribuyente_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    paid: Mapped[date] = mapped_column(Date, primary_key=True)
    direction: Mapped[str] = mapped_column(primary_key=True)
    payments: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Numeric())


class ChangedMonthRow(Base):
    """A month that some transaction changed since it was summed up; several may note the same one."""

    __tablename__ = "cfdi_changed_months"
    __table_args__ = (Index("ix_cfdi_changed_months_contribuyente_id", "contribuyente_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    contribuyente_id: Mapped[int]
    month: Mapped[date] = mapped_column(Date)
