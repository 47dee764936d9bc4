from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.pki import der


@given(st.integers())
def test_integers_come_back(value: int) -> None:
    assert der.integer(der.read(der.write_integer(value))) == value


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**40), max_size=8))
def test_object_identifiers_come_back(first: int, second: int, rest: list[int]) -> None:
    dotted = ".".join(map(str, [first, second, *rest]))
    assert der.oid(der.read(der.write_oid(dotted))) == dotted


@given(st.datetimes(datetime(1950, 1, 1), datetime(2400, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_instants_come_back_to_the_second(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    assert der.instant(der.read(der.write_instant(moment))) == moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("250601120000Z", datetime(2025, 6, 1, 12, tzinfo=UTC)),
        ("2506011200Z", datetime(2025, 6, 1, 12, tzinfo=UTC)),
        ("250601060000-0600", datetime(2025, 6, 1, 12, tzinfo=UTC)),
        ("500101000000Z", datetime(1950, 1, 1, tzinfo=UTC)),
    ],
)
def test_utc_times_are_read_in_every_form_met(text: str, moment: datetime) -> None:
    assert der.instant(der.read(der.write(der.UTC_TIME, text.encode()))) == moment


@pytest.mark.parametrize("text", ["", "25", "251301000000Z", "250601120000", "ñ", "250601120000+xx00"])
def test_an_unreadable_time_is_bad_der(text: str) -> None:
    with pytest.raises(der.BadDer):
        der.instant(der.read(der.write(der.UTC_TIME, text.encode())))


@given(st.binary(max_size=70_000))
def test_contents_of_every_length_come_back(content: bytes) -> None:
    assert der.read(der.write(der.OCTET_STRING, content)).content == content


@given(st.binary(max_size=200))
def test_junk_is_read_or_is_bad_der(data: bytes) -> None:
    try:
        for element in der.elements(data):
            element.children()
    except der.BadDer:
        pass


def test_bytes_after_the_one_element_are_refused() -> None:
    with pytest.raises(der.BadDer):
        der.only(der.write(der.NULL) + b"x", der.NULL)


def test_a_line_end_after_the_one_element_is_forgiven() -> None:
    assert der.only(der.write(der.NULL) + b"\r\n", der.NULL).content == b""


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80\x00\x00", b"\x30\x85\x01\x01\x01\x01\x01", b"\x30\x05\x00"])
def test_headers_that_lie_about_their_length_are_bad_der(data: bytes) -> None:
    with pytest.raises(der.BadDer):
        der.read(data)
