from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.money import BadAmount, Money, format_amount, parse_amount, round_half_up

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=6)


class TestRounding:
    @pytest.mark.parametrize(
        ("amount", "places", "rounded"),
        [
            ("0.005", 2, "0.01"),
            ("-0.005", 2, "-0.01"),
            ("2.675", 2, "2.68"),
            ("2.5", 0, "3"),
            ("1.2344999", 3, "1.234"),
        ],
    )
    def test_takes_a_half_away_from_zero(self, amount: str, places: int, rounded: str) -> None:
        assert round_half_up(Decimal(amount), places) == Decimal(rounded)

    def test_follows_the_decimals_of_the_currency(self) -> None:
        assert Money(Decimal("10.5"), "JPY").rounded() == Money(Decimal(11), "JPY")
        assert Money(Decimal("10.555"), "MXN").rounded() == Money(Decimal("10.56"), "MXN")


class TestReading:
    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("12,345.60", "12345.60"),
            ("$12,345.60", "12345.60"),
            (" 7 ", "7"),
            ("-$1,000", "-1000"),
            (".5", "0.5"),
            ("0.000001", "0.000001"),
        ],
    )
    def test_takes_amounts_as_people_write_them(self, text: str, amount: str) -> None:
        assert parse_amount(text) == Decimal(amount)

    @pytest.mark.parametrize(
        "text", ["", "$", "1,23", "12,34,567.00", "1.2.3", "1e5", "NaN", "Infinity", "١٢", "1 000", "--1", "1" * 40]
    )
    def test_refuses_what_could_be_misread(self, text: str) -> None:
        with pytest.raises(BadAmount):
            parse_amount(text)

    @given(AMOUNTS, st.sampled_from(["MXN", "USD", "JPY"]))
    def test_what_is_written_is_read_back(self, amount: Decimal, currency: str) -> None:
        money = Money(amount, currency).rounded()
        assert Money.parse(str(money)) == money

    def test_needs_a_currency_from_somewhere(self) -> None:
        assert Money.parse("$5.00", "MXN") == Money(Decimal(5), "MXN")
        for text, currency in (("$5.00", None), ("$5.00 USD", "MXN")):
            with pytest.raises(BadAmount):
                Money.parse(text, currency)


class TestMoney:
    def test_is_written_with_symbol_thousands_and_currency(self) -> None:
        assert str(Money(Decimal("12345.6"), "MXN")) == "$12,345.60 MXN"
        assert str(Money(Decimal("-0.5"), "MXN")) == "-$0.50 MXN"
        assert format_amount(Decimal("1234567.891"), places=3) == "1,234,567.891"

    def test_adds_and_multiplies_exactly(self) -> None:
        tenth = Money(Decimal("0.1"), "MXN")
        assert tenth + tenth + tenth == Money(Decimal("0.3"), "MXN")
        assert tenth * 3 - tenth == Money(Decimal("0.2"), "MXN")
        assert -tenth == Money(Decimal("-0.1"), "MXN")

    def test_does_not_mix_currencies(self) -> None:
        with pytest.raises(ValueError, match="MXN"):
            Money(Decimal(1), "USD") + Money(Decimal(1), "MXN")

    def test_is_never_a_float(self) -> None:
        with pytest.raises(TypeError):
            Money(0.1, "MXN")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            Money(Decimal(1), "MXN") * 0.1  # type: ignore[operator]
        with pytest.raises(ValueError, match="finite"):
            Money(Decimal("NaN"), "MXN")
