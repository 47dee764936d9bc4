"""The CRS without a mouse: a new reseller's first day, and what an administrator does about it."""

from __future__ import annotations

import asyncio
import base64
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from acuse.accounts import totp
from acuse.kernel.clock import MovableClock
from tests.support.browser import chromium, needs_chromium, served, watched_page
from tests.support.controladores import a_bundle
from tests.support.crs import PASSWORD, Site, Visitor
from tests.support.keyboard import Keyboard

pytestmark = [pytest.mark.browser, needs_chromium]

OWN = "Nuevo-Rumbo.2031!"


async def come_in(page: Page, tax_id: str, password: str) -> None:
    """The first field has the focus already."""
    await page.goto("/app/login")
    await expect(page.get_by_label("CUIT, RFC o RUC")).to_be_focused()
    await page.keyboard.type(tax_id)
    await Keyboard(page).write("Contraseña", password)
    await Keyboard(page).send()


async def by_menu(page: Page, label: str) -> None:
    """Choose a section of the rail."""
    rail = page.get_by_role("navigation", name="Principal")
    await Keyboard(page).follow(rail.get_by_role("link", name=label, exact=True))


async def create_user(page: Page) -> str:
    """Mistyped first: the fault has the focus, and its link leads to the field. Answer the password."""
    keys = Keyboard(page)
    await by_menu(page, "Usuarios")
    await keys.reaches_everything()
    await keys.follow(page.get_by_role("link", name="Crear usuario"))
    await keys.reaches_everything()
    await keys.write("Nombre", "Nora Núñez")
    await keys.write("CUIT, RFC o RUC", "20-12345678-0")
    await keys.to(page.get_by_label("Rol"))
    await page.keyboard.type("Distribuidor")
    await keys.write("Límite de descargas pendientes", "1")
    await keys.send()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    field = page.get_by_label("CUIT, RFC o RUC")
    await expect(field).to_be_focused()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("20-12345678-6")
    await keys.send()
    return await page.get_by_role("region", name="Contraseña temporal de Nora Núñez").inner_text()


async def choose_a_password(page: Page, tax_id: str, temporary: str) -> None:
    """Once mistyped: what was wrong has the focus."""
    keys = Keyboard(page)
    await come_in(page, tax_id, temporary)
    await expect(page.get_by_role("heading", name="Cambiar contraseña")).to_be_visible()
    await keys.reaches_everything()
    for again in (f"{OWN}?", OWN):
        await keys.write("Contraseña nueva", OWN)
        await keys.write("Contraseña nueva, otra vez", again)
        await keys.send()
        if again != OWN:
            await expect(page.get_by_role("alert")).to_be_focused()


async def download_up_to_the_limit(page: Page) -> None:
    """From the home page's search to the file, and to what is said at the limit."""
    keys = Keyboard(page)
    await keys.reaches_everything()
    await keys.write("Buscar un controlador", "seshia 1371")
    await keys.send()
    await keys.reaches_everything()
    await keys.follow(page.get_by_role("link", name="Descargar", exact=True))
    await keys.press(page.get_by_text("Datos técnicos"))
    await keys.reaches_everything()
    await keys.follow(page.get_by_role("button", name="Descargar", exact=True))
    await keys.reaches_everything()
    file = page.get_by_role("link", name="Bajar el archivo")
    await keys.to(file)
    async with page.expect_download() as coming:
        await page.keyboard.press("Enter")
    assert await asyncio.to_thread((await (await coming.value).path()).read_bytes) == a_bundle()
    await by_menu(page, "Mis descargas")
    await expect(page.get_by_text("Alcanzaste tu límite")).to_be_visible()
    await keys.reaches_everything()


async def make_room(page: Page, name: str) -> None:
    """A higher limit by its field, and all that is pending billed by one box."""
    keys = Keyboard(page)
    await by_menu(page, "Usuarios")
    await keys.follow(page.get_by_role("link", name=name))
    await keys.write("Límite de descargas pendientes", "2")
    await keys.send()
    await expect(page.get_by_text("Cambios guardados.")).to_be_visible()
    await by_menu(page, "Por facturar")
    await keys.reaches_everything()
    await keys.press(page.get_by_label("Elegir todas las de esta página"), "Space")
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    await keys.follow(page.get_by_role("button", name="Marcar como facturadas"))
    await expect(page.get_by_text("1 descarga quedó en «Facturado».")).to_be_visible()


async def look_it_up(page: Page, admin: Visitor) -> None:
    """Figures as a table; the log filtered, verified and opened."""
    keys = Keyboard(page)
    await by_menu(page, "Métricas")
    await keys.press(page.get_by_text("Ver como tabla").first)
    await keys.reaches_everything()
    await by_menu(page, "Auditoría")
    await keys.follow(page.get_by_role("button", name="Verificar la bitácora"))
    await expect(page.get_by_role("status")).to_contain_text("La bitácora está completa")
    await keys.write("Número de usuario", str(admin.user.id))
    await keys.send()
    await keys.reaches_everything()
    await keys.follow(page.get_by_role("table").get_by_role("link", name="Cambió el estado de varias descargas"))
    await expect(page.get_by_role("heading", name="Qué cambió")).to_be_visible()
    await keys.reaches_everything()


async def test_a_first_day_without_a_mouse(site: Site, admin: Visitor, certificate: UUID) -> None:
    async with (
        chromium() as browser,
        served(site.app) as url,
        watched_page(browser, url) as hers,
        watched_page(browser, url) as theirs,
    ):
        await come_in(hers.page, admin.user.tax_id, "no es")
        await expect(hers.page.get_by_role("alert")).to_be_focused()
        await Keyboard(hers.page).write("Contraseña", PASSWORD)
        await Keyboard(hers.page).send()
        temporary = await create_user(hers.page)
        await choose_a_password(theirs.page, "20-12345678-6", temporary)
        await download_up_to_the_limit(theirs.page)
        await make_room(hers.page, "Nora Núñez")
        await look_it_up(hers.page, admin)


async def make_and_revoke_a_token(page: Page) -> None:
    """The dialog opens on «Cancelar», Escape leaves it, and the focus is back where it was."""
    keys = Keyboard(page)
    await keys.press(page.get_by_text("Crear un token"))
    await keys.write("Nombre", "Nómina")
    await keys.send()
    await expect(page.get_by_role("alert")).to_be_focused()
    await keys.write("Nombre", "Nómina")
    await keys.press(page.get_by_role("checkbox").first, "Space")
    await keys.follow(page.get_by_role("button", name="Crear token"))
    opener = page.get_by_role("row", name="Nómina").get_by_role("button", name="Revocar")
    await keys.press(opener)
    dialog = page.get_by_role("dialog", name="Revocar el token «Nómina»")
    await expect(dialog.get_by_role("button", name="Cancelar")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await keys.follow(dialog.get_by_role("button", name="Revocar"))
    await expect(page.get_by_role("status")).to_contain_text("Token revocado.")
    await keys.reaches_everything()


async def protect_the_account(site: Site, page: Page) -> bytes:
    """From «Mi cuenta» to the recovery codes; a wrong code first. Answer the secret."""
    keys = Keyboard(page)
    await keys.follow(page.get_by_role("link", name="Segundo paso"))
    await keys.write("Contraseña", PASSWORD)
    await keys.send()
    await keys.reaches_everything()
    shown = await page.get_by_role("region", name="Clave para escribir a mano").inner_text()
    secret = base64.b32decode(totp.typed(shown))
    for code in ("000000", totp.code_of(secret, totp.step_at(site.house.clock.now()))):
        await keys.write("Código de seis dígitos", code)
        await keys.send()
    await expect(page.get_by_role("link", name="Ya los guardé")).to_be_visible()
    await keys.reaches_everything()
    return secret


async def leave(page: Page) -> None:
    """The menu opens where its button is and its choices follow it; Escape closes it."""
    keys, mine = Keyboard(page), page.get_by_role("button", name="Charlie")
    await keys.press(mine)
    await keys.to(page.get_by_role("link", name="Mi cuenta").first)
    await page.keyboard.press("Escape")
    await expect(mine).to_be_focused()
    await page.keyboard.press("Enter")
    await keys.follow(page.get_by_role("button", name="Salir"))
    await expect(page.get_by_role("heading", name="Iniciar sesión")).to_be_visible()


async def test_an_account_without_a_mouse(site: Site, charlie: Visitor, clock: MovableClock) -> None:
    async with chromium() as browser, served(site.app) as url, watched_page(browser, url) as watched:
        page = watched.page
        await come_in(page, charlie.user.tax_id, PASSWORD)
        await page.goto("/app/cuenta")
        await Keyboard(page).reaches_everything()
        await make_and_revoke_a_token(page)
        secret = await protect_the_account(site, page)
        await leave(page)
        await come_in(page, charlie.user.tax_id, PASSWORD)
        await expect(page.get_by_label("Código")).to_be_focused()
        clock.move(seconds=totp.STEP_S)
        await page.keyboard.type(totp.code_of(secret, totp.step_at(clock.now())))
        await Keyboard(page).send()
        await expect(page.get_by_role("heading", name="Inicio")).to_be_visible()
