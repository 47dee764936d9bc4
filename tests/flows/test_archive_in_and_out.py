"""An archive somebody has is brought in, and files of it are taken out: by a program, and by a person in Chromium."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openpyxl import load_workbook
from playwright.async_api import Browser, expect

from acuse.accounts.rights import Identity
from acuse.mx.contribuyentes import ContribuyentesService
from tests.flows.site import Site, until
from tests.flows.test_main_job_by_api import logged_in
from tests.flows.test_main_job_in_a_browser import LONG_MS, downloaded, log_in, looks_good
from tests.support.browser import chromium, needs_chromium, watched_page
from tests.support.cfdis import TAXPAYER, a_corpus, an_xml_package, some_xml

RFC = TAXPAYER.rfc
ENTRIES = list(a_corpus().entries())
XML = {entry.uuid: xml for entry, xml in some_xml()}
PLACES = {entry.uuid: f"{entry.fecha:%Y-%m}/{entry.direction}/{entry.uuid}.xml" for entry in ENTRIES}
BESIDE = {"cfdi.csv", "LEEME.txt"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def site(site: Site) -> Site:
    """An installation where a taxpayer is written down who has nothing yet."""
    alice = await site.person(RFC)
    await site.services[ContribuyentesService].add(Identity.of(alice), RFC, name=TAXPAYER.nombre)
    return site


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


async def ended(client: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    """Wait until the worker has done it."""

    async def look() -> dict[str, Any]:
        row: dict[str, Any] = (await client.get(path)).json()
        return row

    return await until(look, lambda row: row["estado"] != "en_curso")


async def taken_out(client: httpx2.AsyncClient, **wanted: str) -> bytes:
    """Ask for a file, wait for it, take it."""
    asked = await client.post("/api/v1/sat/exportaciones", json={"rfc": RFC, **wanted})
    assert asked.status_code == 202, asked.text
    path = asked.headers["location"]
    assert (await ended(client, path))["estado"] == "lista"
    return (await client.get(f"{path}/archivo")).content


async def test_a_program_brings_an_archive_in_and_takes_it_out_in_each_form(site: Site) -> None:
    async with logged_in(site, RFC) as client:
        upload = {"archivo": ("viejo.zip", an_xml_package(ENTRIES))}
        sent = await client.post("/api/v1/sat/importaciones", files=upload, data={"rfc": RFC})
        assert sent.status_code == 202, sent.text
        done = await ended(client, sent.headers["location"])
        assert (done["estado"], done["reporte"]["nuevos"]) == ("terminada", len(ENTRIES))

        packed = members(await taken_out(client, formato="zip"))
        assert {packed.pop(PLACES[uuid]) == xml for uuid, xml in XML.items()} == {True}
        assert set(packed) == BESIDE

        book = load_workbook(io.BytesIO(await taken_out(client, formato="xlsx", efecto="I")))
        told = sorted(str(row[1]) for row in book["CFDI"].iter_rows(min_row=2, values_only=True))
        assert told == sorted(entry.uuid for entry in ENTRIES if entry.efecto == "I")

        lines = csv.DictReader(io.StringIO((await taken_out(client, formato="csv")).decode("utf-8-sig"), newline=""))
        assert sorted(line["uuid"] for line in lines) == sorted(XML)

        all_of_it = members(await taken_out(client, formato="todo"))
        assert {all_of_it.pop(PLACES[uuid]) == xml for uuid, xml in XML.items()} == {True}
        assert set(all_of_it) == {*BESIDE, "paquetes.csv"}


@pytest.mark.browser
@needs_chromium
async def test_a_person_brings_an_archive_in_and_takes_a_month_of_it_out(
    site: Site, browser: Browser, tmp_path: Path
) -> None:
    old = tmp_path / "mi archivo.zip"
    old.write_bytes(an_xml_package(ENTRIES))
    async with watched_page(browser, site.url) as watched:
        page = watched.page
        await log_in(page, RFC)
        await page.get_by_role("navigation", name="Principal").get_by_role("link", name="CFDI", exact=True).click()
        await page.get_by_role("link", name="Importar un archivo").click()
        await page.get_by_label("Contribuyente").select_option(RFC)
        await page.get_by_label("ZIP con XML").set_input_files(old)
        await page.get_by_role("button", name="Importar").click()
        await expect(page.get_by_text("CFDI nuevos")).to_be_visible(timeout=LONG_MS)
        await expect(page.get_by_text("Terminada")).to_be_visible()
        await looks_good(watched)

        await page.get_by_role("navigation", name="Principal").get_by_role("link", name="CFDI", exact=True).click()
        await page.get_by_label("Sentido").select_option("E")
        await page.get_by_label("Desde", exact=True).fill("2025-05-01")
        await page.get_by_label("Hasta", exact=True).fill("2025-05-31")
        await page.get_by_role("button", name="Filtrar").click()
        wanted = {PLACES[e.uuid]: XML[e.uuid] for e in ENTRIES if (e.fecha.month, e.direction) == (5, "E")}
        await expect(page.get_by_text(f"{len(wanted)} CFDI en esta página")).to_be_visible()
        await page.get_by_role("button", name="ZIP de XML").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Exportaciones")
        # The page asks for itself until the file is there; nobody touches it.
        await expect(page.get_by_role("link", name="Descargar", exact=True)).to_be_visible(timeout=LONG_MS)
        await expect(page.get_by_role("button", name="Cancelar", exact=True)).to_have_count(0)
        await looks_good(watched)
        _, path = await downloaded(page, "Descargar")
        packed = members(path.read_bytes())
        listed = packed["cfdi.csv"].decode("utf-8-sig")
        assert {name: packed[name] for name in set(packed) - BESIDE} == wanted
        assert listed.count("\r\n") == len(wanted) + 1
