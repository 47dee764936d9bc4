"""An office of three clients in Chromium: the daily run, the explorer, what is missing, fetching it, complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.service import AccountsService, BrowserService
from acuse.app import create_app
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.descarga.service import DailyService
from acuse.mx.outside.sat_descarga.simulator import Document, Family
from tests.mx.descarga.conftest import RFC, YEAR, Office, a_retencion, clock, documents, environment, office
from tests.mx.descarga.test_daily import ELEVEN_AT_NIGHT, NEW, switch
from tests.support.browser import Watched, chromium, needs_chromium, served, watched_page
from tests.support.efirmas import ENYE_AND_AMPERSAND, PASSWORD, PERSON, an_efirma

__all__ = ["clock", "environment", "office"]
pytestmark = [pytest.mark.browser, needs_chromium]

OTHER = str(PERSON.rfc)
WITHHELD = [a_retencion(number, datetime.fromisoformat(f"{YEAR}-03-0{number} 09:00")) for number in (1, 2)]
LONG_MS = 20_000


def theirs(one: Document) -> Document:
    """The same document of another taxpayer."""
    uuid = str(UUID(int=UUID(one.uuid).int ^ 0xFFFF)).upper()

    def xml() -> bytes:
        return one.xml().replace(RFC.encode(), OTHER.encode()).replace(one.uuid.encode(), uuid.encode())

    issued = one.rfc_emisor == RFC
    side = {"rfc_emisor": OTHER} if issued else {"rfc_receptor": OTHER}
    return replace(one, uuid=uuid, xml=xml, **side)  # type: ignore[arg-type]


@pytest.fixture
async def three(office: Office) -> Office:
    """Alice has three clients; two of them have documents at the SAT."""
    office.clock.set(ELEVEN_AT_NIGHT)
    office.sat.clock.set(ELEVEN_AT_NIGHT)
    contribuyentes = office.services[ContribuyentesService]
    for holder in (PERSON, ENYE_AND_AMPERSAND):
        files = an_efirma(holder)
        await contribuyentes.upload_efirma(office.alice, files.cer, files.key, PASSWORD)
    office.sat.hold(Family.CFDI, RFC, [*documents(), *NEW])
    office.sat.hold(Family.CFDI, OTHER, [theirs(one) for one in documents()[:40]])
    office.sat.hold(Family.CFDI, str(ENYE_AND_AMPERSAND.rfc), [])
    office.sat.hold(Family.RETENCIONES, OTHER, [theirs(one) for one in WITHHELD])
    await switch(office, on=True)
    return office


async def sound(watched: Watched) -> None:
    """Nothing in the console, nothing for axe."""
    assert await watched.axe() == [], watched.page.url
    watched.assert_quiet()


async def press(page: Page, name: str, *, count: int = 1) -> None:
    """Press the first button of this name so many times, each after its page has come back."""
    for _ in range(count):
        async with page.expect_navigation():
            await page.get_by_role("button", name=name).first.click()


async def fetch_the_retenciones(office: Office, watched: Watched) -> None:
    """On the page of a client of whom none were asked: ask what there are, and fetch them."""
    page = watched.page
    await page.get_by_role("button", name="Preguntar por las retenciones").click()
    await office.settle(rounds=40)
    withheld = page.get_by_role("region", name="Retenciones emitidas", exact=True)
    await expect(withheld.get_by_role("button", name="Traer lo que falta (2)")).to_be_visible(timeout=LONG_MS)
    await sound(watched)
    await withheld.get_by_role("button", name="Traer lo que falta (2)").click()
    await expect(withheld.get_by_text("En camino").first).to_be_visible()
    await office.settle(rounds=40)
    await expect(page.get_by_text("48 de 48")).to_be_visible(timeout=LONG_MS)
    await sound(watched)


async def test_from_the_daily_run_to_a_complete_year(three: Office) -> None:
    user = await three.services[AccountsService].get(three.alice.id or 0)
    secret = await three.services[BrowserService].open(user, ip=None, agent="prueba")
    await three.services[DailyService].begin_all()
    await three.settle(rounds=40)
    app = create_app(three.house, three.services)
    async with served(app) as address, chromium() as browser, watched_page(browser, address) as watched:
        page = watched.page
        cookie = {"name": three.services[SessionCookie].name, "value": secret, "url": address}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]
        await page.goto("/app/cfdi")
        await expect(page.locator("td.cell-main").first).to_be_visible()
        assert await page.locator("td.cell-main").count() == len(NEW)

        await page.get_by_role("navigation", name="Principal").get_by_role("link", name="Completitud").click()
        rows = page.locator(".months tbody tr")
        await expect(rows).to_have_count(6)
        await expect(page.locator(".month-sin-pedir").first).to_be_visible()
        await sound(watched)
        await rows.filter(has_text=OTHER).first.get_by_role("link").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(f"Completitud de {OTHER} en {YEAR}")
        await press(page, "Preguntar al SAT por el año")
        await page.get_by_role("button", name="Preguntar al SAT por el año").nth(1).click()
        await expect(page.get_by_text("En camino").first).to_be_visible()
        await three.settle(rounds=40)
        await expect(page.get_by_role("button", name="Traer lo que falta")).to_have_count(2, timeout=LONG_MS)
        await sound(watched)

        await press(page, "Traer lo que falta")
        await expect(page.get_by_text("en camino").first).to_be_visible()
        await three.settle(rounds=60)
        await expect(page.get_by_role("button", name="Traer lo que falta")).to_have_count(1, timeout=LONG_MS)
        await press(page, "Traer lo que falta")
        await three.settle(rounds=60)
        await expect(page.get_by_role("button", name="Traer lo que falta")).to_have_count(0, timeout=LONG_MS)
        await expect(page.get_by_text("24 de 24")).to_be_visible()
        await sound(watched)

        await fetch_the_retenciones(three, watched)

        await page.goto(f"/app/completitud?year={YEAR}")
        mine = page.locator(".months tbody tr").filter(has_text=OTHER)
        await expect(mine.locator(".month-completo, .month-sin-cfdi")).to_have_count(48)
        await page.set_viewport_size({"width": 390, "height": 844})
        square = page.locator(".month").first
        await square.evaluate("each => each.firstChild.lastChild.data = '−12,345'")
        assert await square.evaluate("each => each.firstChild.offsetWidth <= each.clientWidth"), (
            "a phone shows the whole number"
        )
        await page.set_viewport_size({"width": 1280, "height": 900})
        await page.goto(f"/app/resumen?rfc={OTHER}&year={YEAR}")
        await expect(page.get_by_role("figure").first).to_be_visible()
        await sound(watched)
        await page.goto("/app")
        await expect(page.get_by_role("heading", name=f"Meses de {YEAR}")).to_be_visible()
        await sound(watched)
