"""How complete a month is, by what was asked, told and stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.completitud.errors import MonthUnreadable
from acuse.mx.completitud.model import (
    EstadoMes,
    estado_of,
    freshness,
    months_between,
    periodo_of,
    read_month,
)
from acuse.mx.descarga.model.periodo import Periodo, read_date
from acuse.mx.descarga.model.plan import year_shown
from acuse.mx.descarga.store import Asked
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido

MARCH = date(2025, 3, 1)
NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)


def told(desde: str, hasta: str, at: datetime | None) -> Asked:
    return Asked(1, Familia.CFDI, Sentido.EMITIDOS, read_date(desde), read_date(hasta, end=True), at)


def day(number: int) -> datetime:
    return datetime(2025, 6, number, tzinfo=UTC)


class TestFreshness:
    def test_one_answer_over_the_month_is_as_old_as_it_is(self) -> None:
        assert freshness(periodo_of(MARCH), [told("2025-01-01", "2025-06-30", day(3))]) == day(3)

    def test_the_newest_answers_that_cover_it_together_count(self) -> None:
        answers = [
            told("2025-01-01", "2025-12-31", day(1)),
            told("2025-03-01", "2025-03-20", day(5)),
            told("2025-03-15", "2025-03-31", day(4)),
        ]
        assert freshness(periodo_of(MARCH), answers) == day(4)

    def test_a_gap_of_a_second_is_a_gap(self) -> None:
        answers = [told("2025-03-01", "2025-03-10T11:59:58", day(1)), told("2025-03-10T12:00:00", "2025-03-31", day(1))]
        assert freshness(periodo_of(MARCH), answers) is None

    def test_what_has_no_instant_tells_nothing(self) -> None:
        assert freshness(periodo_of(MARCH), [told("2025-01-01", "2025-12-31", None)]) is None

    @given(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 28)).map(lambda t: (*sorted(t[:2]), t[2])),
            max_size=8,
        )
    )
    def test_every_second_was_told_since_then_and_some_not_later(self, answers: list[tuple[int, int, int]]) -> None:
        """Against a count second by second: each was told at its newest answer, the month at the oldest of those."""
        start = read_date("2025-03-01")
        whole = Periodo(start, start + timedelta(seconds=40))
        asked = [
            Asked(
                1, Familia.CFDI, Sentido.EMITIDOS, start + timedelta(seconds=a), start + timedelta(seconds=b), day(at)
            )
            for a, b, at in answers
        ]
        newest = [max((day(at) for a, b, at in answers if a <= second <= b), default=None) for second in range(41)]
        expected = None if None in newest else min(each for each in newest if each)
        assert freshness(whole, asked) == expected


class TestEstado:
    @pytest.mark.parametrize(
        ("answers", "known", "missing", "going", "estado"),
        [
            ([], 0, 0, 0, EstadoMes.SIN_PEDIR),
            ([], 4, 0, 0, EstadoMes.EN_PARTE),
            ([told("2025-03-10", "2025-03-31", day(1))], 4, 0, 0, EstadoMes.EN_PARTE),
            ([told("2025-01-01", "2025-06-30", day(1))], 0, 0, 0, EstadoMes.SIN_CFDI),
            ([told("2025-01-01", "2025-06-30", day(1))], 4, 0, 0, EstadoMes.COMPLETO),
            ([told("2025-01-01", "2025-06-30", day(1))], 4, 1, 0, EstadoMes.FALTAN),
            ([told("2025-01-01", "2025-06-30", day(1))], 4, 1, 2, EstadoMes.EN_CAMINO),
            ([told("2025-01-01", "2025-06-30", datetime(2025, 4, 3, tzinfo=UTC))], 4, 0, 0, EstadoMes.POR_CONFIRMAR),
        ],
    )
    def test_of_a_closed_month(
        self, answers: list[Asked], known: int, missing: int, going: int, estado: EstadoMes
    ) -> None:
        found, _ = estado_of(MARCH, NOW, told=answers, going=going, known=known, missing=missing)
        assert found is estado

    def test_the_running_month_is_never_complete(self) -> None:
        answers = [told("2026-03-01", "2026-03-02", NOW)]
        assert estado_of(date(2026, 3, 1), NOW, told=answers, going=0, known=3, missing=0) == (EstadoMes.EN_CURSO, NOW)

    def test_a_month_to_come_is_not_asked(self) -> None:
        assert estado_of(date(2026, 4, 1), NOW, told=[], going=0, known=0, missing=0) == (EstadoMes.FUTURO, None)


class TestMonths:
    @pytest.mark.parametrize(
        "text", ["", "2025", "2025-13", "25-01", "2025-1", "0000-01", "9999-12", "20٢٥-01", "2025-01-01"]
    )
    def test_what_is_no_month_is_said_so(self, text: str) -> None:
        with pytest.raises(MonthUnreadable):
            read_month(text)

    def test_a_stretch_has_both_ends_and_does_not_run_back(self) -> None:
        assert len(months_between(date(2024, 11, 1), date(2025, 2, 1))) == 4
        with pytest.raises(MonthUnreadable):
            months_between(date(2025, 2, 1), date(2025, 1, 1))

    @pytest.mark.parametrize(("month", "year"), [(1, 2025), (3, 2025), (4, 2026), (12, 2026)])
    def test_until_march_the_closed_year_is_looked_at_first(self, month: int, year: int) -> None:
        assert year_shown(read_date(f"2026-{month:02d}-15")) == year
