"""The gallery and the sample pages in Chromium: quiet, accessible, narrow, light, usable without script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, expect

from tests.support.browser import SIZES, chromium, look_at, needs_chromium, served, watched_page
from tests.webkit.gallery import gallery_app

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with served(gallery_app()) as address:
        yield address


def pictures(folder: Path) -> int:
    return len(list(folder.glob("*.png")))


async def test_every_component_is_accessible_quiet_and_fits(browser: Browser, url: str, tmp_path: Path) -> None:
    wrong = await look_at(browser, url, ["/app/gallery", "/app/login?mal=1", "/docs"], tmp_path)
    assert wrong == []
    assert pictures(tmp_path) == 12


async def test_the_error_page_is_accessible(browser: Browser, url: str, tmp_path: Path) -> None:
    assert await look_at(browser, url, ["/app/nada"], tmp_path, expect_status=404) == []


async def test_the_dialog_opens_and_closes_by_keyboard_and_names_the_consequence(browser: Browser, url: str) -> None:
    async with watched_page(browser, url) as watched:
        page = watched.page
        await page.goto("/app/gallery")
        opener = page.get_by_role("button", name="Borrar e.firma").first
        await opener.focus()
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Borrar la e.firma de CÑH010203AB1")
        await dialog.wait_for()
        assert await page.evaluate("document.activeElement.closest('dialog') !== null")
        assert "Los CFDI ya guardados se conservan" in await dialog.inner_text()
        assert await watched.axe() == []
        await page.keyboard.press("Escape")
        assert not await dialog.is_visible()
        assert await opener.evaluate("el => el === document.activeElement")
        watched.assert_quiet()


async def test_progress_is_asked_again_until_it_is_done(browser: Browser, url: str) -> None:
    async with watched_page(browser, url) as watched:
        await watched.page.goto("/app/gallery")
        await watched.page.locator("#avance-vivo.progress-done").wait_for(timeout=6000)
        assert await watched.page.locator("#avance-vivo progress").get_attribute("value") == "14"
        watched.assert_quiet()


async def test_the_theme_switches_at_once_and_is_remembered(browser: Browser, url: str) -> None:
    async with watched_page(browser, url) as watched:
        page = watched.page
        await page.goto("/app")
        await page.get_by_role("button", name="Alicia Ruiz").click()
        async with page.expect_response("**/app/apariencia"):
            await page.get_by_role("button", name="Oscuro").click()
        assert await page.locator("html").get_attribute("data-theme") == "dark"
        await page.reload()
        assert await page.locator("html").get_attribute("data-theme") == "dark"
        watched.assert_quiet()


async def test_chosen_files_are_listed_before_they_are_sent_and_a_note_follows(browser: Browser, url: str) -> None:
    async with watched_page(browser, url) as watched:
        page = watched.page
        await page.goto("/app/gallery")
        await page.get_by_label("Certificado y llave").set_input_files(
            FilePayload(name="ñandú & hijos.cer", mimeType="application/octet-stream", buffer=b"x" * 1500)
        )
        assert await page.locator(".chosen").inner_text() == "ñandú & hijos.cer\n1.5 kB"
        await page.get_by_label("Contraseña de la llave", exact=True).fill("12345678a")
        await page.get_by_role("button", name="Mostrar contraseña de la llave").click()
        assert await page.get_by_label("Contraseña de la llave", exact=True).get_attribute("type") == "text"
        await page.get_by_role("button", name="Subir e.firma").click()
        await page.get_by_role("status").get_by_text("La e.firma quedó guardada y sellada.").wait_for()
        watched.assert_quiet()


async def test_a_code_is_copied_whole_though_its_beginning_is_shown(browser: Browser, url: str) -> None:
    async with watched_page(browser, url) as watched:
        page = watched.page
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.goto("/app/gallery")
        codes = page.locator(".cell-id .id")
        await expect(codes.get_by_role("button")).to_have_count(await codes.count())  # one each
        short = codes.filter(has_text="…").first
        whole = await short.locator("code").get_attribute("title")
        assert whole is not None
        await short.get_by_role("button", name=f"Copiar {whole}", exact=True).click()
        await expect(page.get_by_role("status")).to_contain_text("Copiado")
        assert await page.evaluate("navigator.clipboard.readText()") == whole
        await page.evaluate("htmx.ajax('GET', location.href, {target: 'main', select: 'main', swap: 'outerHTML'})")
        await expect(short.get_by_role("button", name=f"Copiar {whole}", exact=True)).to_be_focused()
        block = page.get_by_role("figure").filter(has=page.get_by_role("region", name="Petición"))
        await block.get_by_role("button", name="Copiar").click()
        await expect(block.locator("[data-copied]")).to_be_visible()
        told = await block.locator("code").text_content()
        assert await page.evaluate("navigator.clipboard.readText()") == told
        watched.assert_quiet()


async def test_a_phone_reaches_every_section(browser: Browser, url: str) -> None:
    async with watched_page(browser, url, size=SIZES["narrow"]) as watched:
        page = watched.page
        await page.goto("/app")
        assert not await page.get_by_role("link", name="Bitácora").is_visible()
        await page.get_by_role("button", name="Menú").click()
        await page.get_by_role("link", name="Bitácora").wait_for()
        assert await watched.axe() == []


async def test_it_works_without_script(browser: Browser, url: str) -> None:
    async with watched_page(browser, url, script=False) as watched:
        page = watched.page
        await page.goto("/app/gallery")
        await page.get_by_role("button", name="Alicia Ruiz").click()
        await page.get_by_role("button", name="Oscuro").click()
        assert await page.locator("html").get_attribute("data-theme") == "dark"
        await page.goto("/app/gallery")
        assert await page.get_by_role("button", name="Copiar").count() == 0  # it would do nothing
        await page.get_by_role("button", name="Borrar e.firma").first.click()
        await page.get_by_role("dialog").get_by_role("button", name="Borrar e.firma").click()
        await page.get_by_text("La e.firma quedó guardada y sellada.").wait_for()
