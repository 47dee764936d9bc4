"""Certificates asked of ARCA, and statements, without a mouse."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from acuse.accounts.model import Role
from tests.ar.emision.conftest import Office
from tests.support.arca import DEVICE_ID
from tests.support.browser import chromium, needs_chromium, served, watched_page
from tests.support.keyboard import Keyboard
from tests.support.site import Visitor

pytestmark = [pytest.mark.browser, needs_chromium]


async def ask(page: Page) -> None:
    """A number that is none first: the fault has the focus."""
    keys = Keyboard(page)
    await page.goto("/app/crs/emisiones")
    await keys.reaches_everything()
    await keys.follow(page.get_by_role("link", name="Pedir un certificado"))
    await keys.reaches_everything()
    for typed in ("no es", str(DEVICE_ID)):
        await keys.write("Controlador", typed)
        await keys.send()
        if typed == "no es":
            await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_text("Esta página se actualiza sola.")).to_be_visible()


async def take_back(page: Page) -> None:
    """What ARCA was not asked yet: the dialog opens on the way out."""
    keys, dialog = Keyboard(page), page.get_by_role("dialog", name="Cancelar el pedido")
    opener = page.get_by_role("button", name="Cancelar el pedido")
    await keys.press(opener)
    await expect(dialog.get_by_role("button", name="Cancelar", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await keys.follow(dialog.get_by_role("button", name="Cancelar el pedido"))
    await expect(page.get_by_text("No se emitió")).to_be_visible()
    await keys.reaches_everything()


async def end_a_device(page: Page) -> None:
    """The dialog opens on its field; Escape leaves nothing done."""
    keys, dialog = Keyboard(page), page.get_by_role("dialog", name="Dar de baja un controlador")
    await page.goto("/app/crs/emisiones")
    opener = page.get_by_role("button", name="Dar de baja", exact=True)
    await keys.press(opener)
    await expect(dialog.get_by_label("Controlador")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.type(str(DEVICE_ID))
    await keys.follow(dialog.get_by_role("button", name="Dar de baja para siempre"))
    await expect(page.get_by_text("Se pidió la baja a ARCA.")).to_be_visible()


async def close_a_month(page: Page) -> None:
    """One that is not over: said, and nothing closed."""
    keys = Keyboard(page)
    await page.goto("/app/crs/resumenes")
    await keys.reaches_everything()
    await keys.write("Mes por cerrar", "2026-03")
    await keys.send()
    await expect(page.get_by_role("status")).to_contain_text("no ha terminado en Argentina")
    await keys.follow(page.get_by_role("link", name="Comprobar un archivo"))
    await keys.reaches_everything()


@pytest.fixture
async def admin(office: Office) -> Visitor:
    return await office.site.person("Ana", "27301112225", Role.ADMINISTRADOR)


async def test_issuing_and_statements_without_a_mouse(office: Office, admin: Visitor) -> None:
    cookie = {"name": "acuse_sesion", "value": admin.browser.cookies["acuse_sesion"]}
    async with (
        chromium() as browser,
        served(office.site.app) as url,
        watched_page(browser, url, cookies=[cookie]) as watched,
    ):
        await ask(watched.page)
        await take_back(watched.page)
        await end_a_device(watched.page)
        await watched.page.goto("/app/crs/emisiones/credencial")
        await Keyboard(watched.page).reaches_everything()
        await close_a_month(watched.page)
