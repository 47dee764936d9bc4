"""Months over HTTP and on their pages."""

from __future__ import annotations

import html
import re
from typing import Any

from acuse.mx.outside.sat_descarga.codes import Sentido
from tests.mx.completitud.test_fetching import RECEIVED, alive, know, of_month
from tests.mx.descarga.conftest import RFC, YEAR, Office, clock, environment, office
from tests.mx.descarga.test_web import Doors, doors, get, post

__all__ = ["clock", "doors", "environment", "office"]

API = "/api/v1/sat/completitud"
PAGE = f"/app/completitud/{RFC}/{YEAR}"
MONTH = f"{YEAR}-{RECEIVED:02d}"


class TestApi:
    async def test_a_month_from_unknown_to_complete(self, office: Office, doors: Doors) -> None:
        alice = doors.api["Alice"]
        wanted: dict[str, Any] = {"rfc": RFC, "mes": MONTH, "tipo_comprobante": "R"}
        asked = await post(alice, f"{API}/metadata", wanted, 202)
        assert [row["tipo_solicitud"] for row in asked["solicitudes"]] == ["Metadata"]
        await office.settle(rounds=30)
        planned = await get(alice, f"{API}/faltantes", **wanted)
        count = len(alive(of_month(RECEIVED, received=True)))
        assert (planned["faltan"], planned["solicitudes"], planned["por_folio"]) == (count, count, True)
        for created in (count, 0):
            made = await post(alice, f"{API}/faltantes", wanted, 202)
            assert len(made["solicitudes"]) == created
        await office.settle(rounds=40)
        told = (await get(alice, API, rfc=RFC, desde=MONTH, hasta=MONTH))["meses"]
        mine = next(each for each in told if each["tipo_comprobante"] == "R")
        assert (mine["estado"], mine["completo"], mine["faltan"], mine["con_xml"]) == ("completo", True, 0, count)

    async def test_a_year_is_told_without_months_and_reading_is_not_asking(self, office: Office, doors: Doors) -> None:
        bob = doors.api["Bob"]
        assert len((await get(bob, API))["meses"]) == 24
        body = {"rfc": RFC, "mes": MONTH, "tipo_comprobante": "R"}
        assert (await post(bob, f"{API}/faltantes", body, 403))["error"] == "ACCESS_LEVEL_TOO_LOW"
        assert (await get(doors.api["Charlie"], API, 404, rfc=RFC))["error"] == "CONTRIBUYENTE_NOT_FOUND"
        assert (await get(bob, API, 400, desde="ayer"))["error"] == "MONTH_UNREADABLE"
        assert not office.sat.ledger.entries


class TestPages:
    async def test_the_grid_and_the_client_say_what_is_missing_and_fetch_it(self, office: Office, doors: Doors) -> None:
        await know(office, Sentido.RECIBIDOS)
        browser, count = doors.browser["Alice"], len(alive(of_month(RECEIVED, received=True)))
        grid = (await browser.get(f"/app/completitud?year={YEAR}")).text
        assert f"faltan {count} XML" in grid
        assert PAGE in grid
        page = (await browser.get(PAGE)).text
        assert f"Traer {count}" in page
        assert f'value="{MONTH}"' in page.split("Tabla: Recibidos por mes")[1]
        assert "Por folio: no gasta" in page
        listed = (
            await browser.get(html.unescape(re.findall(r'href="(/app/cfdi[^"]+con_xml=false[^"]*)"', page)[0]))
        ).text
        assert f"{count} CFDI en esta página" in listed
        sent = await browser.post(f"{PAGE}/faltantes", data={"sentido": "R", "mes": MONTH})
        assert sent.status_code == 303
        going = await browser.get(f"{PAGE}/avance")
        assert (going.status_code, "En camino" in going.text) == (200, True)
        await office.settle(rounds=40)
        assert (await browser.get(f"{PAGE}/avance")).status_code == 286
        received = (await browser.get(PAGE)).text.split("Tabla: Recibidos por mes")[1]
        assert f'value="{MONTH}"' not in received

    async def test_the_year_is_asked_by_halves(self, office: Office, doors: Doors) -> None:
        sent = await doors.browser["Alice"].post(f"{PAGE}/metadata", data={"sentido": "E"})
        assert sent.status_code == 303
        rows = await office.sql("SELECT fecha_inicio, tipo FROM solicitudes ORDER BY fecha_inicio")
        assert [row["fecha_inicio"].month for row in rows] == [1, 7]

    async def test_who_reads_sees_no_buttons_that_would_fail(self, office: Office, doors: Doors) -> None:
        await know(office, Sentido.RECIBIDOS)
        assert "Traer" not in (await doors.browser["Bob"].get(PAGE)).text
        assert (await doors.browser["Charlie"].get(PAGE)).status_code == 404
