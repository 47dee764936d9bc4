"""Writes amounts, dates, rates and optional facts for people. Text in, text out; what is no number stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from lxml import etree

from acuse.mx.cfdi.printed.meanings import meaning
from acuse.mx.cfdi.printed.model import Column, Fact, Kind, Table

_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?").fullmatch
_VALUE_CHARS: Final = 2_000
_WORDS: Final = re.compile(r"(?<=[a-záéíóúñ])(?=[A-ZÁÉÍÓÚÑ])")
TAX_NAMES: Final = {"001": "ISR", "002": "IVA", "003": "IEPS"}


def attribute(node: etree._Element | None, name: str) -> str:
    """Answer an attribute, also under the lower-case name that CFDI 3.2 gives it; empty when absent."""
    if node is None:
        return ""
    found = node.get(name)
    if found is None:
        found = node.get(name[0].lower() + name[1:])
    return (found or "").strip()[:_VALUE_CHARS]


def amount(text: str, *, places: int = 2) -> str:
    """Write an amount with thousands; at least two decimals, and those the document gives up to `places`."""
    if not _NUMBER(text):
        return text
    value = Decimal(text)
    exponent = value.normalize().as_tuple().exponent
    decimals = max(2, min(places, -exponent if isinstance(exponent, int) else 2))
    return f"{value:,.{decimals}f}"


def quantity(text: str) -> str:
    """Write a quantity with thousands and without useless zeros."""
    if not _NUMBER(text):
        return text
    return f"{Decimal(text).normalize():,f}" if Decimal(text) else "0"


def moment(text: str) -> str:
    """Write `AAAA-MM-DDThh:mm:ss` with a space between date and time."""
    return text.replace("T", " ")


def percent(text: str) -> str:
    """Write a rate such as `0.160000` as `16 %`."""
    return f"{(Decimal(text) * 100).normalize():f} %" if _NUMBER(text) else text


def tax(node: etree._Element, suffix: str = "") -> str:
    """Write a tax with its rate: `IVA 16 %`, `ISR 10 % retenido`, `IVA exento`. CFDI 3.2 uses words itself."""
    name = TAX_NAMES.get(said := attribute(node, f"Impuesto{suffix}"), said)
    factor, rate = attribute(node, f"TipoFactor{suffix}"), attribute(node, f"TasaOCuota{suffix}")
    old = attribute(node, "Tasa")
    if factor == "Exento":
        rated = "exento"
    elif factor == "Cuota":
        rated = f"{amount(rate, places=6)} por unidad"
    else:
        rated = percent(rate) if rate else f"{quantity(old)} %" if old else ""
    withheld = "retenido" if etree.QName(node).localname.startswith("Retencion") else ""
    return " ".join(part for part in (name, rated, withheld) if part)


def fact(label: str, value: str, catalog: str = "", *, kind: Kind = Kind.TEXT) -> Fact:
    """Make a fact, with the meaning of its key when it comes from a catalogue."""
    said = meaning(catalog, value) if catalog else ""
    return Fact(label, value, said, Kind.CODE if catalog and kind is Kind.TEXT else kind)


def known(facts: Iterable[Fact]) -> list[Fact]:
    """Leave out the facts the document does not state."""
    return [each for each in facts if each.value]


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], most: int, caption: str = "") -> Table:
    """Make a table of at most so many rows, without the columns that say nothing in any of them."""
    found = list(rows)
    shown = found[:most]
    used = [place for place in range(len(columns)) if any(row[place] for row in shown)]
    return Table(
        [columns[place] for place in used],
        [[row[place] for place in used] for row in shown],
        caption,
        len(found) - len(shown),
    )


def spoken(name: str) -> str:
    """Write the name of an element as words: `TotalDistRec` as `Total Dist Rec`."""
    return _WORDS.sub(" ", name)
