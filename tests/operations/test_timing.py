"""When a schedule falls due, in words."""

from __future__ import annotations

import pytest

from acuse.operations.pages.house import timing


@pytest.mark.parametrize(
    ("cron", "zone", "told"),
    [
        ("* * * * *", "America/Mexico_City", "Cada minuto"),
        ("*/5 * * * *", "UTC", "Cada 5 minutos"),
        ("20 * * * *", "America/Mexico_City", "Cada hora, al minuto 20"),
        ("0 23 * * *", "America/Mexico_City", "Cada día a las 23:00, hora de la Ciudad de México"),
        ("30 4 * * *", "America/Argentina/Buenos_Aires", "Cada día a las 04:30, hora de Buenos Aires"),
        ("40 3 * * *", "UTC", "Cada día a las 03:40, UTC"),
        ("0 8 * * 1-5", "UTC", "0 8 * * 1-5 UTC"),
        ("5,35 * * * *", "UTC", "5,35 * * * * UTC"),
    ],
)
def test_people_read_no_cron(cron: str, zone: str, told: str) -> None:
    assert timing(cron, zone) == told
