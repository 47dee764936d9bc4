"""Exports in the browser."""

from __future__ import annotations

from uuid import UUID

from acuse.kernel.audit import SYSTEM
from acuse.mx.exportaciones import ExportService, Maker
from tests.mx.archivo.test_web import ENYE, NEWEST
from tests.mx.contribuyentes.site import Site, Visitor
from tests.support.cfdis import TAXPAYER

PAGE = "/app/exportaciones"


async def newest(site: Site) -> UUID:
    return (await site.services[ExportService].list(SYSTEM))[0].id


async def test_the_explorer_offers_what_it_found(alice: Visitor) -> None:
    page = await alice.browser.get("/app/cfdi", params={"rfc": ENYE, "efecto": NEWEST[5].efecto})
    assert "Exportar lo encontrado" in page.text
    assert '<input type="hidden" name="rfc" value="Ñ&amp;O120726RX3">' in page.text
    csv = f"{PAGE}/cfdi.csv?rfc=%C3%91%26O120726RX3&efecto={NEWEST[5].efecto}"
    assert csv.replace("&", "&amp;") in page.text
    answer = await alice.browser.get(csv)
    assert answer.text.count(NEWEST[5].uuid) == 1
    assert answer.headers["content-disposition"].startswith('attachment; filename="cfdi-')
    nothing = await alice.browser.get("/app/cfdi", params={"texto": "nadie se llama así"})
    assert "Exportar lo encontrado" not in nothing.text


async def test_from_the_button_to_the_file(site: Site, alice: Visitor, maker: Maker) -> None:
    assert "Sin exportaciones" in (await alice.browser.get(PAGE)).text
    sent = await alice.browser.post(PAGE, data={"formato": "zip", "rfc": ENYE, "texto": ""})
    assert sent.status_code == 303
    export_id = await newest(site)
    running = await alice.browser.get(f"{PAGE}/{export_id}/avance")
    assert (running.status_code, "hx-get" in running.text) == (200, True)
    assert "En curso" in (await alice.browser.get(PAGE)).text
    await maker.make(export_id)
    done = await alice.browser.get(f"{PAGE}/{export_id}/avance")
    assert (done.status_code, "hx-get" in done.text, done.headers["hx-refresh"]) == (286, False, "true")
    assert f"{PAGE}/{export_id}/archivo" in (await alice.browser.get(PAGE)).text
    file = await alice.browser.get(f"{PAGE}/{export_id}/archivo")
    assert file.content.startswith(b"PK\3\4")
    named = file.headers["content-disposition"]
    assert 'filename="cfdi-N&O120726RX3-' in named
    assert "filename*=UTF-8''cfdi-%C3%91%26O120726RX3-" in named


async def test_it_can_be_cancelled_and_forgotten(site: Site, alice: Visitor, maker: Maker) -> None:
    await alice.browser.post(PAGE, data={"formato": "xlsx", "rfc": TAXPAYER.rfc})
    path = f"{PAGE}/{await newest(site)}"
    assert (await alice.browser.post(f"{path}/cancelar")).status_code == 303
    again = await alice.browser.post(f"{path}/cancelar")
    assert (again.status_code, "EXPORT_ENDED" in again.text) == (409, True)
    assert "Cancelada" in (await alice.browser.get(PAGE)).text
    assert (await alice.browser.post(f"{path}/borrar")).status_code == 303
    assert "Sin exportaciones" in (await alice.browser.get(PAGE)).text


async def test_what_went_wrong_is_shown_there(alice: Visitor) -> None:
    empty = await alice.browser.post(PAGE, data={"formato": "zip", "fecha_inicio": "2030-01-01"})
    assert (empty.status_code, "EXPORT_EMPTY" in empty.text) == (400, True)
