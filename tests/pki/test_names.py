"""Every way a name is found written in certificates, read right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.pki import der, names
from acuse.pki.names import Attribute, read_name, write_name

ENYE = "ÑANDÚ & OTOÑO"


def _name_of(tag: int, content: bytes) -> str:
    pair = der.write(der.SEQUENCE, der.write_oid(names.COMMON_NAME), der.write(tag, content))
    name = read_name(der.write(der.SEQUENCE, der.write(der.SET, pair)))
    return name.get(names.COMMON_NAME) or ""


@pytest.mark.parametrize(
    ("tag", "content"),
    [
        (der.T61_STRING, ENYE.encode("latin-1")),
        (der.T61_STRING, ENYE.encode("utf-8")),
        (der.UTF8_STRING, ENYE.encode("utf-8")),
        (der.UTF8_STRING, ENYE.encode("latin-1")),
        (der.PRINTABLE_STRING, ENYE.encode("latin-1")),
        (der.PRINTABLE_STRING, ENYE.encode("utf-8")),
        (der.IA5_STRING, ENYE.encode("utf-8")),
        (der.IA5_STRING, ENYE.encode("latin-1")),
        (der.BMP_STRING, ENYE.encode("utf-16-be")),
        (der.UNIVERSAL_STRING, ENYE.encode("utf-32-be")),
        (der.BIT_STRING, b"\0" + ENYE.encode("latin-1")),
    ],
)
def test_every_spelling_reads_the_same(tag: int, content: bytes) -> None:
    assert _name_of(tag, content) == ENYE


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=60))
def test_what_is_written_is_read(text: str) -> None:
    written = write_name([Attribute(names.COMMON_NAME, text), Attribute(names.ORGANIZATION, text, der.BMP_STRING)])
    assert [item.text for item in read_name(written).attributes] == [text, text]


@given(st.integers(0, 255), st.binary(max_size=40))
def test_no_content_of_any_type_breaks_the_reader(tag: int, content: bytes) -> None:
    try:
        assert isinstance(_name_of(tag, content), str)
    except der.BadDer:
        assert tag & 0x1F == 0x1F


def test_a_blank_value_counts_as_absent() -> None:
    name = read_name(write_name([Attribute(names.COMMON_NAME, "  ")]))
    assert name.get(names.COMMON_NAME) is None
    assert name.all(names.COMMON_NAME) == [""]


def test_several_values_in_one_set_are_all_read() -> None:
    pairs = [
        der.write(der.SEQUENCE, der.write_oid(names.COMMON_NAME), der.write(der.UTF8_STRING, text))
        for text in (b"uno", b"dos")
    ]
    name = read_name(der.write(der.SEQUENCE, der.write(der.SET, *pairs)))
    assert name.all(names.COMMON_NAME) == ["uno", "dos"]


def test_the_text_form_escapes_as_rfc_4514_asks() -> None:
    name = read_name(
        write_name([Attribute(names.COUNTRY, "MX"), Attribute(names.ORGANIZATION, ' #"Uno", S.A.; <dos> ')])
    )
    assert name.rfc4514 == 'O=\\ #\\"Uno\\"\\, S.A.\\; \\<dos\\>\\ ,C=MX'


def test_an_unknown_attribute_is_named_by_its_number() -> None:
    assert read_name(write_name([Attribute("2.5.4.99", "x")])).rfc4514 == "OID.2.5.4.99=x"
