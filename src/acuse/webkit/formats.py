"""How values read on a page: money, numbers, sizes, dates in the viewer's zone, counts in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from markupsafe import Markup

from acuse.kernel.money import Money, format_amount, places_of

_MONTHS = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
_MONTHS_LONG = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
_MINUTE = 60
_TIME = Markup('<time datetime="%s" title="%s">%s</time>')
_STEPS = (
    (31_557_600, "año", "años"),
    (2_629_800, "mes", "meses"),
    (86_400, "día", "días"),
    (3_600, "hora", "horas"),
    (_MINUTE, "minuto", "minutos"),
)


@dataclass(frozen=True)
class Viewing:
    """For whom a page is being drawn: their zone, the present instant, the address asked for."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Mexico_City"))
    now: datetime | None = None
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()


_viewing: ContextVar[Viewing] = ContextVar("acuse_viewing", default=Viewing())  # noqa: B039 - frozen


@contextmanager
def viewing(view: Viewing) -> Iterator[None]:
    """Draw what stands inside for this viewer; filters and macros read it."""
    token = _viewing.set(view)
    try:
        yield
    finally:
        _viewing.reset(token)


def current_view() -> Viewing:
    """Answer for whom the page is being drawn."""
    return _viewing.get()


def money(value: Money | Decimal | None, currency: str = "MXN") -> str:
    """Write `$12,345.60 MXN`; a dash when there is none."""
    if value is None:
        return "—"
    amount, code = (value.amount, value.currency) if isinstance(value, Money) else (value, currency)
    text = format_amount(amount, places=places_of(code), symbol=True)
    return text if code == "XXX" else f"{text} {code}"


def number(value: float | Decimal | None, places: int = 0) -> str:
    """Write `1,234`; a dash when there is none."""
    return "—" if value is None else f"{value:,.{places}f}"


def bytes_text(size: int | None) -> str:
    """Write a size as `820 B`, `1.5 kB`, `12 MB` (powers of 1000)."""
    if size is None:
        return "—"
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":  # noqa: PLR2004 - SI
            shown = f"{amount:.0f}" if unit == "B" or amount >= 10 else f"{amount:.1f}".removesuffix(".0")  # noqa: PLR2004
            return f"{shown} {unit}"
        amount /= 1000
    raise AssertionError


def plural(count: int, one: str, many: str | None = None) -> str:
    """Write `1 CFDI`, `2 solicitudes`: the number with its noun; `many` is `one` + s when left out."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def count_words(count: int, one: str, many: str | None = None) -> str:
    """Write a count as words when zero: `Sin solicitudes`, `1 solicitud`, `1,204 solicitudes`."""
    return f"Sin {many or one + 's'}" if count == 0 else plural(count, one, many)


def date_text(value: date | datetime | None, zone: ZoneInfo | None = None) -> str:
    """Write a day as `21 nov 2026`; an instant is read in the viewer's zone first."""
    if value is None:
        return "—"
    return _day_text(_local(value, zone) if isinstance(value, datetime) else value)


def datetime_text(value: datetime | None, zone: ZoneInfo | None = None, *, seconds: bool = False) -> str:
    """Write an instant as `21 nov 2026, 14:05` in the viewer's zone."""
    if value is None:
        return "—"
    local = _local(value, zone)
    return f"{local_text(local)}{f':{local.second:02}' if seconds else ''}"


def local_text(value: datetime) -> str:
    """Write a time as it stands, in whatever zone it is told: `21 nov 2026, 14:05`."""
    return f"{_day_text(value)}, {value.hour:02}:{value.minute:02}"


def month_text(value: date, *, long: bool = True) -> str:
    """Write a month as `noviembre 2026`, or `nov` when short."""
    return f"{_MONTHS_LONG[value.month - 1]} {value.year}" if long else _MONTHS[value.month - 1]


def relative_text(value: datetime | None, now: datetime | None = None) -> str:
    """Write how far away an instant is: `hace 3 minutos`, `en 2 días`, `ahora`."""
    if value is None:
        return "—"
    seconds = (value - (now or current_view().now or datetime.now(UTC))).total_seconds()
    distance = abs(seconds)
    if distance < _MINUTE:
        return "ahora" if distance < 10 else ("en unos segundos" if seconds > 0 else "hace unos segundos")  # noqa: PLR2004
    for length, one, many in _STEPS:
        if distance >= length:
            text = plural(int(distance // length), one, many)
            return f"en {text}" if seconds > 0 else f"hace {text}"
    raise AssertionError


def when(value: datetime | None, zone: ZoneInfo | None = None, *, seconds: bool = False, day: bool = False) -> Markup:
    """Draw an instant as `<time>`: absolute text, relative text as its title."""
    if value is None:
        return Markup("—")
    text = date_text(value, zone) if day else datetime_text(value, zone, seconds=seconds)
    return _TIME % (value.astimezone(UTC).isoformat(timespec="seconds"), relative_text(value), text)


def _day_text(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _local(value: datetime, zone: ZoneInfo | None) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant knows its zone")
    return value.astimezone(zone or current_view().zone)
