"""Look-alike certificates of fiscal controllers, made once per run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from acuse.ar.certificates.lookalike import AfipLookalikeCa

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
DEVICE = "SESHIA0000001371"


@cache
def afip() -> AfipLookalikeCa:
    """The authority of this run."""
    return AfipLookalikeCa.create(NOW)


def a_bundle(controlador: str = DEVICE, *, age_days: int = 100, life_days: int = 731) -> bytes:
    """A delivered file whose validity began this many days before NOW: the same bytes for the same wish."""
    return _bundle(controlador, age_days, life_days)


@cache
def _bundle(controlador: str, age_days: int, life_days: int) -> bytes:
    since = NOW - timedelta(days=age_days)
    return afip().bundle(controlador, since=since, until=since + timedelta(days=life_days))
