"""The same errands in the browser, as plain forms."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx2
from fastapi import Request, Response

from acuse.accounts.guards import needs, page_router
from acuse.accounts.rights import Identity, Right
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.pages import home_panel
from acuse.mx.contribuyentes.service import ContribuyentesService
from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.efirmas import ENYE_AND_AMPERSAND, PASSWORD, PERSON, a_csd, an_efirma

HOME = "/app/contribuyentes"
UPLOAD = f"{HOME}/nueva-efirma"
RFC = str(PERSON.rfc)


async def post(
    who: Visitor, address: str = UPLOAD, *, cer: bytes | None = None, key: bytes | None = None, password: str = PASSWORD
) -> httpx2.Response:
    files = {"cer": ("x.cer", cer or an_efirma().cer), "key": ("x.key", key or an_efirma().key)}
    return await who.browser.post(address, files=files, data={"password": password})


def wrong_fields(page: str) -> list[str]:
    """The fields a page marks as wrong."""
    return re.findall(r'<input[^>]* name="(\w+)"[^>]* aria-invalid="true"', page)


async def test_an_empty_list_says_the_next_step(alice: Visitor) -> None:
    page = await alice.browser.get(HOME)
    assert page.status_code == 200
    assert "Aún no hay contribuyentes" in page.text
    assert f'href="{UPLOAD}"' in page.text
    assert "Credenciales" in page.text


async def test_upload_replace_and_delete(alice: Visitor) -> None:
    sent = await post(alice)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{HOME}/{RFC}")
    page = (await alice.browser.get(f"{HOME}/{RFC}")).text
    assert an_efirma().pair.certificate.number in page
    assert PERSON.name in page
    newer = an_efirma(renewal=1)
    assert (await post(alice, f"{HOME}/{RFC}/efirma", cer=newer.cer, key=newer.key)).status_code == 303
    assert newer.pair.certificate.number in (await alice.browser.get(f"{HOME}/{RFC}")).text
    assert (await alice.browser.post(f"{HOME}/{RFC}/efirma/eliminar")).status_code == 303
    after = (await alice.browser.get(f"{HOME}/{RFC}")).text
    assert "Sin e.firma" in after
    assert newer.pair.certificate.number not in after


async def test_a_fault_is_drawn_beside_its_field_and_the_password_is_not_sent_back(alice: Visitor) -> None:
    page = await post(alice, password="secreto-equivocado")
    assert page.status_code == 400
    assert "WRONG_KEY_PASSWORD" in page.text
    assert wrong_fields(page.text) == ["password"]
    assert "secreto-equivocado" not in page.text


async def test_a_csd_is_told_beside_the_certificate(alice: Visitor) -> None:
    page = await post(alice, cer=a_csd().cer, key=a_csd().key)
    assert (page.status_code, wrong_fields(page.text)) == (400, ["cer"])
    assert "El archivo es un CSD" in page.text


async def test_nothing_chosen_is_told_field_by_field(alice: Visitor) -> None:
    page = await alice.browser.post(UPLOAD, data={"password": ""})
    assert page.status_code == 400
    assert "FILE_EMPTY" in page.text


async def test_enye_and_ampersand_survive_in_addresses(alice: Visitor) -> None:
    files = an_efirma(ENYE_AND_AMPERSAND)
    sent = await post(alice, cer=files.cer, key=files.key)
    place = sent.headers["location"]
    assert place == f"{HOME}/{ENYE_AND_AMPERSAND.rfc.path_segment}"
    assert "ÑANDÚ &amp; OTOÑO" in (await alice.browser.get(place)).text
    assert place in (await alice.browser.get(HOME)).text


async def test_to_charlie_it_does_not_exist(alice: Visitor, charlie: Visitor) -> None:
    await post(alice)
    assert RFC not in (await charlie.browser.get(HOME)).text
    assert (await charlie.browser.get(f"{HOME}/{RFC}")).status_code == 404
    assert (await charlie.browser.post(f"{HOME}/{RFC}/efirma/eliminar")).status_code == 404
    assert (await post(charlie, f"{HOME}/{RFC}/efirma")).status_code == 404
    owned = await post(charlie)
    assert (owned.status_code, "CONTRIBUYENTE_OWNED_BY_ANOTHER" in owned.text) == (409, True)


async def test_a_visitor_is_sent_to_the_login(site: Site) -> None:
    stranger = await site.client()
    page = await stranger.get(HOME)
    assert page.status_code == 303
    assert "/app/login" in page.headers["location"]


class TestHome:
    """What the home page says, drawn by itself: the page belongs to another feature."""

    async def test_it_invites_whoever_has_nothing_yet(self, site: Site, alice: Visitor) -> None:
        assert "Sube tu e.firma" in (await panel(site, alice)).text

    async def test_it_is_silent_with_a_taxpayer_and_an_alert_speaks_before_the_end(
        self, site: Site, alice: Visitor, clock: MovableClock
    ) -> None:
        await post(alice)
        assert (await panel(site, alice)).text == ""
        clock.set(an_efirma().pair.certificate.not_after - timedelta(days=10))
        fresh = await site.person("Alicia", "MAB9307148T4")
        await site.services[ContribuyentesService].grant_access(SYSTEM, RFC, fresh.user.id, AccessLevel.LECTURA)
        assert (await panel(site, fresh)).text == ""
        [source] = site.services.mounted["contribuyentes"].alerts
        told = await source.find(Identity.of(fresh.user))
        assert [alert.text for alert in told] == [f"La e.firma de {RFC} vence en 10 días."]


async def panel(site: Site, who: Visitor) -> httpx2.Response:
    """Ask for the panel at a page of its own."""
    router = page_router("/app/panel")

    @router.get("")
    @needs(Right.SAT_READ)
    async def show(request: Request) -> Response:
        return Response(await home_panel(request), media_type="text/html")

    site.app.include_router(router)
    return await who.browser.get("/app/panel")
