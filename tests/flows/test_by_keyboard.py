"""Mexico without a mouse: an office's day from the first e.firma to the last file, and menus on a narrow page."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import FileChooser, Page, expect
from sqlalchemy import text

from acuse.accounts import Role
from tests.flows.site import PASSWORD, Site
from tests.support.browser import SIZES, chromium, needs_chromium, watched_page
from tests.support.keyboard import Keyboard

pytestmark = [pytest.mark.browser, needs_chromium]
LONG_MS = 60_000


class Files:
    """The windows in which files are chosen; one listener, or it would race with the key that opens a window."""

    def __init__(self, page: Page) -> None:
        self._page, self._opened = page, asyncio.Queue[FileChooser]()
        page.on("filechooser", self._opened.put_nowait)

    async def choose(self, label: str, *files: str | Path) -> None:
        """Go to the field of this label and choose there; the field keeps the focus."""
        field = self._page.get_by_label(label)
        await Keyboard(self._page).press(field)
        await (await asyncio.wait_for(self._opened.get(), 30)).set_files(list(files))
        await expect(field).to_be_focused()


async def sign_in(page: Page, tax_id: str) -> None:
    """Mistyped first: the fault has the focus."""
    await page.goto("/")
    await expect(page.get_by_label("CUIT, RFC o RUC")).to_be_focused()
    await page.keyboard.type(tax_id)
    for typed in ("no es", PASSWORD):
        await Keyboard(page).write("Contraseña", typed)
        await Keyboard(page).send()
        if typed != PASSWORD:
            await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Inicio")


async def skip_to_content(page: Page) -> None:
    """The first Tab leads past the menu."""
    skip = page.get_by_role("link", name="Ir al contenido")
    await page.keyboard.press("Tab")
    await expect(skip).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#contenido")).to_be_focused()


async def upload_efirma(page: Page, files: Files, efirma: dict[str, str]) -> None:
    """From the home page of somebody new."""
    keys = Keyboard(page)
    await keys.follow(page.get_by_role("link", name="Subir e.firma"))
    await keys.reaches_everything()
    await files.choose("Certificado de la e.firma", efirma["cer"])
    await files.choose("Llave privada", efirma["key"])
    await keys.write("Contraseña de la llave", efirma["password"])
    await keys.send()
    await expect(page.get_by_text("quedó en uso")).to_be_visible()
    await keys.reaches_everything()


async def load_many(page: Page, files: Files, efirma: dict[str, str], folder: Path) -> None:
    """What was found has the focus, though only a part of the page is drawn anew; the files stay chosen."""
    keys, batch = Keyboard(page), folder / "lote.zip"
    batch.write_bytes(await asyncio.to_thread(a_batch, efirma))
    await page.goto("/app/contribuyentes/lote")
    await keys.reaches_everything()
    await files.choose("Archivos del lote", batch)
    for button, told in (("Revisar", "no se cargó nada todavía"), ("Cargar las buenas", "Carga terminada")):
        await keys.press(page.get_by_role("button", name=button))
        await expect(page.locator("#resultado")).to_contain_text(told, timeout=LONG_MS)
        await expect(page.locator("#resultado")).to_be_focused()


def a_batch(efirma: dict[str, str]) -> bytes:
    """The same e.firma in a ZIP with its list of passwords."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(efirma["cer"], "una.cer")
        archive.write(efirma["key"], "una.key")
        archive.writestr("contraseñas.csv", f"cer,contraseña\nuna.cer,{efirma['password']}\n")
    return packed.getvalue()


async def send_the_fourteen(page: Page, site: Site) -> None:
    """The page draws itself anew until all have ended, and the link that has the focus keeps it."""
    keys = Keyboard(page)
    await page.goto("/app/sat")
    await keys.reaches_everything()
    await keys.to(page.get_by_label("Año", exact=True))
    await page.keyboard.type(str(site.sat.told.year))
    site.sat.ask("PATCH", "limits", {"accepted_s": 5})
    await keys.follow(page.get_by_role("button", name="Enviar las 14"))
    link = page.get_by_role("table").get_by_role("link").nth(2)
    await keys.to(link)
    await expect(page.locator(".progress-count")).to_have_text("14 de 14", timeout=LONG_MS)
    await expect(link).to_be_focused()
    await keys.send()
    await keys.reaches_everything()
    package = page.get_by_role("link", name="Descargar ZIP").first
    await keys.to(package)
    async with page.expect_download():
        await page.keyboard.press("Enter")


async def explore(page: Page) -> str:
    """A filter that says nothing first: the fault has the focus and its link leads to the field. Answer a folio."""
    keys = Keyboard(page)
    await page.goto("/app/cfdi")
    await keys.press(page.get_by_text("Más filtros"))
    await keys.reaches_everything()
    await keys.write("Total desde", "mucho")
    await keys.send()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Total desde")).to_be_focused()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("1")
    await keys.send()
    await keys.follow(page.locator("td.cell-main a").first)
    await keys.press(page.get_by_text("XML, como lo dio el SAT"))
    await keys.reaches_everything()
    await keys.to(page.get_by_role("link", name="Descargar PDF"))
    async with page.expect_download():
        await page.keyboard.press("Enter")
    ask = page.get_by_role("button", name="Consultar en el SAT")
    await keys.follow(ask)
    await expect(page.get_by_text("Historia de consultas")).to_be_in_viewport()
    await expect(ask).to_be_focused()
    return await page.locator(".lead code").inner_text()


async def ask_twice(page: Page, folio: str) -> None:
    """What was asked before is refused, and the next Tab leads to it."""
    keys = Keyboard(page)
    for typed in ("nada", folio, folio):
        await page.goto("/app/sat/folio")
        await keys.write("Folio fiscal", typed)
        await keys.send()
        if typed == "nada":
            await expect(page.get_by_role("alert")).to_be_focused()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Ver la existente")).to_be_focused()
    await keys.send()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"Folio {folio[:8]}")


async def export(page: Page, site: Site) -> None:
    """The page comes again when the file is there and the focus stays; a dialog gives it back to what opened it."""
    keys = Keyboard(page)
    await page.goto("/app/cfdi")
    await keys.follow(page.get_by_role("button", name="Excel"))
    search, ready = page.get_by_role("link", name="Buscar CFDI"), page.get_by_role("link", name="Descargar", exact=True)
    await expect(ready).to_be_visible(timeout=LONG_MS)
    await set_export(site, "en_curso")
    await page.reload()
    await keys.to(search)
    await set_export(site, "lista")
    await expect(ready).to_be_visible(timeout=LONG_MS)
    await expect(search).to_be_focused()
    opener, dialog = page.get_by_role("button", name="Borrar", exact=True), page.get_by_role("dialog")
    await keys.press(opener)
    await expect(dialog.get_by_role("button", name="Cancelar")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await keys.follow(dialog.get_by_role("button", name="Borrar la exportación"))
    await expect(page.get_by_text("Sin exportaciones")).to_be_visible()


async def set_export(site: Site, estado: str) -> None:
    """Let the file seem to be under way for as long as somebody needs to look."""
    async with site.house.database.transaction() as tx:
        await tx.execute(text("update exportaciones set estado = :estado"), {"estado": estado})


async def look_around(page: Page, rfc: str, year: int) -> None:
    """Every other page of Mexico, its figures as tables, its folds open: all is reached, in order, and can be left."""
    for path in (
        "/app",
        "/app/contribuyentes",
        f"/app/contribuyentes/{rfc}/efirma/pem",
        "/app/sat/nueva",
        f"/app/sat/varios?rfc={rfc}",
        "/app/cfdi/cancelados",
        "/app/importaciones",
        f"/app/completitud?year={year}",
        f"/app/completitud/{rfc}/{year}",
        f"/app/resumen?year={year}",
        "/app/estatus",
        "/app/listas",
        "/app/avisos",
    ):
        await page.goto(path)
        for fold in await page.locator("summary").all():
            await Keyboard(page).press(fold)
        await Keyboard(page).reaches_everything()


async def test_an_office_without_a_mouse(site: Site, tmp_path: Path) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    async with chromium() as browser, watched_page(browser, site.url) as watched:
        page = watched.page
        files = Files(page)
        await sign_in(page, told.rfc)
        await skip_to_content(page)
        await upload_efirma(page, files, told.efirma)
        await load_many(page, files, told.efirma, tmp_path)
        await send_the_fourteen(page, site)
        await ask_twice(page, await explore(page))
        await export(page, site)
        await look_around(page, told.rfc, told.year)


async def test_the_menus_of_a_narrow_page(site: Site) -> None:
    admin = await site.person(role=Role.ADMINISTRADOR)
    cookies = [await site.cookie_of(admin)]
    async with (
        chromium() as browser,
        watched_page(browser, site.url, size=SIZES["narrow"], cookies=cookies) as watched,
    ):
        page, keys = watched.page, Keyboard(watched.page)
        await page.goto("/app/trabajos")
        rail = page.get_by_role("navigation", name="Principal")
        for opener, menu in (
            (page.get_by_role("button", name="Menú"), rail),
            (page.locator(".user-button"), page.locator("#user-menu")),
        ):
            await keys.press(opener)
            await expect(menu).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(opener).to_be_focused()
            await expect(menu).to_be_hidden()
            await page.keyboard.press("Enter")
            # Tab walks through the menu and on to the page; what lies under the menu is never reached while it is open.
            await keys.to(page.get_by_role("navigation", name="Ruta").get_by_role("link"))
            await expect(menu).to_be_hidden()
