"""Figures: well-formed, escaped, true to their numbers, without styles."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.webkit.plots import Part, Plot, Series, bars, state_bar

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<script>"&'


def figure_of(kind: str) -> Plot:
    series = [Series(NASTY, [1, 2, 3]), Series("b", [0, 0, 9])]
    if kind == "state_bar":
        return state_bar(NASTY, [Part(NASTY, 3, "done"), Part("b", 1, "failed")])
    return bars(NASTY, [NASTY, "feb", "mar"], series)


def rects(plot: Plot) -> list[Element]:
    return list(fromstring(plot.svg).iter(f"{SVG}rect"))


@pytest.mark.parametrize("kind", ["bars", "state_bar"])
def test_words_are_escaped_and_the_drawing_is_well_formed_without_styles(kind: str) -> None:
    plot = figure_of(kind)
    drawing = fromstring(plot.svg)
    assert drawing.get("aria-label") == NASTY
    assert "<script" not in plot.svg
    assert all("style" not in element.attrib for element in drawing.iter())
    if plot.axis:
        assert fromstring(plot.axis).tag == f"{SVG}svg"


def test_bars_are_as_high_as_their_numbers() -> None:
    plot = bars("CFDI", ["ene", "feb"], [Series("Emitidos", [100, 50])])
    one, half = (float(rect.attrib["height"]) for rect in rects(plot))
    assert half == pytest.approx(one / 2, abs=0.1)


def test_a_small_number_is_still_seen_and_zero_is_not() -> None:
    small, zero, _ = (
        float(r.attrib["height"]) for r in rects(bars("x", ["a", "b", "c"], [Series("", [1, 0, 90_000])]))
    )
    assert small > 0
    assert zero == 0


def test_a_state_bar_is_divided_by_shares_and_carries_its_numbers() -> None:
    plot = state_bar("14", [Part("Terminadas", 3, "done"), Part("Nada", 0, "failed"), Part("Otras", 1)])
    assert [float(rect.attrib["x"].rstrip("%")) for rect in rects(plot)] == [0, 75]
    assert [(key.label, key.value) for key in plot.legend] == [("Terminadas", "3"), ("Nada", "0"), ("Otras", "1")]


def test_the_same_numbers_stand_in_a_table() -> None:
    plot = bars("CFDI", ["ene"], [Series("Emitidos", [1204]), Series("Recibidos", [2])], unit="CFDI")
    assert plot.heads == ["", "Emitidos", "Recibidos"]
    assert plot.rows == [["ene", "1,204", "2"]]


def test_a_year_of_labels_gives_way_on_a_phone() -> None:
    plot = bars("CFDI", [str(m) for m in range(12)], [Series("a", [1] * 12), Series("b", [1] * 12)])
    assert plot.svg.count('class="label odd"') == 6


def test_nothing_to_draw_is_no_fault() -> None:
    for plot in (bars("x", [], []), state_bar("x", []), bars("x", ["a"], [Series("s", [0])])):
        fromstring(plot.svg)


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=40))
def test_any_numbers_stay_inside_the_drawing(values: list[float]) -> None:
    plot = bars("x", [str(i) for i in range(len(values))], [Series("s", values)])
    height = float(fromstring(plot.svg).attrib["height"])
    for rect in rects(plot):
        assert 0 <= float(rect.attrib["y"]) <= height
        assert float(rect.attrib["y"]) + float(rect.attrib["height"]) <= height


def test_long_words_under_bars_are_marked_to_be_small_on_a_phone() -> None:
    words = bars("Monto", ["Presunto", "Desvirtuado"], [Series("Monto", [1, 2])])
    months = bars("Monto", ["ene", "feb"], [Series("Monto", [1, 2])])
    assert (words.svg.count('class="label long"'), months.svg.count("long")) == (2, 0)
