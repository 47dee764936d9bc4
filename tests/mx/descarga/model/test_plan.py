from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.descarga.errors import DateUnreadable, PeriodInFuture, PeriodInverted, PeriodTooOld, YearOutOfRange
from acuse.mx.descarga.model.periodo import Periodo, months, oldest_start, read_date
from acuse.mx.descarga.model.plan import plan_year
from acuse.mx.outside.sat_descarga.codes import Sentido, TipoSolicitud

NOW = datetime(2026, 3, 2, 12, 0)  # noqa: DTZ001 - wall clock of Mexico City
SECOND = timedelta(seconds=1)


class TestPeriodo:
    def test_bare_end_is_its_last_second(self) -> None:
        assert read_date("2025-01-31", end=True) == datetime(2025, 1, 31, 23, 59, 59)  # noqa: DTZ001
        assert read_date("2025-01-31") == datetime(2025, 1, 31)  # noqa: DTZ001
        assert read_date("2025-01-31T08:00:00", end=True).hour == 8

    @pytest.mark.parametrize("text", ["ayer", "2025-02-30", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00.5", ""])
    def test_what_is_no_wall_clock_date_is_refused(self, text: str) -> None:
        with pytest.raises(DateUnreadable):
            read_date(text)

    def test_equal_bounds_are_refused(self) -> None:
        with pytest.raises(PeriodInverted):
            Periodo(NOW - SECOND, NOW - SECOND).check(NOW)

    def test_two_seconds_are_the_least(self) -> None:
        Periodo(NOW - SECOND, NOW).check(NOW)

    def test_an_end_mexico_city_has_not_reached_is_refused(self) -> None:
        with pytest.raises(PeriodInFuture, match="2026-03-02 12:00:01"):
            Periodo(NOW - SECOND, NOW + SECOND).check(NOW)

    def test_six_years_back_to_the_second(self) -> None:
        oldest = oldest_start(NOW)
        assert oldest == datetime(2020, 3, 2)  # noqa: DTZ001
        Periodo(oldest, NOW).check(NOW)
        with pytest.raises(PeriodTooOld, match="2020-03-02"):
            Periodo(oldest - SECOND, NOW).check(NOW)

    def test_the_oldest_second_on_a_leap_day(self) -> None:
        assert oldest_start(datetime(2028, 2, 29, 9)) == datetime(2022, 2, 28)  # noqa: DTZ001

    @given(year=st.integers(2000, 2100))
    def test_months_of_a_year_touch_without_overlapping(self, year: int) -> None:
        twelve = [months(year, month, 1) for month in range(1, 13)]
        assert all(one.fin + SECOND == next_.inicio for one, next_ in pairwise(twelve))
        assert months(year, 1, 6).fin + SECOND == months(year, 7, 6).inicio
        assert months(year, 7, 6).fin == twelve[-1].fin


class TestPlanYear:
    def test_a_closed_year_goes_at_once(self) -> None:
        slots = plan_year(2025, Sentido.EMITIDOS, NOW)
        assert [slot.name for slot in slots][:3] == ["M1", "M2", "C01"]
        assert len(slots) == 14
        assert all(slot.due is None for slot in slots)
        assert [slot.parametros.tipo for slot in slots].count(TipoSolicitud.METADATA) == 2

    def test_the_running_period_goes_up_to_an_hour_ago_and_future_ones_wait(self) -> None:
        slots = {slot.name: slot for slot in plan_year(2026, Sentido.EMITIDOS, NOW)}
        assert slots["C03"].parametros.periodo.fin == NOW - timedelta(hours=1)
        assert slots["C03"].due is None
        assert slots["C04"].due == datetime(2026, 5, 1, 0, 59, 59)  # noqa: DTZ001
        assert slots["C04"].parametros.periodo == months(2026, 4, 1)

    def test_a_period_that_has_only_just_begun_waits(self) -> None:
        slots = {slot.name: slot for slot in plan_year(2026, Sentido.EMITIDOS, datetime(2026, 3, 1, 0, 59))}  # noqa: DTZ001
        assert slots["C03"].due is not None
        assert slots["C02"].parametros.periodo.fin == datetime(2026, 2, 28, 23, 59, 0)  # noqa: DTZ001

    @given(
        now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
        back=st.integers(0, 5),
        sentido=st.sampled_from(Sentido),
    )
    def test_whatever_goes_at_once_would_be_taken_by_the_sat(self, now: datetime, back: int, sentido: Sentido) -> None:
        for slot in plan_year(now.year - back, sentido, now):
            if slot.due is None:
                slot.parametros.check(now)
            else:
                slot.parametros.check(max(now, slot.due))

    @pytest.mark.parametrize("year", [2020, 2027])
    def test_other_years_are_refused(self, year: int) -> None:
        with pytest.raises(YearOutOfRange):
            plan_year(year, Sentido.EMITIDOS, NOW)
