"""Which months may still see a cancellation, and whose night it is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.descarga.model.recheck import cancellable_periods, whose_night


def told(day: str) -> list[str]:
    periods = cancellable_periods(date.fromisoformat(day), newest=4)
    return [f"{each.inicio:%Y-%m-%d}/{each.fin:%Y-%m-%d %H:%M:%S}" for each in periods]


FIRST_2025, SECOND_2025 = "2025-01-01/2025-06-30 23:59:59", "2025-07-01/2025-12-31 23:59:59"


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        ("2026-01-03", [FIRST_2025, "2025-07-01/2025-12-30 23:59:59"]),
        ("2026-03-02", [FIRST_2025, SECOND_2025, "2026-01-01/2026-02-26 23:59:59"]),
        ("2026-05-31", [FIRST_2025, SECOND_2025, "2026-01-01/2026-05-27 23:59:59"]),
        ("2026-06-01", ["2026-01-01/2026-05-28 23:59:59"]),
        ("2026-07-04", ["2026-01-01/2026-06-30 23:59:59"]),
        ("2026-12-31", ["2026-01-01/2026-06-30 23:59:59", "2026-07-01/2026-12-27 23:59:59"]),
    ],
)
def test_the_running_year_and_the_one_that_is_being_declared(day: str, wanted: list[str]) -> None:
    assert told(day) == wanted


DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(st.sets(st.integers(1, 10**6), max_size=60), DAYS, st.integers(1, 90), st.integers(1, 20))
def test_everybody_has_one_night_of_a_round_and_no_night_has_too_many(
    ids: set[int], day: date, every: int, at_most: int
) -> None:
    round_ = max(every, -(-len(ids) // at_most))
    nights = [whose_night(ids, day + timedelta(days=n), every_days=every, at_most=at_most) for n in range(round_)]
    assert sorted(each for night in nights for each in night) == sorted(ids)
    assert max(map(len, nights)) <= at_most


@given(st.sets(st.integers(1, 10**6), min_size=50, max_size=50), DAYS)
def test_a_week_shares_fifty_evenly_whatever_their_numbers(ids: set[int], day: date) -> None:
    assert len(whose_night(ids, day, every_days=7, at_most=10)) in {7, 8}
