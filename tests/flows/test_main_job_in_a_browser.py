"""The whole errand in Chromium, as a new user does it: with a mouse, without script, narrow."""

from __future__ import annotations

import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Download, Page, expect

from acuse.accounts import AccountsService
from tests.flows.site import PASSWORD, Site
from tests.support.browser import NARROWEST, SIZES, THEMES, Watched, chromium, needs_chromium, watched_page

pytestmark = [pytest.mark.browser, needs_chromium]
LONG_MS = 60_000


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


async def log_in(page: Page, tax_id: str, password: str = PASSWORD) -> None:
    await page.goto("/")
    await page.get_by_label("CUIT, RFC o RUC").fill(tax_id)
    await page.get_by_label("Contraseña", exact=True).fill(password)
    await page.get_by_role("button", name="Iniciar sesión").click()


async def upload_efirma(page: Page, files: dict[str, str]) -> None:
    """Follow the way from the home page of somebody new to the taxpayer's page."""
    await page.get_by_role("link", name="Subir e.firma").first.click()
    await page.get_by_label("Certificado de la e.firma").set_input_files(files["cer"])
    await page.get_by_label("Llave privada").set_input_files(files["key"])
    await page.get_by_label("Contraseña de la llave").fill(files["password"])
    await page.get_by_role("button", name="Subir e.firma").click()
    await expect(page.get_by_text("quedó en uso")).to_be_visible()


async def send_the_fourteen(page: Page, year: int) -> None:
    await page.get_by_role("link", name="Descarga masiva").first.click()
    await page.get_by_label("Año", exact=True).select_option(str(year))
    await page.get_by_role("button", name="Enviar las 14").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Las 14 de {year}")


async def looks_good(watched: Watched) -> None:
    """Nothing in the console, nothing for axe in light and dark, nothing sticks out at 360 px."""
    for theme in THEMES:
        await watched.page.emulate_media(color_scheme=theme)
        assert await watched.axe() == [], f"{watched.page.url} ({theme})"
    await watched.page.set_viewport_size({"width": NARROWEST, "height": 740})
    assert await watched.sticks_out() == [], watched.page.url
    width, height = SIZES["wide"]
    await watched.page.set_viewport_size({"width": width, "height": height})
    watched.assert_quiet()


def whole_zip(download: Path) -> int:
    """Answer how many files a downloaded ZIP holds, all of them readable."""
    with zipfile.ZipFile(download) as archive:
        assert archive.testzip() is None
        return len(archive.namelist())


async def downloaded(page: Page, name: str) -> tuple[Download, Path]:
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name=name).first.click()
    download = await waiting.value
    return download, Path(await download.path())


async def test_from_login_to_the_package(site: Site, browser: Browser) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    async with watched_page(browser, site.url) as watched:
        page = watched.page
        await page.goto("/")
        await looks_good(watched)
        await log_in(page, told.rfc)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Inicio")
        await looks_good(watched)
        await upload_efirma(page, told.efirma)
        await looks_good(watched)

        await send_the_fourteen(page, told.year)
        await expect(page.get_by_text("14 de las 14 quedaron en camino")).to_be_visible()
        # The page asks for itself again until all have ended; nobody touches it.
        await expect(page.locator(".progress-count")).to_have_text("14 de 14", timeout=LONG_MS)
        await expect(page.get_by_text("Al día")).to_be_visible()
        await expect(page.locator("[hx-get]")).to_have_count(0)
        await looks_good(watched)

        await page.get_by_role("row").filter(has_text="CFDI · Emitidos").get_by_role("link").first.click()
        await expect(page.get_by_text("Completa").first).to_be_visible()
        await looks_good(watched)
        _, package = await downloaded(page, "Descargar ZIP")
        assert whole_zip(package) > 0

        await page.get_by_role("navigation", name="Principal").get_by_role("link", name="CFDI").click()
        await expect(page.get_by_role("table").get_by_role("row").nth(1)).to_be_visible()
        await looks_good(watched)
        name = await page.locator("td.cell-main").first.inner_text()
        await page.locator("#campo-texto").fill(name)
        await page.get_by_role("button", name="Filtrar").click()
        await expect(page.locator("td.cell-main").first).to_have_text(name)
        names = await page.locator("td.cell-main").all_inner_texts()
        assert {each.split()[0] for each in names} == {name.split()[0]}

        await page.locator("td.cell-main a").first.click()
        folio = await page.locator(".lead code").inner_text()
        assert re.fullmatch(r"[0-9A-F-]{36}", folio)
        await page.get_by_text("XML, como lo dio el SAT").click()
        shown = await page.get_by_label("XML del CFDI").inner_text()
        assert "<cfdi:Comprobante" in shown
        assert folio.lower() in shown.lower()
        await looks_good(watched)
        download, xml = await downloaded(page, "Descargar XML")
        assert folio.lower() in download.suggested_filename.lower()
        assert folio.lower() in xml.read_text(encoding="utf-8").lower()

        await page.get_by_role("link", name="Inicio").first.click()
        await expect(page.get_by_text("Solicitudes completas")).to_be_visible()
        await looks_good(watched)


async def test_without_script(site: Site, browser: Browser) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    async with watched_page(browser, site.url, script=False) as watched:
        page = watched.page
        await log_in(page, told.rfc)
        await upload_efirma(page, told.efirma)
        await send_the_fourteen(page, told.year)
        counted = page.locator(".progress-count")
        while await counted.inner_text() != "14 de 14":
            await page.reload()
        await page.get_by_role("row").filter(has_text="CFDI · Emitidos").get_by_role("link").first.click()
        _, package = await downloaded(page, "Descargar ZIP")
        assert whole_zip(package) > 0
        await page.get_by_role("navigation", name="Principal").get_by_role("link", name="CFDI").click()
        await page.locator("#campo-texto").fill(await page.locator("td.cell-main").first.inner_text())
        await page.get_by_role("button", name="Filtrar").click()
        await page.locator("td.cell-main a").first.click()
        await page.get_by_text("XML, como lo dio el SAT").click()
        assert "<cfdi:Comprobante" in await page.get_by_label("XML del CFDI").inner_text()
        await page.get_by_role("button", name="Alicia Contribuyente").click()
        await page.get_by_role("button", name="Salir").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Iniciar sesión")


async def test_on_a_phone(site: Site, browser: Browser) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    async with watched_page(browser, site.url, size=(NARROWEST, 740)) as watched:
        page = watched.page
        await log_in(page, told.rfc)
        await upload_efirma(page, told.efirma)
        await page.get_by_role("button", name="Menú").click()
        await send_the_fourteen(page, told.year)
        await expect(page.locator(".progress-count")).to_have_text("14 de 14", timeout=LONG_MS)
        assert await watched.sticks_out() == []
        watched.assert_quiet()


async def test_first_administrator_must_choose_a_password(site: Site, browser: Browser) -> None:
    first = await site.services[AccountsService].ensure_first_admin()
    assert first is not None
    async with watched_page(browser, site.url) as watched:
        page = watched.page
        await log_in(page, first.cuit, first.password)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Cambiar contraseña")
        await page.goto("/app/trabajos")
        await expect(page).to_have_url(re.compile("/app/cambiar-contrasena$"))
        await looks_good(watched)
        new = page.get_by_label("Contraseña nueva", exact=True)
        await new.press_sequentially("corta")
        await expect(page.locator("#reglas").get_by_label("Falta:").first).to_be_visible()
        await new.fill("Otra-Muy.Larga!29")
        await expect(page.locator("#reglas").get_by_label("Falta:")).to_have_count(0)
        await page.get_by_label("Contraseña nueva, otra vez").fill("Otra-Muy.Larga!29")
        await page.get_by_role("button", name="Cambiar contraseña").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Inicio")
        for path in ("/app/trabajos", "/app/salud", "/app/cuenta"):
            await page.goto(path)
            await looks_good(watched)


async def test_what_is_wrong_stands_beside_its_field(site: Site, browser: Browser) -> None:
    told = site.sat.told
    alice = await site.person(told.rfc)
    async with watched_page(browser, site.url, cookies=[await site.cookie_of(alice)]) as watched:
        page = watched.page
        await page.goto("/app/contribuyentes/nueva-efirma")
        for files, problem in (
            ({**told.efirma, "password": "no es esta"}, "contraseña"),
            (told.csd, "CSD"),
            ({**told.efirma, "key": told.csd["key"]}, "no corresponde"),
        ):
            await page.get_by_label("Certificado de la e.firma").set_input_files(files["cer"])
            await page.get_by_label("Llave privada").set_input_files(files["key"])
            await page.get_by_label("Contraseña de la llave").fill(files["password"])
            await page.get_by_role("button", name="Subir e.firma").click()
            beside = page.locator(".problem")
            await expect(beside).to_contain_text(problem)
            assert (await watched.axe()) == []
        await page.goto("/app/contribuyentes")
        await expect(page.get_by_text("Aún no hay contribuyentes")).to_be_visible()
