"""The pages of accounts in Chromium: quiet, accessible, narrow, light, and usable without script."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.accounts.conftest import PASSWORD, Place
from tests.support.browser import chromium, look_at, needs_chromium, served, watched_page

pytestmark = [pytest.mark.browser, needs_chromium]

NEW = "Nuevo-Rumbo.2031!"


async def test_every_page_is_accessible_quiet_and_fits(place: Place, tmp_path: Path) -> None:
    user = await place.create()
    temporary = await place.create(tax_id="27111111112", name="Berta Ruiz", must_change_password=True)
    async with chromium() as browser, served(place.app) as url, place.client() as client, place.client() as other:
        await place.enter(client, user)
        await place.enter(client, user)
        data = {"name": "Nómina", "scopes": ["sat:read", "cfdi:read"], "dias": "90"}
        await client.post("/app/cuenta/tokens", data=data)
        await place.enter(other, temporary)
        hers = [{"name": "acuse_sesion", "value": other.cookies["acuse_sesion"]}]
        his = [{"name": "acuse_sesion", "value": client.cookies["acuse_sesion"]}]
        assert await look_at(browser, url, ["/app/login"], tmp_path) == []
        assert await look_at(browser, url, ["/app/cambiar-contrasena"], tmp_path, cookies=hers) == []
        assert await look_at(browser, url, ["/app/cuenta", "/app/cuenta/contrasena"], tmp_path, cookies=his) == []


@pytest.mark.parametrize("script", [True, False])
async def test_a_person_logs_in_changes_the_password_and_leaves(place: Place, *, script: bool) -> None:
    user = await place.create(must_change_password=True)
    async with chromium() as browser, served(place.app) as url, watched_page(browser, url, script=script) as watched:
        page = watched.page
        await page.goto("/app/cuenta")
        await page.get_by_label("CUIT, RFC o RUC").fill(user.tax_id)
        await page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Iniciar sesión").click()
        await page.get_by_role("heading", name="Cambiar contraseña").wait_for()
        await page.get_by_label("Contraseña nueva", exact=True).press_sequentially("Xyz")
        if script:
            await page.locator("#reglas [aria-label='Falta:']").first.wait_for()
        await page.get_by_label("Contraseña nueva", exact=True).fill(NEW)
        await page.get_by_label("Contraseña nueva, otra vez").fill(NEW)
        await page.get_by_role("button", name="Cambiar contraseña").click()
        await page.wait_for_url("**/app")
        await page.goto("/app/cuenta")
        await page.get_by_role("heading", name="Mi cuenta").wait_for()
        watched.messages.clear()  # the bare application of this test has no home page
        assert "20123456789" in await page.locator("main").inner_text()
        watched.assert_quiet()
