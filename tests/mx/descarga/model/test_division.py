"""Dividing: nothing between the parts, nothing twice but seconds, always something smaller, and an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.division import cut_by_count, divide
from acuse.mx.descarga.model.periodo import SHORTEST_S, Periodo, months, read_date
from acuse.mx.outside.sat_descarga.codes import Efecto, Familia, Sentido, TipoSolicitud

OLDEST = read_date("2020-01-01")
SECOND = timedelta(seconds=1)
START = read_date("2025-02-27T23:59:50")
moments = st.integers(0, 400 * 86_400).map(lambda seconds: OLDEST + timedelta(seconds=seconds))
periods = st.builds(lambda start, more: Periodo(start, start + timedelta(seconds=more)), moments, st.integers(1, 10**8))
small = st.builds(lambda start, more: Periodo(start, start + timedelta(seconds=more)), moments, st.integers(1, 40))


def asked(periodo: Periodo, **more: object) -> Parametros:
    values = {"tipo": TipoSolicitud.CFDI, "sentido": Sentido.EMITIDOS, "familia": Familia.CFDI} | more
    return Parametros.ask(periodo=periodo, **values)  # type: ignore[arg-type]


def covers(parts: tuple[Periodo, ...], whole: Periodo) -> bool:
    reached = whole.inicio - SECOND
    for part in sorted(parts):
        if part.inicio > reached + SECOND:
            return False
        reached = max(reached, part.fin)
    return reached >= whole.fin


class TestPeriods:
    @given(periods)
    def test_halves_leave_no_second_out_and_are_long_enough_to_be_asked(self, whole: Periodo) -> None:
        parts = whole.halves()
        assert covers(parts, whole)
        assert all(part.seconds >= SHORTEST_S for part in parts)
        assert all(whole.inicio <= part.inicio and part.fin <= whole.fin for part in parts)
        assert len(parts) == 1 or all(part.seconds < whole.seconds for part in parts)

    @given(periods)
    def test_months_leave_no_second_out(self, whole: Periodo) -> None:
        parts = whole.months()
        assert covers(parts, whole)
        assert all(part.seconds >= SHORTEST_S for part in parts)

    def test_halves_touch_without_overlap(self) -> None:
        first, second = months(2025, 1, 1).halves()
        assert second.inicio == first.fin + SECOND

    def test_three_seconds_overlap_by_one(self) -> None:
        first, second = Periodo(START, START + 2 * SECOND).halves()
        assert (first.fin, second.inicio) == (START + SECOND, START + SECOND)

    def test_two_seconds_stay_as_they_are(self) -> None:
        assert len(Periodo(START, START + SECOND).halves()) == 1

    def test_a_year_becomes_its_months(self) -> None:
        assert months(2025, 1, 12).months() == tuple(months(2025, month, 1) for month in range(1, 13))

    @given(small, st.lists(moments, max_size=5))
    def test_cuts_by_count_leave_no_second_out(self, whole: Periodo, cuts: list[datetime]) -> None:
        near = [whole.inicio + (cut - OLDEST) % timedelta(seconds=50) for cut in cuts]
        parts = cut_by_count(whole, near)
        assert not parts or covers(parts, whole)
        assert all(part != whole for part in parts)

    @given(periods, st.integers(1, 60))
    def test_widening_leaves_nothing_out_and_makes_another(self, whole: Periodo, more: int) -> None:
        other = whole.widened(more, oldest=OLDEST)
        assert other.inicio <= whole.inicio
        assert other.fin >= whole.fin
        assert other != whole
        assert other.inicio >= OLDEST


class TestDivide:
    @given(small, st.sampled_from(list(Sentido)), st.integers(0, 12))
    def test_it_always_comes_to_an_end(self, whole: Periodo, sentido: Sentido, others: int) -> None:
        known = [f"AAA0101{number:02d}AA1" for number in range(1, others + 1)]
        open_ = [asked(whole, sentido=sentido)]
        asked_for = 0
        while open_:
            one = open_.pop()
            asked_for += 1
            open_.extend(divide(one, oldest=OLDEST, counterparts=known if others else ()))
            assert asked_for < 40_000

    @given(periods)
    def test_parts_together_ask_the_same(self, whole: Periodo) -> None:
        parts = divide(asked(whole), oldest=OLDEST)
        assert covers(tuple(part.periodo for part in parts), whole)
        assert all(part != asked(whole) for part in parts)

    def test_two_seconds_are_asked_by_kind_each_under_another_key_of_the_sat(self) -> None:
        whole = asked(Periodo(START, START + SECOND))
        parts = divide(whole, oldest=OLDEST)
        assert {part.efecto for part in parts} == set(Efecto)
        keys = {part.sat_key("EKU9003173C9") for part in (whole, *parts)}
        assert len(keys) == 6

    def test_one_kind_is_asked_by_counterpart_five_at_most(self) -> None:
        known = [f"AAA0101{number:02d}AA1" for number in range(1, 13)]
        parts = divide(asked(Periodo(START, START + SECOND), efecto=Efecto.INGRESO), oldest=OLDEST, counterparts=known)
        assert sorted(rfc for part in parts for rfc in part.counterparts) == known
        assert max(len(part.counterparts) for part in parts) == 5

    def test_one_counterpart_cannot_be_divided(self) -> None:
        one = asked(Periodo(START, START + SECOND), efecto=Efecto.PAGO, counterparts=["XAXX010101000"])
        assert divide(one, oldest=OLDEST, counterparts=["XAXX010101000", "EKU9003173C9"]) == ()

    def test_retenciones_have_no_kinds(self) -> None:
        one = asked(Periodo(START, START + SECOND), familia=Familia.RETENCIONES)
        parts = divide(one, oldest=OLDEST, counterparts=["EKU9003173C9", "XAXX010101000"])
        assert [part.counterparts for part in parts] == [("EKU9003173C9",), ("XAXX010101000",)]
