"""The e-mails as a mail program shows them: on a phone, in light and dark, without anything of ours to fetch."""

from __future__ import annotations

import pytest

from acuse.notices import Template
from acuse.notices.service import Letters
from tests.notices.test_letters import CONTEXT
from tests.support.browser import NARROWEST, THEMES, chromium, needs_chromium, watched_page

pytestmark = [pytest.mark.browser, needs_chromium]

LONG = {
    "cancelled": [
        {
            "uuid": "6F9619FF-8B86-D011-B42D-00C04FC964F0",
            "fecha": "01/02/2025",
            "contraparte": "HERRERIA & ELECTRICOS",
            "total": "$12,345,678.90 MXN",
        }
    ],
    "listed": [
        {
            "rfc": "AAA010101AAA",
            "nombre": "SERVICIOS ADMINISTRATIVOS DEL NORTE Y OCCIDENTE SA DE CV",
            "situacion": "Sentencia Favorable",
            "publicado": "15/01/2025",
            "recibidos": 12_345,
            "cfdis": 12_345,
            "monto": "$12,345,678.90 MXN",
        }
    ],
    "clients": [
        {
            "rfc": "MMM010101MM1",
            "name": "ESCUELA KEMPER URGATE",
            "cfdis": 450_000,
            "retenciones": 12_345,
            "cancelled": 12_345,
            "status": "No se pidió nada: no tiene e.firma vigente.",
            "attention": True,
        }
    ]
    * 2,
    "document": '{"hash":"' + "0" * 64 + '"}',
}


async def test_every_letter_fits_a_phone_and_can_be_read() -> None:
    async with chromium() as browser:
        for theme in THEMES:
            async with watched_page(browser, "http://localhost", size=(NARROWEST, 740), theme=theme) as watched:
                for template in Template:
                    await watched.page.set_content(Letters().write(template, CONTEXT | LONG).html)
                    assert await watched.sticks_out() == [], template
                    assert await watched.axe() == [], (template, theme)
                watched.assert_quiet()
