"""The arithmetic of quotas and the days of Buenos Aires."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.ar.crs.errors import DatesReversed
from acuse.ar.crs.model import AlertKind, DescargaFilter, Level, Quota, crossing, level_of, month_start, percentage


@pytest.mark.parametrize(
    ("pending", "limit", "shown"),
    [(3, 10, 30), (1, 200, 1), (1, 8, 13), (0, 0, 0), (3, 0, 0), (159, 200, 80), (7, 5, 140)],
)
def test_percentages_are_rounded_half_up(pending: int, limit: int, shown: int) -> None:
    assert percentage(pending, limit) == shown


@pytest.mark.parametrize(
    ("pending", "limit", "level"),
    [
        (159, 200, Level.NONE),
        (160, 200, Level.WARNED),
        (199, 200, Level.WARNED),
        (200, 200, Level.FULL),
        (2, 3, Level.NONE),
        (0, 0, Level.NONE),
        (1, 0, Level.FULL),
    ],
)
def test_thresholds_use_whole_numbers(pending: int, limit: int, level: Level) -> None:
    assert level_of(pending, limit) is level


def test_one_move_gives_the_most_advanced_alert_only() -> None:
    assert crossing(Level.NONE, Level.FULL) is AlertKind.FULL
    assert crossing(Level.NONE, Level.WARNED) is AlertKind.WARNED
    assert crossing(Level.WARNED, Level.FULL) is AlertKind.FULL
    assert crossing(Level.FULL, Level.WARNED) is None
    assert crossing(Level.WARNED, Level.WARNED) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_who_may_download_has_room(pending: int, limit: int) -> None:
    quota = Quota(user_id=1, limite=limit, pending=pending, total=pending)
    assert quota.can_download == (pending < limit)
    assert (quota.level is Level.FULL) == (pending > 0 and not quota.can_download)


def test_a_day_is_a_whole_day_in_buenos_aires() -> None:
    wanted = DescargaFilter(desde=date(2026, 3, 1), hasta=date(2026, 3, 1))
    assert wanted.since == datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert wanted.before == datetime(2026, 3, 2, 3, tzinfo=UTC)


def test_reversed_dates_are_refused() -> None:
    with pytest.raises(DatesReversed):
        DescargaFilter(desde=date(2026, 3, 2), hasta=date(2026, 3, 1))


def test_the_last_day_of_the_calendar_has_no_end() -> None:
    assert DescargaFilter(hasta=date.max).before is None


def test_the_month_begins_in_buenos_aires() -> None:
    assert month_start(datetime(2026, 3, 1, 2, 59, tzinfo=UTC)) == datetime(2026, 2, 1, 3, tzinfo=UTC)
