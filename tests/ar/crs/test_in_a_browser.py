"""The CRS in Chromium: a reseller's errand up to the limit, and the administrator's who makes room again."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import NARROWEST, SIZES, THEMES, Watched, chromium, needs_chromium, served, watched_page
from tests.support.controladores import DEVICE, a_bundle
from tests.support.crs import PASSWORD, Site, Visitor

pytestmark = [pytest.mark.browser, needs_chromium]


async def log_in(page: Page, who: Visitor) -> None:
    await page.goto("/app")
    await page.get_by_label("CUIT, RFC o RUC").fill(who.user.tax_id)
    await page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Iniciar sesión").click()
    await page.wait_for_url("**/app")


async def looks_good(watched: Watched) -> None:
    """Nothing in the console, nothing for axe in light and dark, nothing sticks out at 360 px."""
    watched.assert_quiet()
    for theme in THEMES:
        await watched.page.emulate_media(color_scheme=theme)
        assert await watched.axe() == [], f"{watched.page.url} ({theme})"
    await watched.page.set_viewport_size({"width": NARROWEST, "height": 740})
    assert await watched.sticks_out() == [], watched.page.url
    width, height = SIZES["wide"]
    await watched.page.set_viewport_size({"width": width, "height": height})


async def find(page: Page, typed: str) -> None:
    await page.get_by_label("Controlador o nombre").fill(typed)
    await page.get_by_role("button", name="Filtrar").click()


async def reach_the_limit(watched: Watched, who: Visitor, certificate: UUID) -> None:
    """Find the device, download it, fetch the file, and go on until the limit of three."""
    page = watched.page
    await log_in(page, who)
    await page.goto("/app/crs")
    await find(page, "seshia-1371")
    rows = page.get_by_role("table", name="Certificados disponibles").get_by_role("row")
    await expect(rows).to_have_count(2)
    await looks_good(watched)
    await rows.nth(1).get_by_role("link", name="Descargar", exact=True).click()
    await expect(page.get_by_text("0 de 3", exact=True)).to_be_visible()
    await looks_good(watched)
    await page.get_by_role("button", name="Descargar", exact=True).click()
    await expect(page.get_by_text("Descarga iniciada: 1 de 3 pendientes.")).to_be_visible()
    await looks_good(watched)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="Bajar el archivo").click()
    file = await coming.value
    assert file.suggested_filename.startswith(f"{DEVICE}-")
    assert await asyncio.to_thread((await file.path()).read_bytes) == a_bundle()
    for pending in (2, 3):
        await page.goto(f"/app/crs/certificados/{certificate}")
        await page.get_by_role("button", name="Descargar otra vez como nueva").click()
        await expect(page.get_by_text(f"Descarga iniciada: {pending} de 3 pendientes.")).to_be_visible()


async def is_told_what_to_do(watched: Watched, certificate: UUID) -> None:
    """The bar is full, the way on is named, the button is gone, and the bell says so."""
    page = watched.page
    await page.goto("/app/crs/mis-descargas")
    await expect(page.get_by_text("3 de 3", exact=True)).to_be_visible()
    await expect(page.get_by_text("hasta que un administrador facture las pendientes")).to_be_visible()
    await looks_good(watched)
    await page.goto(f"/app/crs/certificados/{certificate}")
    await expect(page.get_by_role("button", name="Descargar otra vez como nueva")).to_have_count(0)
    await page.goto("/app/avisos")
    await expect(page.get_by_role("main")).to_contain_text("Alcanzaste tu límite de descargas.")


async def make_room(watched: Watched, admin: Visitor) -> None:
    """From the bell to the figures; a higher limit; all pending ones billed at once."""
    page = watched.page
    await log_in(page, admin)
    await page.goto("/app/avisos")
    await expect(page.get_by_text("Sin lugar para descargar: Charlie.")).to_be_visible()
    await page.get_by_role("link", name="Ver", exact=True).first.click()
    await expect(page.get_by_role("table", name="Usuarios cerca de su límite")).to_contain_text("3 de 3")
    await looks_good(watched)
    await page.goto("/app/usuarios")
    await page.get_by_role("link", name="Charlie").click()
    await page.get_by_label("Límite de descargas pendientes").fill("5")
    await page.get_by_role("button", name="Guardar").click()
    await expect(page.get_by_text("Cambios guardados.")).to_be_visible()
    await page.goto("/app/crs/descargas?estado=Pendiente+de+Facturar")
    await page.get_by_label("Elegir todas las de esta página").check()
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(4)
    first = page.get_by_role("table", name="Descargas").get_by_role("checkbox").first
    await first.uncheck()
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    await first.check()
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(4)
    await looks_good(watched)
    await page.get_by_role("button", name="Marcar como facturadas").click()
    await expect(page.get_by_text("3 descargas quedaron en «Facturado».")).to_be_visible()


async def read_the_audit(watched: Watched) -> None:
    """Each of the three changes and the new limit stand in the log."""
    await watched.page.goto("/app/auditoria")
    log = watched.page.get_by_role("table", name="Registros de la bitácora")
    await expect(log.get_by_text("Cambió el estado de varias descargas")).to_have_count(3)
    await expect(log.get_by_text("Cambió un usuario")).to_have_count(2)
    await looks_good(watched)


async def test_a_reseller_downloads_up_to_the_limit_and_an_administrator_makes_room(
    site: Site, admin: Visitor, charlie: Visitor, certificate: UUID
) -> None:
    await site.certificate("SESHRA0000000007")
    async with chromium() as browser, served(site.app) as url:
        async with watched_page(browser, url) as watched:
            await reach_the_limit(watched, charlie, certificate)
            await is_told_what_to_do(watched, certificate)
        async with watched_page(browser, url) as watched:
            await make_room(watched, admin)
            await read_the_audit(watched)
        async with watched_page(browser, url, script=False) as watched:
            await log_in(watched.page, charlie)
            await watched.page.goto(f"/app/crs/certificados/{certificate}")
            await expect(watched.page.get_by_text("0 de 5", exact=True)).to_be_visible()
            watched.assert_quiet()
