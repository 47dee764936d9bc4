"""Money: exact amounts with their currency, and the one rounding rule (half up). Never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Final

from acuse.kernel.errors import InvalidInput

_PLACES: Final = {"MXN": 2, "USD": 2, "ARS": 2, "EUR": 2, "CLP": 0, "JPY": 0, "PYG": 0, "XXX": 0}
_AMOUNT = re.compile(r"(?P<sign>-?)\$?\s*(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)", re.ASCII)
_MONEY = re.compile(r"(?P<amount>.*?)\s*(?P<currency>[A-Z]{3})?")
_MAX_DIGITS: Final = 30


class BadAmount(InvalidInput):
    """A text that is no amount of money."""

    code = "AMOUNT_INVALID"
    message = "El importe no se entiende. Escríbelo con punto decimal, por ejemplo 12,345.60."


def places_of(currency: str) -> int:
    """Answer how many decimals a currency has; two when it is not listed as an exception."""
    return _PLACES.get(currency, 2)


def round_half_up(amount: Decimal, places: int) -> Decimal:
    """Round to this many decimals, a half away from zero. The one rounding rule of the house."""
    return amount.quantize(_unit(places), rounding=ROUND_HALF_UP)


@cache
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def parse_amount(text: str) -> Decimal:
    """Read `12,345.60`, `$12,345.60` or `12345.6` exactly; raises BadAmount on anything else."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or len(match["number"]) > _MAX_DIGITS:
        raise BadAmount
    return Decimal(match["sign"] + match["number"].replace(",", ""))


@dataclass(frozen=True, order=False)
class Money:
    """An exact amount in one currency (ISO 4217, or XXX where a document has none)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError("an amount of money is a Decimal")
        if not self.amount.is_finite():
            raise ValueError("an amount of money is finite")

    @classmethod
    def parse(cls, text: str, currency: str | None = None) -> Money:
        """Read what `str()` writes, `$12,345.60 MXN`; `currency` is taken when the text names none."""
        match = _MONEY.fullmatch(text.strip())
        named = (match["currency"] if match else None) or currency
        if match is None or named is None or (currency is not None and named != currency):
            raise BadAmount
        return cls(parse_amount(match["amount"]), named)

    def rounded(self) -> Money:
        """Answer the amount rounded to the decimals of its currency."""
        return Money(round_half_up(self.amount, places_of(self.currency)), self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if not isinstance(factor, Decimal | int):
            raise TypeError("money is multiplied by a Decimal or an int")
        return Money(self.amount * factor, self.currency)

    def __str__(self) -> str:
        return f"{format_amount(self.amount, places=places_of(self.currency), symbol=True)} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.amount


def format_amount(amount: Decimal, *, places: int = 2, symbol: bool = False) -> str:
    """Write an amount with thousands commas, `12,345.60`, rounded half up; `symbol` puts `$` in front."""
    try:
        rounded = round_half_up(amount, places)
    except InvalidOperation as error:
        raise BadAmount from error
    sign = "-" if rounded < 0 else ""
    return f"{sign}{'$' if symbol else ''}{abs(rounded):,.{places}f}"
