from __future__ import annotations

import pytest

from acuse.accounts.model import device_name, has_known_shape, is_plausible, normal_tax_id


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("20-12345678-9", "20123456789"), (" ñu&9901015a1 ", "ÑU&9901015A1"), ("1790012345.001", "1790012345001")],
)
def test_a_tax_id_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert normal_tax_id(typed) == kept
    assert has_known_shape(kept)


@pytest.mark.parametrize("text", ["ADMIN", "123", "20123456", "ABCDE010101AAA"])
def test_what_has_no_known_shape_may_still_be_plausible(text: str) -> None:
    assert not has_known_shape(text)
    assert is_plausible(text)


@pytest.mark.parametrize("text", ["", "A B", "x" * 21, "20123456789\x00", "<b>", "abc"])
def test_some_things_are_no_tax_id_at_all(text: str) -> None:
    assert not is_plausible(text)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36",
            "Chrome en Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) AppleWebKit/605 Version/17.0 Safari/604.1", "Safari en iPhone"),
        ("python-requests/2.31", "python-requests"),
        ("", "Sin nombre"),
    ],
)
def test_a_device_is_named_in_a_few_words(agent: str, name: str) -> None:
    assert device_name(agent) == name
