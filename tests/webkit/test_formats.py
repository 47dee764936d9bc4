"""How values read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.money import Money
from acuse.webkit import formats
from acuse.webkit.formats import Viewing, viewing

NOON = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Money(Decimal("12345.6"), "MXN"), "$12,345.60 MXN"),
        (Decimal("0.005"), "$0.01 MXN"),
        (Decimal(-980), "-$980.00 MXN"),
        (Money(Decimal("12.50"), "XXX"), "$13"),
        (None, "—"),
    ],
)
def test_money(value: Money | Decimal | None, text: str) -> None:
    assert formats.money(value) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1540, "1.5 kB"), (12_000_000, "12 MB"), (None, "—")],
)
def test_sizes(size: int | None, text: str) -> None:
    assert formats.bytes_text(size) == text


def test_counts_are_words_when_zero() -> None:
    assert formats.count_words(0, "solicitud", "solicitudes") == "Sin solicitudes"
    assert formats.count_words(1, "solicitud", "solicitudes") == "1 solicitud"
    assert formats.count_words(1204, "paquete") == "1,204 paquetes"


def test_dates_are_read_in_the_viewers_zone() -> None:
    midnight = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    assert formats.datetime_text(midnight) == "21 nov 2026, 21:30"
    with viewing(Viewing(zone=ZoneInfo("America/Argentina/Buenos_Aires"))):
        assert formats.datetime_text(midnight) == "22 nov 2026, 00:30"
    assert formats.date_text(date(2026, 1, 1)) == "1 ene 2026"
    assert formats.month_text(date(2026, 9, 1)) == "septiembre 2026"


def test_a_naive_instant_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.datetime_text(datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "ahora"),
        (-30, "hace unos segundos"),
        (-60, "hace 1 minuto"),
        (-7200, "hace 2 horas"),
        (86_400, "en 1 día"),
        (86_400 * 45, "en 1 mes"),
        (86_400 * 800, "en 2 años"),
    ],
)
def test_distance_in_words(seconds: int, text: str) -> None:
    assert formats.relative_text(NOON + timedelta(seconds=seconds), NOON) == text


def test_an_instant_is_drawn_with_the_distance_as_its_title() -> None:
    with viewing(Viewing(now=NOON)):
        drawn = formats.when(NOON - timedelta(hours=3))
    assert drawn == '<time datetime="2026-11-21T15:00:00+00:00" title="hace 3 horas">21 nov 2026, 09:00</time>'
    assert formats.when(None) == "—"


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_any_two_instants_have_a_distance(one: datetime, other: datetime) -> None:
    assert formats.relative_text(one, other)
