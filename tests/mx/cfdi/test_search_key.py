"""Keys names are found under."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.cfdi.search_key import search_key, search_words


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Núñez y Peña", "NUÑEZ Y PEÑA"),
        ("pingüino", "PINGUINO"),
        ("N\u0303andu\u0301", "ÑANDU"),
        ("plain", "PLAIN"),
        ("ﬁn", "FIN"),
    ],
)
def test_accents_go_and_enye_stays(text: str, key: str) -> None:
    assert search_key(text) == key


def test_words_are_what_is_between_other_characters() -> None:
    assert search_words('"M&P" s.a. de c.v., s.a.') == ["M&P", "S", "A", "DE", "C", "V"]


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)
