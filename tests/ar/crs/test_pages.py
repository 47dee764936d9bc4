"""The pages of the CRS as people use them, without any script."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.kernel.clock import MovableClock
from tests.support.controladores import DEVICE, a_bundle
from tests.support.crs import Site, Visitor

HOME = "/app/crs"


async def test_a_reseller_finds_downloads_and_gets_the_file(bob: Visitor, certificate: UUID) -> None:
    found = await bob.browser.get(HOME, params={"buscar": "seshia-1371"})
    assert found.status_code == 200
    assert DEVICE in found.text
    shown = await bob.browser.get(f"{HOME}/certificados/{certificate}")
    assert "Controladores Fiscales Test" in shown.text
    begun = await bob.browser.post(f"{HOME}/certificados/{certificate}/descargar")
    assert begun.status_code == 303
    page = await bob.browser.get(begun.headers["location"])
    assert "Descarga iniciada" in page.text
    file = await bob.browser.get(begun.headers["location"] + "/archivo")
    assert file.content == a_bundle()
    assert DEVICE in (await bob.browser.get(f"{HOME}/mis-descargas")).text


async def test_pressed_twice_it_is_one_download(bob: Visitor, certificate: UUID) -> None:
    shown = await bob.browser.get(f"{HOME}/certificados/{certificate}")
    [key] = re.findall(r'name="key" value="([^"]+)"', shown.text)
    pressed = [
        await bob.browser.post(f"{HOME}/certificados/{certificate}/descargar", data={"key": key}) for _ in range(2)
    ]
    assert len({answer.headers["location"] for answer in pressed}) == 1
    assert (await bob.api.get("/downloads/limits")).json()["pendientes"] == 1


async def test_at_the_limit_the_page_says_what_to_do(charlie: Visitor, certificate: UUID) -> None:
    for _ in range(3):
        await charlie.browser.post(f"{HOME}/certificados/{certificate}/descargar")
    refused = await charlie.browser.post(f"{HOME}/certificados/{certificate}/descargar")
    assert refused.status_code == 403
    assert "aumente tu límite" in refused.text
    assert "Alcanzaste tu límite" in (await charlie.browser.get(HOME)).text


async def test_the_bell_counts_what_is_left_with_what_is_reserved(site: Site, bob: Visitor, certificate: UUID) -> None:
    async def told() -> str:
        return (await bob.browser.get("/app")).text

    for _ in range(8):
        await bob.api.post("/downloads/start", json={"certificateId": str(certificate)})
    assert "Te quedan 2 descargas antes de tu límite." in await told()
    await bob.api.post("/downloads/start", json={"certificateId": str(certificate)})
    assert "Te queda una descarga antes de tu límite." in await told()
    async with site.house.database.transaction() as tx:
        await tx.execute(text("UPDATE crs_quotas SET reserved = 1 WHERE user_id = :user"), {"user": bob.user.id})
    page = await told()
    assert "Te queda" not in page
    assert "Alcanzaste tu límite de descargas." in page


async def test_an_administrator_bills_in_bulk(
    site: Site, admin: Visitor, bob: Visitor, charlie: Visitor, certificate: UUID
) -> None:
    ids = []
    for who in (bob, charlie):
        answer = await who.api.post("/downloads/start", json={"certificateId": str(certificate)})
        ids.append(answer.json()["downloadId"])
    page = await admin.browser.get(f"{HOME}/descargas", params={"estado": "Pendiente de Facturar"})
    assert all(one in page.text for one in ids)
    [action] = re.findall(r'action="([^"]+/descargas/estado[^"]*)"', page.text)
    done = await admin.browser.post(unescape(action), data={"ids": ids, "estado": "Facturado"})
    assert done.status_code == 303
    assert done.headers["location"] == f"{HOME}/descargas?estado=Pendiente+de+Facturar", "filtered as it was"
    assert (await admin.api.get("/metrics")).json()["pendientes_facturar"] == 0
    nothing = await admin.browser.post(f"{HOME}/descargas/estado", data={"estado": "Facturado"})
    assert nothing.status_code == 303


async def test_filters_that_cannot_be_read_are_told_beside_their_field(admin: Visitor) -> None:
    query = {"controlador": "???", "desde": "ayer", "hasta": "2026-01-01"}
    page = await admin.browser.get(f"{HOME}/descargas", params=query)
    assert page.status_code == 200
    assert "no identifica un controlador" in page.text
    assert "Debe ser una fecha." in page.text


async def test_an_administrator_uploads_and_sees_each_files_fate(admin: Visitor) -> None:
    files = [
        ("archivos", ("uno.pem", a_bundle(), "application/x-pem-file")),
        ("archivos", ("dos.pem", b"nada", "application/x-pem-file")),
    ]
    page = await admin.browser.post(f"{HOME}/subir", files=files)
    assert page.status_code == 200
    assert "En el catálogo: 1. Rechazados: 1." in page.text
    assert "NO_DEVICE_CERTIFICATE" in page.text


async def test_what_no_longer_serves_is_told_and_not_offered(site: Site, clock: MovableClock) -> None:
    ended, old = await site.certificate(age_days=700), await site.certificate("SESHRA0000000007", age_days=400)
    await site.certificate("SESHRA0000000007")
    clock.move(days=40)
    bob = await site.person("Bob", "20123456786", limit=10)
    for certificate, said in ((ended, "Este certificado venció"), (old, "Este certificado fue reemplazado")):
        page = await bob.browser.get(f"{HOME}/certificados/{certificate}")
        assert said in page.text
        assert "Cuenta una descarga" not in page.text


async def test_a_renewed_certificate_bears_the_name_of_its_device(site: Site, bob: Visitor) -> None:
    await site.certificate(age_days=700, name="Farmacia del Ángel")
    renewed = await site.certificate()
    found = await bob.browser.get(HOME, params={"buscar": "farmacia"})
    assert f"{HOME}/certificados/{renewed}" in found.text


async def test_without_a_limit_nobody_is_said_to_have_reached_it(site: Site, certificate: UUID) -> None:
    none = await site.person("Nora", "20123456786", limit=0)
    page = await none.browser.get(f"{HOME}/certificados/{certificate}")
    assert "Tu usuario no tiene descargas asignadas" in page.text
    assert "Alcanzaste" not in page.text


async def test_the_figures_are_drawn(admin: Visitor, bob: Visitor, certificate: UUID) -> None:
    await bob.api.post("/downloads/start", json={"certificateId": str(certificate)})
    page = await admin.browser.get(f"{HOME}/metricas")
    assert page.status_code == 200
    assert page.text.count("<svg") >= 2
    assert "Bob" in page.text


@pytest.mark.parametrize("path", ["/descargas", "/subir", "/metricas"])
async def test_administration_is_closed_to_resellers(bob: Visitor, path: str) -> None:
    assert (await bob.browser.get(f"{HOME}{path}")).status_code == 403


async def test_anothers_download_is_not_there(bob: Visitor, charlie: Visitor, certificate: UUID) -> None:
    begun = await bob.browser.post(f"{HOME}/certificados/{certificate}/descargar")
    assert (await charlie.browser.get(begun.headers["location"])).status_code == 404


async def test_a_certificate_about_to_end_is_told_to_whom_it_concerns(
    site: Site, admin: Visitor, bob: Visitor, charlie: Visitor
) -> None:
    ending = await site.certificate(age_days=710)
    await site.certificate("SESHRA0000000007")
    await charlie.browser.post(f"{HOME}/certificados/{ending}/descargar")
    for who in (admin, charlie):
        assert f"Un certificado vence en los próximos 30 días: {DEVICE}" in (await who.browser.get("/app/avisos")).text
        page = await who.browser.get(f"{HOME}/por-vencer")
        assert DEVICE in page.text
        assert "SESHRA0000000007" not in page.text
        assert "21 días" in page.text
    assert "vence en los próximos" not in (await bob.browser.get("/app/avisos")).text
    assert "Ningún certificado está por vencer" in (await bob.browser.get(f"{HOME}/por-vencer")).text
