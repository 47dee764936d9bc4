"""Figures drawn on the server: pure functions from data to SVG text.

No style attributes (the page's policy forbids them): colour comes from classes, position from attributes.
Widths are percentages and heights pixels, so that a figure fills its place and its words keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup, escape

from acuse.webkit.formats import number

_HEIGHT = 190
_TOP = 18
_FOOT = 24
_BAR_HEIGHT = 22
_TONES = ("a", "b", "working", "attention", "neutral")
_VALUES_SHOWN_UP_TO = 14
_MOST_LABELS = 12
_CROWDED = 8
_LONG_LABEL = 9
_NOTHING = 1e-9


@dataclass(frozen=True)
class Series:
    """One row of numbers with its name; `tone` is a state or empty for the figure's own colours."""

    name: str
    values: Sequence[float]
    tone: str = ""


@dataclass(frozen=True)
class Part:
    """One share of a whole, as in 12 finished of 14."""

    label: str
    value: float
    tone: str = "neutral"


@dataclass(frozen=True)
class Key:
    """A line of the legend."""

    label: str
    tone: str
    value: str = ""


@dataclass(frozen=True)
class Plot:
    """A figure ready for `ui.plot`: its drawing, its axis, its legend and the same numbers as a table."""

    title: str
    unit: str
    svg: Markup
    axis: Markup
    legend: Sequence[Key]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def bars(title: str, labels: Sequence[str], series: Sequence[Series], *, unit: str = "") -> Plot:
    """Draw bars side by side for each label, as in CFDIs by month."""
    scale = _Scale.over(series)
    slot = 100 / max(1, len(labels))
    width = min(slot * 0.72 / max(1, len(series)), 9.0)
    one = len(series) == 1 and len(labels) <= _VALUES_SHOWN_UP_TO
    parts = [_gridlines(scale)]
    for index, label in enumerate(labels):
        center = slot * (index + 0.5)
        left = center - width * len(series) / 2
        for place, row in enumerate(series):
            value = row.values[index]
            top = scale.y(value)
            height = max(scale.y(0) - top, 1.5 if value else 0)
            parts.append(
                f'<rect class="tone-{_tone(row, place)}" x="{left + place * width + 0.25:.2f}%" '
                f'y="{scale.y(0) - height:.1f}" width="{max(width - 0.5, 0.4):.2f}%" height="{height:.1f}" rx="2">'
                f"<title>{escape(label)}, {escape(row.name)}: {escape(number(value))}</title></rect>"
            )
            if one and value:
                parts.append(_text(center, top - 5, number(value), kind="value"))
        if _labelled(index, len(labels)):
            parts.append(_text(center, _HEIGHT - 6, label, kind=_label_kind(index, labels)))
    return _plot(title, unit, labels, series, scale, parts)


def state_bar(title: str, shares: Sequence[Part], *, unit: str = "") -> Plot:
    """Draw one bar divided by state, as in the 14 solicitudes of a year; its legend carries the numbers."""
    total = sum(part.value for part in shares)
    parts: list[str] = []
    left = 0.0
    for part in shares:
        width = 100 * part.value / total if total else 0
        if width:
            parts.append(
                f'<rect class="tone-{part.tone}" x="{left:.2f}%" width="{max(width - 0.35, 0.35):.2f}%" '
                f'height="{_BAR_HEIGHT}" rx="3">'
                f"<title>{escape(part.label)}: {escape(number(part.value))}</title></rect>"
            )
        left += width
    if not parts:
        parts.append(f'<rect class="tone-neutral" width="100%" height="{_BAR_HEIGHT}" rx="3" opacity="0.25"/>')
    return Plot(
        title=title,
        unit=unit,
        svg=_frame(title, parts, _BAR_HEIGHT),
        axis=Markup(),
        legend=[Key(part.label, part.tone, number(part.value)) for part in shares],
        heads=["Estado", unit or "Cantidad"],
        rows=[[part.label, number(part.value)] for part in shares],
    )


@dataclass(frozen=True)
class _Scale:
    """Values to pixels, with round steps; always begins at zero."""

    top: float
    step: float

    @classmethod
    def over(cls, series: Sequence[Series]) -> _Scale:
        highest = max((value for row in series for value in row.values), default=0)
        if highest < _NOTHING:
            return cls(1, 1)
        rough = highest / 4
        magnitude = 10.0 ** floor(log10(rough))
        step = next(magnitude * factor for factor in (1, 2, 2.5, 5, 10) if magnitude * factor >= rough)
        step = max(step, 1.0) if all(float(v).is_integer() for row in series for v in row.values) else step
        return cls(step * ceil(highest / step), step)

    def y(self, value: float) -> float:
        return _HEIGHT - _FOOT - (_HEIGHT - _FOOT - _TOP) * max(0.0, float(value)) / self.top

    def marks(self) -> list[float]:
        return [self.step * i for i in range(round(self.top / self.step) + 1)]


def _plot(
    title: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[Series],
    scale: _Scale,
    parts: Sequence[str],
) -> Plot:
    legend = [Key(row.name, _tone(row, place)) for place, row in enumerate(series)] if len(series) > 1 else []
    rows = [[label, *(number(row.values[i]) for row in series)] for i, label in enumerate(labels)]
    return Plot(
        title=title,
        unit=unit,
        svg=_frame(title, parts, _HEIGHT),
        axis=_axis(scale),
        legend=legend,
        heads=["", *(row.name for row in series)],
        rows=rows,
    )


def _frame(title: str, parts: Sequence[str], height: int) -> Markup:
    # Everything put in is drawn here from numbers, or escaped.
    return Markup(  # noqa: S704
        f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{height}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def _axis(scale: _Scale) -> Markup:
    marks = [number(mark) for mark in scale.marks()]
    width = 7 * max(len(mark) for mark in marks) + 2
    parts = "".join(
        f'<text x="{width}" y="{scale.y(mark) + 4:.1f}" text-anchor="end">{escape(text)}</text>'
        for mark, text in zip(scale.marks(), marks, strict=True)
    )
    return Markup(  # noqa: S704 - as above
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" aria-hidden="true">{parts}</svg>'
    )


def _gridlines(scale: _Scale) -> str:
    return "".join(
        f'<line class="{"grid" if mark else "base"}" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        for mark, y in ((mark, scale.y(mark)) for mark in scale.marks())
    )


def _text(x: float, y: float, text: str, kind: str = "label") -> str:
    return f'<text class="{kind}" x="{x:.2f}%" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'


def _tone(row: Series, place: int) -> str:
    return row.tone or _TONES[place % len(_TONES)]


def _label_kind(index: int, labels: Sequence[str]) -> str:
    """Every second label of many gives way on a phone; long ones are written small there."""
    count = len(labels)
    step = max(1, ceil(count / _MOST_LABELS))
    odd = " odd" if count > _CROWDED and (index // step) % 2 else ""
    return f"label{odd}{' long' if max(map(len, labels)) > _LONG_LABEL else ''}"


def _labelled(index: int, count: int) -> bool:
    return index % max(1, ceil(count / _MOST_LABELS)) == 0
