"""The arithmetic of a CFDI 4.0: lines exact to six decimals, document totals rounded once, half up.

Source: Anexo 20, guía de llenado, apéndice 1 (redondeo) and the rules of the Impuestos node.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from acuse.kernel.money import places_of, round_half_up
from acuse.mx.cfdi.draft import Concepto, Impuesto

LINE_PLACES: Final = 6
_ZERO: Final = Decimal(0)


class TaxSum(NamedTuple):
    """The taxes of one kind and rate, summed over the lines."""

    impuesto: Impuesto
    base: Decimal
    importe: Decimal | None


class Totals(NamedTuple):
    """The amounts of a document, at its currency's decimals."""

    subtotal: Decimal
    descuento: Decimal | None
    traslados: tuple[TaxSum, ...]
    retenciones: tuple[TaxSum, ...]
    trasladados: Decimal
    retenidos: Decimal
    total: Decimal


def line_amount(concepto: Concepto) -> Decimal:
    """Answer quantity times price, at six decimals."""
    return round_half_up(concepto.cantidad * concepto.valor_unitario, LINE_PLACES)


def line_base(concepto: Concepto) -> Decimal:
    """Answer what the taxes of a line are reckoned on."""
    return line_amount(concepto) - (concepto.descuento or _ZERO)


def tax_amount(base: Decimal, impuesto: Impuesto) -> Decimal | None:
    """Answer base times rate at six decimals; None when exempt."""
    return None if impuesto.tasa is None else round_half_up(base * impuesto.tasa, LINE_PLACES)


def totals_of(conceptos: Sequence[Concepto], moneda: str) -> Totals:
    """Sum a document up: sums of the lines, each rounded once to the decimals of the currency."""
    places = places_of(moneda)
    subtotal = round_half_up(sum(map(line_amount, conceptos), _ZERO), places)
    discounts = [concepto.descuento for concepto in conceptos if concepto.descuento is not None]
    descuento = round_half_up(sum(discounts, _ZERO), places) if discounts else None
    sums = sum_taxes((impuesto, line_base(concepto)) for concepto in conceptos for impuesto in concepto.impuestos)
    rounded = [
        TaxSum(tax, round_half_up(base, places), None if importe is None else round_half_up(importe, places))
        for tax, base, importe in sums
    ]
    traslados = tuple(each for each in rounded if not each.impuesto.retenido)
    retenciones = tuple(each for each in rounded if each.impuesto.retenido)
    trasladados = sum((each.importe or _ZERO for each in traslados), _ZERO)
    retenidos = sum((each.importe or _ZERO for each in retenciones), _ZERO)
    total = subtotal - (descuento or _ZERO) + trasladados - retenidos
    return Totals(subtotal, descuento, traslados, retenciones, trasladados, retenidos, total)


def sum_taxes(taxed: Iterable[tuple[Impuesto, Decimal]]) -> list[TaxSum]:
    """Sum bases and taxes by kind and rate, unrounded beyond the six decimals of each line."""
    sums: dict[Impuesto, TaxSum] = {}
    for impuesto, base in taxed:
        importe = tax_amount(base, impuesto)
        known = sums.get(impuesto)
        if known is None:
            sums[impuesto] = TaxSum(impuesto, base, importe)
        else:
            both = None if importe is None or known.importe is None else known.importe + importe
            sums[impuesto] = TaxSum(impuesto, known.base + base, both)
    return list(sums.values())


def plain(amount: Decimal, *, least: int = 2) -> str:
    """Write an amount without useless zeros but with at least this many decimals."""
    text = f"{amount:f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{decimals}" if decimals else whole
