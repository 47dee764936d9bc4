from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from acuse.mx.outside.sat_descarga.wire.canonical import element, text

LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
SPACED = st.text(st.sampled_from("a&<>\"'\t\n\r ñ"))


def test_attributes_without_a_value_are_left_out() -> None:
    assert element("a", {"x": None, "y": "", "z": "1"}) == '<a z="1"></a>'


def test_attributes_stand_in_the_order_of_their_names_after_the_namespaces() -> None:
    written = element("p:a", {"b": "2", "xmlns:p": "urn:p", "a": "1"})
    assert written == '<p:a xmlns:p="urn:p" a="1" b="2"></p:a>'


@given(value=LETTERS | SPACED, content=LETTERS | SPACED)
def test_what_is_written_is_its_own_exclusive_canonical_form(value: str, content: str) -> None:
    written = element("p:a", {"xmlns:p": "urn:p", "z": value, "b": "1"}, element("p:c", {}, text(content)))
    canonical = etree.tostring(etree.fromstring(written.encode()), method="c14n", exclusive=True)
    assert canonical == written.encode()
