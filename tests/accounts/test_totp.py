"""One-time codes against the vectors of the standards."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from acuse.accounts import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_of(SECRET, totp.step_at(now), digits=8) == code
    assert totp.step_of(SECRET, code[2:], now) == totp.step_at(now)


@pytest.mark.parametrize(
    ("counter", "code"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_codes_are_those_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert totp.code_of(SECRET, counter) == code


def test_one_step_of_drift_and_no_more() -> None:
    now = datetime(2026, 3, 2, 18, 0, 10, tzinfo=UTC)
    present = totp.step_at(now)
    taken = [totp.step_of(SECRET, totp.code_of(SECRET, present + drift), now) for drift in range(-2, 3)]
    assert taken == [None, present - 1, present, present + 1, None]


@pytest.mark.parametrize("text", ["", "12345", "1234567", "１２３４５６", "12345a", "-12345"])
def test_what_has_not_six_digits_is_no_code(text: str) -> None:
    assert not totp.is_code(text)


def test_the_address_is_read_by_apps() -> None:
    parts = urlsplit(totp.address(SECRET, "Ñ&O120726RX3"))
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/Acuse:Ñ&O120726RX3")
    assert parse_qs(parts.query) == {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Acuse"]}
    assert totp.typed(totp.readable(SECRET)) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_recovery_codes_are_many_and_different_and_typed_in_any_form() -> None:
    codes = totp.recovery_codes()
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([A-Z2-9]{4}-){3}[A-Z2-9]{4}", code) for code in codes)
    assert totp.typed(codes[0].lower().replace("-", " ")) == totp.typed(codes[0])
