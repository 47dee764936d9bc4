"""The printed form of Pagos 2.0 and 1.0: each payment, and the invoices it pays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from acuse.mx.cfdi.printed.model import Column, Kind, Section
from acuse.mx.cfdi.printed.wording import amount, attribute, fact, known, moment, quantity, table, tax

_DOCUMENTS: Final = (
    Column("Folio fiscal", Kind.UUID, 9),
    Column("Serie y folio", weight=3),
    Column("Moneda", Kind.CODE, 2),
    Column("Equivalencia", Kind.AMOUNT, 3),
    Column("Parcialidad", Kind.AMOUNT, 3),
    Column("Saldo anterior", Kind.AMOUNT, 3),
    Column("Pagado", Kind.AMOUNT, 3),
    Column("Saldo insoluto", Kind.AMOUNT, 3),
)
_TAXES: Final = (Column("Impuesto", weight=4), Column("Base", Kind.AMOUNT, 3), Column("Importe", Kind.AMOUNT, 3))


def print_pagos(node: etree._Element, most_rows: int) -> Iterator[Section]:
    """Answer a section for each payment."""
    payments = [each for each in node if each.tag.endswith("}Pago")]
    for number, pago in enumerate(payments[:most_rows], 1):
        yield _pago(pago, f"Pago {number} de {len(payments)}" if len(payments) > 1 else "Pago", most_rows)


def _pago(node: etree._Element, title: str, most_rows: int) -> Section:
    moneda = attribute(node, "MonedaP")
    documents = [_documento(each) for each in node if each.tag.endswith("}DoctoRelacionado")]
    taxes = [
        (
            tax(each, "P" if each.get("ImpuestoP") else ""),
            amount(attribute(each, "BaseP")),
            amount(attribute(each, "ImporteP") or attribute(each, "Importe")),
        )
        for impuestos in node
        if impuestos.tag.endswith(("}ImpuestosP", "}Impuestos"))
        for group in impuestos
        for each in group
    ]
    tables = [table(_DOCUMENTS, documents, most_rows, "Documentos pagados")] if documents else []
    if taxes:
        tables.append(table(_TAXES, taxes, most_rows, "Impuestos del pago"))
    return Section(
        title,
        known(
            (
                fact("Fecha de pago", moment(attribute(node, "FechaPago"))),
                fact("Forma de pago", attribute(node, "FormaDePagoP"), "forma_pago"),
                fact("Monto", f"{amount(attribute(node, 'Monto'))} {moneda}".strip()),
                fact("Tipo de cambio", quantity(attribute(node, "TipoCambioP"))),
                fact("Número de operación", attribute(node, "NumOperacion")),
                fact("Banco ordenante", attribute(node, "NomBancoOrdExt") or attribute(node, "RfcEmisorCtaOrd")),
                fact("Cuenta ordenante", attribute(node, "CtaOrdenante")),
                fact("Banco beneficiario", attribute(node, "RfcEmisorCtaBen")),
                fact("Cuenta beneficiaria", attribute(node, "CtaBeneficiario")),
            )
        ),
        tables,
    )


def _documento(node: etree._Element) -> tuple[str, ...]:
    return (
        attribute(node, "IdDocumento").upper(),
        f"{attribute(node, 'Serie')} {attribute(node, 'Folio')}".strip(),
        attribute(node, "MonedaDR"),
        quantity(attribute(node, "EquivalenciaDR") or attribute(node, "TipoCambioDR")),
        attribute(node, "NumParcialidad"),
        amount(attribute(node, "ImpSaldoAnt")),
        amount(attribute(node, "ImpPagado")),
        amount(attribute(node, "ImpSaldoInsoluto")),
    )
