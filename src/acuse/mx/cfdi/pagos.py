"""Reads the payments of a payment document: each payment, its taxes, and each invoice it pays.

Source: Complemento para recepción de pagos 2.0 and 1.0 (SAT), with their filling guides.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi import values
from acuse.mx.cfdi.names import PAGOS10, PAGOS20, clark

_ISR, _IVA = "001", "002"
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}").fullmatch
_PARCIALIDAD: Final = re.compile(r"[0-9]{1,4}").fullmatch


class DocumentoPagado(NamedTuple):
    """An invoice that a payment pays. Amounts are in the invoice's currency.

    `equivalencia` is how many units of it one unit of the payment's currency gives. `uuid` is None for the old papers
    that have none.
    """

    uuid: str | None
    serie: str | None
    folio: str | None
    moneda: str | None
    equivalencia: Decimal | None
    parcialidad: int | None
    saldo_anterior: Decimal | None
    pagado: Decimal | None
    insoluto: Decimal | None


class PagoLeido(NamedTuple):
    """One payment. `monto` is in its own currency; what ends in `_mxn` is in pesos by the payment's own rate.

    A tax the payment does not state is None: payments of version 1.0 state none.
    """

    fecha: datetime
    forma_pago: str | None
    moneda: str | None
    tipo_cambio: Decimal | None
    monto: Decimal
    monto_mxn: Decimal
    iva_trasladado_mxn: Decimal | None
    iva_retenido_mxn: Decimal | None
    isr_retenido_mxn: Decimal | None
    documentos: tuple[DocumentoPagado, ...]


class _Tags(NamedTuple):
    """The elements of one version, and the attributes of its taxes."""

    totales: str
    pago: str
    documento: str
    impuestos: str
    retenciones: str
    impuesto: str
    importe: str


def _tags(namespace: str, suffix: str) -> _Tags:
    return _Tags(
        clark(namespace, "Totales"),
        clark(namespace, "Pago"),
        clark(namespace, "DoctoRelacionado"),
        clark(namespace, f"Impuestos{suffix}"),
        clark(namespace, f"Retenciones{suffix}"),
        f"Impuesto{suffix}",
        f"Importe{suffix}",
    )


_VERSIONS: Final = {clark(PAGOS20, "Pagos"): _tags(PAGOS20, "P"), clark(PAGOS10, "Pagos"): _tags(PAGOS10, "")}
PAGOS: Final = frozenset(_VERSIONS)


def read_pagos(node: etree._Element) -> tuple[tuple[PagoLeido, ...], Decimal]:
    """Read the payments of a Pagos element of either version, and their money in pesos.

    That is the total the element states; version 1.0 states none, so it is the sum. Raises BadCfdi.
    """
    tags = _VERSIONS[node.tag]
    total: Decimal | None = None
    pagos: list[PagoLeido] = []
    for child in node:
        tag = child.tag
        if tag == tags.pago:
            pagos.append(_pago(child, tags))
        elif tag == tags.totales:
            total = values.amount(child.get("MontoTotalPagos"), "MontoTotalPagos")
    return tuple(pagos), sum((pago.monto_mxn for pago in pagos), Decimal(0)) if total is None else total


def _pago(node: etree._Element, tags: _Tags) -> PagoLeido:
    get = node.get
    rate = values.optional_amount(get("TipoCambioP"), "Pago.TipoCambioP")
    monto = values.amount(get("Monto"), "Pago.Monto")
    documents: list[DocumentoPagado] = []
    sums: dict[tuple[bool, str | None], Decimal] = {}
    for child in node:
        tag = child.tag
        if tag == tags.documento:
            documents.append(_documento(child))
        elif tag == tags.impuestos:
            _add_taxes(sums, child, tags)
    if len(documents) == 1 and documents[0].pagado is None:
        documents[0] = documents[0]._replace(pagado=monto)  # the guide: with one document the amount may be left out
    factor = None if rate is None or rate == 1 else rate
    return PagoLeido(
        values.local_time(get("FechaPago"), "Pago.FechaPago"),
        values.code(get("FormaDePagoP"), "Pago.FormaDePagoP"),
        values.code(get("MonedaP"), "Pago.MonedaP"),
        rate,
        monto,
        monto if factor is None else monto * factor,
        _pesos(sums.get((False, _IVA)), factor),
        _pesos(sums.get((True, _IVA)), factor),
        _pesos(sums.get((True, _ISR)), factor),
        tuple(documents),
    )


def _documento(node: etree._Element) -> DocumentoPagado:
    get = node.get
    uuid, parcialidad = get("IdDocumento", "").strip(), get("NumParcialidad", "").strip()
    return DocumentoPagado(
        uuid.upper() if _UUID(uuid) else None,
        values.text(get("Serie"), "DoctoRelacionado.Serie"),
        values.text(get("Folio"), "DoctoRelacionado.Folio"),
        values.code(get("MonedaDR"), "DoctoRelacionado.MonedaDR"),
        values.optional_amount(get("EquivalenciaDR") or get("TipoCambioDR"), "DoctoRelacionado.EquivalenciaDR"),
        int(parcialidad) if _PARCIALIDAD(parcialidad) else None,
        values.optional_amount(get("ImpSaldoAnt"), "DoctoRelacionado.ImpSaldoAnt"),
        values.optional_amount(get("ImpPagado"), "DoctoRelacionado.ImpPagado"),
        values.optional_amount(get("ImpSaldoInsoluto"), "DoctoRelacionado.ImpSaldoInsoluto"),
    )


def _add_taxes(sums: dict[tuple[bool, str | None], Decimal], impuestos: etree._Element, tags: _Tags) -> None:
    """Add the taxes of a payment as a whole, by kind and by whether they are withheld."""
    for group in impuestos:
        withheld = group.tag == tags.retenciones
        for tax in group:
            text = tax.get(tags.importe)
            if text is not None:
                kind = withheld, tax.get(tags.impuesto)
                importe = values.amount(text, tags.importe)
                sums[kind] = sums[kind] + importe if kind in sums else importe


def _pesos(importe: Decimal | None, factor: Decimal | None) -> Decimal | None:
    return importe if importe is None or factor is None else importe * factor
