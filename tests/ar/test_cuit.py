"""The CUIT against python-stdnum and the worked examples of AFIP's guides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.ar import cuit as oracle

from acuse.ar.cuit import Cuit, InvalidCuit, check_digit, formatted, tax_id_problem


@pytest.mark.parametrize("number", ["20123456786", "27123456780", "30710955057", "20120940288", "33693450239"])
def test_issued_numbers_are_valid(number: str) -> None:
    assert Cuit.parse(number).digits == number
    assert oracle.is_valid(number)


@pytest.mark.parametrize("number", ["20123456789", "30000000002", "30000000005", "00000000001", "99999999904", "", "1"])
def test_wrong_numbers_are_refused(number: str) -> None:
    with pytest.raises(InvalidCuit):
        Cuit.parse(number)


@pytest.mark.parametrize("typed", ["20-12345678-6", " 20 12345678 6 ", "20.12345678.6"])
def test_separators_are_forgiven(typed: str) -> None:
    assert str(Cuit.parse(typed)) == "20-12345678-6"


def test_no_number_exists_where_the_rule_gives_ten() -> None:
    assert check_digit("2000000001") is None
    assert check_digit("2300000001") == "9"
    for digit in range(10):
        with pytest.raises(InvalidCuit):
            Cuit.parse(f"2000000001{digit}")


@given(st.sampled_from(sorted({"20", "23", "24", "27", "30", "33", "34", "50", "51", "55"})), st.integers(0, 99999999))
def test_the_digit_is_the_oracles_wherever_one_exists(kind: str, number: int) -> None:
    body = f"{kind}{number:08d}"
    digit = check_digit(body)
    if digit is None:
        assert oracle.calc_check_digit(body) == "9"  # the oracle is lenient where no number exists
    else:
        assert oracle.calc_check_digit(body) == digit
        assert Cuit.parse(body + digit).digits == body + digit


def test_an_unknown_type_is_no_refusal() -> None:
    body = "2100000000"
    assert Cuit.parse(f"{body}{check_digit(body)}").digits.startswith(body)


def test_what_is_no_cuit_stays_as_it_is() -> None:
    assert formatted("EKU9003173C9") == "EKU9003173C9"


def test_only_argentine_ids_are_judged() -> None:
    assert tax_id_problem("20123456789", "mx") is None
    assert tax_id_problem("20123456786", "ar") is None
    assert "verificador" in (tax_id_problem("20123456789", "ar") or "")
