"""The quick way from usual payments to their rows: Pagos 2.0 in pesos, all amounts stated."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from acuse.mx.cfdi.copy_text import NULL
from acuse.mx.cfdi.names import PAGOS20, clark
from acuse.mx.cfdi.pago_rows import PagoRows
from acuse.mx.cfdi.usual_values import ABSENT, AMOUNT, CODE, OPTIONAL, TEXT, TIME, UUID, on_the_calendar, sum_of

_TOTALES, _PAGO, _DOCUMENTO, _IMPUESTOS = (
    clark(PAGOS20, name) for name in ("Totales", "Pago", "DoctoRelacionado", "ImpuestosP")
)
_TAXES: Final = {clark(PAGOS20, "TrasladosP"): {"002": 0}, clark(PAGOS20, "RetencionesP"): {"002": 1, "001": 2}}
_IN_PESOS: Final = frozenset({"1", "1.0", "1.00", "1.000000", ABSENT})
_USUAL_PAGO: Final = re.compile("\t".join((TIME, CODE, CODE, f"[1.0{ABSENT}]+", AMOUNT, *[OPTIONAL] * 3))).fullmatch
_USUAL_DOCUMENTO: Final = re.compile(
    "\t".join((UUID, TEXT, TEXT, CODE, AMOUNT, f"(?:[0-9]{{1,4}}|{ABSENT})", *[AMOUNT] * 3))
).fullmatch


def usual_pagos(node: etree._Element, uuid: str) -> tuple[str, PagoRows] | None:
    """Answer the money of the payments of the document `uuid`, and their rows; None when they must be read with care.

    Raises KeyError or BadCfdi for some of what must be.
    """
    total: str | None = None
    pagos: list[str] = []
    documentos: list[str] = []
    for child in node:
        tag = child.tag
        if tag == _TOTALES:
            total = child.get("MontoTotalPagos", "")
        elif tag == _PAGO:
            number = f"{uuid}\t{len(pagos) + 1}\t"
            pago = _pago(child, number, documentos)
            if pago is None:
                return None
            pagos.append(pago)
    return None if total is None else (total, PagoRows(pagos, documentos))


def _pago(node: etree._Element, number: str, documentos: list[str]) -> str | None:
    """Answer the row of one payment, and add those of what it pays."""
    get = node.get
    fecha, rate, monto = get("FechaPago", ""), get("TipoCambioP", ABSENT), get("Monto", "")
    sums = [ABSENT] * 3
    place = 0
    for child in node:
        tag = child.tag
        if tag == _DOCUMENTO:
            place += 1
            documento = _documento(child)
            if not _USUAL_DOCUMENTO(documento):
                return None
            paid, _, told = documento.replace(ABSENT, NULL).partition("\t")
            documentos.append(f"{number}{place}\t{paid.upper()}\t{told}")
        elif tag == _IMPUESTOS:
            _add_taxes(sums, child)
    line = "\t".join((fecha, get("FormaDePagoP", ABSENT), get("MonedaP", ABSENT), rate, monto, *sums))
    if rate not in _IN_PESOS or not _USUAL_PAGO(line) or not on_the_calendar(fecha):
        return None
    told, *taxes = line.replace(ABSENT, NULL).rsplit("\t", 3)
    return "\t".join((number + told, monto, *taxes))


def _documento(node: etree._Element) -> str:
    get = node.get
    return "\t".join((
        get("IdDocumento", ""),
        get("Serie", ABSENT),
        get("Folio", ABSENT),
        get("MonedaDR", ABSENT),
        get("EquivalenciaDR", ""),
        get("NumParcialidad", ABSENT),
        get("ImpSaldoAnt", ""),
        get("ImpPagado", ""),
        get("ImpSaldoInsoluto", ""),
    ))  # fmt: skip


def _add_taxes(sums: list[str], impuestos: etree._Element) -> None:
    for group in impuestos:
        kinds = _TAXES[group.tag]
        for tax in group:
            kind, importe = kinds[tax.get("ImpuestoP", "")], tax.get("ImporteP")
            if importe is not None:
                known = sums[kind]
                sums[kind] = importe if known == ABSENT else sum_of(known, importe)
