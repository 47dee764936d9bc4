"""Several clients at once: their figures, and the fourteen for those chosen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.rights import Identity, scopes_for
from acuse.accounts.service import AccountsService, ApiTokenService, BrowserService
from acuse.app import create_app
from acuse.mx.contribuyentes.service import ContribuyentesService, Departures
from acuse.mx.outside.sat_descarga.codes import Sentido
from tests.mx.descarga.conftest import RFC, YEAR, Office
from tests.support.browser import chromium, look_at, needs_chromium, served

API = "/api/v1/sat"
WITHOUT = "MAB9307148T4"
STRANGER = "AAA010101AAA"


@pytest.fixture
async def client(office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    """Alice as a program and in a browser; she also has a client without e.firma."""
    user = await office.services[AccountsService].get(office.alice.id or 0)
    scopes = [right.value for right in scopes_for(user.role)]
    token = await office.services[ApiTokenService].create(Identity.of(user), name="p", scopes=scopes, expires_at=None)
    secret = await office.services[BrowserService].open(user, ip=None, agent="prueba")
    await office.services[ContribuyentesService].add(office.alice, WITHOUT, name="Maderas")
    transport = httpx2.ASGITransport(app=create_app(office.house, office.services))
    headers = {"Authorization": f"Bearer {token.secret}", "Sec-Fetch-Site": "same-origin"}
    cookies = {office.services[SessionCookie].name: secret}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://127.0.0.1:8000", headers=headers, cookies=cookies
    ) as opened:
        yield opened


async def test_one_that_cannot_stops_no_other_and_twice_sends_nothing(
    office: Office, client: httpx2.AsyncClient
) -> None:
    body = {"rfcs": [RFC, WITHOUT, STRANGER, RFC], "year": YEAR, "tipo_comprobante": ["E"]}
    for created in (14, 0):
        answer = await client.post(f"{API}/solicitudes/anual/lote", json=body)
        assert answer.status_code == 200, answer.text
        told = [(row["rfc"], row["creadas"], row["error"]) for row in answer.json()["resultados"]]
        assert told == [
            (RFC, created, None),
            (WITHOUT, 0, "EFIRMA_MISSING"),
            (STRANGER, 0, "CONTRIBUYENTE_NOT_FOUND"),
        ]


async def test_the_table_tells_the_last_download_and_what_is_missing(
    office: Office, client: httpx2.AsyncClient
) -> None:
    await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    await office.settle()
    listed = {row["rfc"]: row for row in (await client.get(f"{API}/contribuyentes")).json()["contribuyentes"]}
    assert listed[RFC]["ultima_descarga"] is not None
    assert listed[RFC]["faltantes"] == 0
    assert (listed[WITHOUT]["ultima_descarga"], listed[WITHOUT]["faltantes"]) == (None, None)


async def test_the_page_sends_the_fourteen_for_those_chosen(office: Office, client: httpx2.AsyncClient) -> None:
    table = (await client.get("/app/contribuyentes")).text
    assert 'formaction="/app/sat/varios"' in table
    form = await client.get("/app/sat/varios", params={"rfc": [RFC, WITHOUT, STRANGER]})
    assert form.status_code == 200
    assert "Le falta la e.firma" in form.text
    assert f"No puedes operar por: {STRANGER}" in form.text
    sent = await client.post("/app/sat/varios", data={"rfc": [RFC, WITHOUT], "year": str(YEAR), "sentido": "ER"})
    assert sent.status_code == 200
    assert sent.text.count("En camino") == 2
    assert sent.text.count("EFIRMA_MISSING") == 2
    for wrong in ({"rfc": RFC, "year": "1990", "sentido": "E"}, {"rfc": RFC, "year": str(YEAR), "sentido": "X"}):
        assert (await client.post("/app/sat/varios", data=wrong)).status_code == 400
    assert "No elegiste" in (await client.get("/app/sat/varios")).text


async def test_a_taxpayer_leaves_with_all_rows_and_files_after_an_export(
    office: Office, client: httpx2.AsyncClient
) -> None:
    await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    await office.settle()
    refused = await client.delete(f"{API}/contribuyentes/{RFC}")
    assert (refused.status_code, refused.json()["error"]) == (409, "EXPORT_MISSING")
    found = await office.services[ContribuyentesService].require_access(office.alice, RFC)
    async with office.house.database.transaction() as tx:
        await office.services[Departures].note_export(tx, found.id, as_of=office.house.clock.now())
    assert (await client.delete(f"{API}/contribuyentes/{RFC}")).status_code == 200
    await office.settle()
    assert await office.house.files.list(f"clientes/{RFC}") == []
    async with office.house.database.transaction() as tx:
        for table in ("cfdi", "solicitudes", "paquetes", "sat_tokens", "efirmas", "planes", "contribuyente_removals"):
            assert (await tx.execute(text(f"select count(*) from {table}"))).scalar_one() == 0, table


@pytest.mark.browser
@needs_chromium
async def test_pages_are_sound(office: Office, client: httpx2.AsyncClient, tmp_path: Path) -> None:
    await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    await office.settle()
    [(name, value)] = client.cookies.items()
    paths = [
        "/app/contribuyentes",
        "/app/contribuyentes/nuevo",
        "/app/contribuyentes/lote",
        f"/app/contribuyentes/{RFC}",
        f"/app/contribuyentes/{WITHOUT}",
        f"/app/contribuyentes/{RFC}/efirma/pem",
        f"/app/sat/varios?rfc={RFC}&rfc={WITHOUT}",
    ]
    async with served(create_app(office.house, office.services)) as address, chromium() as browser:
        assert await look_at(browser, address, paths, tmp_path, cookies=[{"name": name, "value": value}]) == []
