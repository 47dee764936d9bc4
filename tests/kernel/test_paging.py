from __future__ import annotations

import base64
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.paging import BadCursor, BadLimit, Cursor, CursorValue, check_limit, page_of, row_number

VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False)


def as_it_is(value: CursorValue) -> CursorValue:
    return value


class TestCursor:
    @given(st.lists(VALUES, max_size=4).map(tuple))
    def test_comes_back_as_it_was(self, key: tuple[CursorValue, ...]) -> None:
        text = Cursor(key).encode()
        if len(text) <= 2000:
            assert Cursor.decode(text, *[as_it_is] * len(key)) == key

    def test_fits_in_an_address(self) -> None:
        text = Cursor(("2026-01-01T00:00:00+00:00", "Ñ&A?/+", 7)).encode()
        assert text.replace("-", "").replace("_", "").isalnum()

    @given(st.text())
    def test_of_somebody_else_is_refused_and_never_breaks(self, text: str) -> None:
        with pytest.raises(BadCursor):
            Cursor.decode(text, *[as_it_is] * 9)

    @pytest.mark.parametrize("plain", [b"{}", b"[1]", b"[1,[2]]", b"[1,2", b"\xff", b"[" * 1400])
    def test_of_another_form_is_refused(self, plain: bytes) -> None:
        with pytest.raises(BadCursor):
            Cursor.decode(base64.urlsafe_b64encode(plain).decode(), as_it_is, as_it_is)

    @pytest.mark.parametrize("value", [None, True, -1, 2**63, 1.5, "siete", "7"])
    def test_of_another_list_numbers_no_row(self, value: CursorValue) -> None:
        with pytest.raises(BadCursor):
            Cursor.decode(Cursor((value,)).encode(), row_number)

    @pytest.mark.parametrize("key", [(7, "x"), (None, None), ("2026-01-01", 7), ("ayer", str(UUID(int=1)))])
    def test_of_another_list_is_refused_by_its_kinds(self, key: tuple[CursorValue, ...]) -> None:
        with pytest.raises(BadCursor):
            Cursor.decode(Cursor(key).encode(), datetime.fromisoformat, UUID)


class TestPage:
    def test_with_more_rows_carries_the_cursor_of_its_last_row(self) -> None:
        page = page_of([5, 4, 3], 2, lambda row: (row,))
        assert page.items == [5, 4]
        assert page.next_cursor is not None
        assert Cursor.decode(page.next_cursor, row_number) == (4,)

    def test_that_is_the_last_has_no_cursor(self) -> None:
        assert page_of([5, 4], 2, lambda row: (row,)).next_cursor is None
        assert page_of([], 2, lambda row: (row,)).items == []


class TestLimit:
    def test_is_the_default_when_not_given(self) -> None:
        assert check_limit(None) == 50
        assert check_limit(500) == 500

    @pytest.mark.parametrize("limit", [0, -1, 501])
    def test_outside_its_bounds_is_refused_with_them(self, limit: int) -> None:
        with pytest.raises(BadLimit, match="entre 1 y 500"):
            check_limit(limit)
