"""Everything of a taxpayer taken out, after which it may leave."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.mx.archivo import ArchivoService
from acuse.mx.archivo.store import CensusStore
from acuse.mx.contribuyentes.cli import contribuyentes as cli
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.service import ContribuyentesService, Departures
from acuse.mx.exportaciones import Maker
from acuse.mx.importaciones import ImportAtDesk
from tests.mx.archivo.test_web import NEWEST
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.contribuyentes.test_cli import Desk
from tests.mx.exportaciones.conftest import API, exported, unzipped
from tests.support.cfdis import TAXPAYER, an_xml_package

RFC = TAXPAYER.rfc
ALL = {"formato": "todo", "rfc": RFC}


@pytest.fixture(autouse=True)
def _holder(site: Site, alice: Visitor, clock: MovableClock) -> None:
    """What the archive holds forbids the removal, as the feature that downloads sees to in the whole house."""
    assert alice
    site.services[Departures].ask_also(CensusStore().last_indexed)
    clock.move(minutes=5)


async def remove(who: Visitor) -> tuple[int, str]:
    answer = await who.api.delete(f"{API}/contribuyentes/{RFC}")
    return answer.status_code, answer.json().get("error", "")


async def ingest(site: Site, name: str) -> None:
    await site.house.files.put(f"clientes/{RFC}/2025/paquetes/cfdi/{name}.zip", an_xml_package(NEWEST[:2]))
    found = await site.services[ArchivoService].taxpayer(SYSTEM, RFC)
    await site.services[ArchivoService].ingest_xml_package(
        found.id, f"clientes/{RFC}/2025/paquetes/cfdi/{name}.zip", "R"
    )


async def test_export_then_removal_and_the_file_outlives_the_taxpayer(alice: Visitor, maker: Maker) -> None:
    assert await remove(alice) == (409, "EXPORT_MISSING")
    asked = await alice.api.post(f"{API}/exportaciones", json=ALL)
    await maker.make(UUID(asked.json()["id"]))
    assert await remove(alice) == (200, "")
    answer = await alice.api.get(f"{asked.headers['location']}/archivo")
    assert answer.status_code == 200
    assert len([name for name in unzipped(answer.content) if name.endswith(".xml")]) == len(NEWEST) - 5


async def test_who_removes_is_told_whether_anybody_took_the_file_and_until_when_it_stays(
    alice: Visitor, maker: Maker
) -> None:
    asked = await alice.api.post(f"{API}/exportaciones", json=ALL)
    page = f"/app/contribuyentes/{RFC}"
    assert "ZIP de su exportación" not in (await alice.browser.get(page)).text
    await maker.make(UUID(asked.json()["id"]))
    assert "Nadie ha descargado el ZIP de su exportación" in (await alice.browser.get(page)).text
    until = (await alice.api.get(asked.headers["location"])).json()["disponible_hasta"]
    await alice.api.get(f"{asked.headers['location']}/archivo")
    assert "El ZIP de su exportación ya se descargó" in (await alice.browser.get(page)).text
    told = (await alice.api.delete(f"{API}/contribuyentes/{RFC}")).json()
    assert told == {"rfc": RFC, "exportacion_descargada": True, "exportacion_hasta": until}


async def test_the_command_says_so(site: Site, alice: Visitor, maker: Maker) -> None:
    await exported(alice, maker, **ALL)
    desk = Desk(site.services[Departures])
    await cli.commands(desk).run_async(["delete", RFC, "--yes"], result_action="return_value")
    assert desk.said[-1].startswith("El ZIP de su exportación ya se descargó, y sigue en las exportaciones de Alice")


async def test_the_page_says_so_after_the_removal(alice: Visitor, maker: Maker) -> None:
    asked = await alice.api.post(f"{API}/exportaciones", json=ALL)
    await maker.make(UUID(asked.json()["id"]))
    sent = await alice.browser.post(f"/app/contribuyentes/{RFC}/eliminar")
    assert "Nadie ha descargado el ZIP" in (await alice.browser.get(sent.headers["location"])).text


async def test_a_file_dropped_before_anybody_took_it_opens_no_way(alice: Visitor, maker: Maker) -> None:
    asked = await alice.api.post(f"{API}/exportaciones", json=ALL)
    await maker.make(UUID(asked.json()["id"]))
    await alice.api.delete(asked.headers["location"])
    assert await remove(alice) == (409, "EXPORT_MISSING")


async def test_a_file_that_was_taken_and_dropped_leaves_the_way_open(alice: Visitor, maker: Maker) -> None:
    asked = await alice.api.post(f"{API}/exportaciones", json=ALL)
    await maker.make(UUID(asked.json()["id"]))
    await alice.api.get(f"{asked.headers['location']}/archivo")
    await alice.api.delete(asked.headers["location"])
    assert await remove(alice) == (200, "")


async def test_what_comes_after_the_export_asks_for_another(
    site: Site, alice: Visitor, maker: Maker, clock: MovableClock
) -> None:
    await exported(alice, maker, **ALL)
    clock.move(minutes=1)
    await ingest(site, "nuevo")
    assert await remove(alice) == (409, "EXPORT_MISSING")
    await exported(alice, maker, **ALL)
    assert await remove(alice) == (200, "")


async def test_what_comes_during_the_export_makes_it_worth_nothing_for_that(
    site: Site, alice: Visitor, maker: Maker
) -> None:
    asked = await alice.api.post(f"{API}/exportaciones", json=ALL)
    export_id = UUID(asked.json()["id"])
    await maker.begin(export_id)
    await ingest(site, "a-la-mitad")
    await maker.make(export_id)
    told = (await alice.api.get(asked.headers["location"])).json()
    assert told["estado"] == "lista"
    assert "Pide otra" in told["problema"]
    assert await remove(alice) == (409, "EXPORT_MISSING")


async def test_it_holds_packages_and_what_was_asked_of_the_sat(site: Site, alice: Visitor, maker: Maker) -> None:
    files, folder = site.house.files, f"clientes/{RFC}/2025"
    await ingest(site, "leido")
    await files.put(f"{folder}/paquetes/cfdi/sin-leer.zip", b"PK nadie pudo leer esto")
    await files.put(f"{folder}/solicitudes/paquetes.txt", b"id, solicitud\r\n")
    await files.put(f"clientes/{RFC}/certificados/x.key.sealed", b"secreto")
    held = unzipped(await exported(alice, maker, **ALL))
    assert held["paquetes-sin-leer/sin-leer.zip"] == b"PK nadie pudo leer esto"
    assert held["solicitudes/2025/paquetes.txt"] == b"id, solicitud\r\n"
    told = held["paquetes.csv"].decode("utf-8-sig").split("\r\n")
    assert any(line.startswith("2025/paquetes/cfdi/leido.zip,") and ",xml,R,2,2,0,0," in line for line in told)
    assert any(line.startswith("2025/paquetes/cfdi/sin-leer.zip,23,") for line in told)
    assert not any("leido" in name or "certificados" in name for name in held)
    assert "paquetes-sin-leer" in held["LEEME.txt"].decode()


async def test_only_the_owner_and_only_whole(site: Site, alice: Visitor, charlie: Visitor) -> None:
    site_service = site.services[ContribuyentesService]
    await site_service.grant_access(SYSTEM, RFC, charlie.user.id, AccessLevel.OPERACION)
    refused = await charlie.api.post(f"{API}/exportaciones", json=ALL)
    assert (refused.status_code, refused.json()["error"]) == (403, "ACCESS_LEVEL_TOO_LOW")
    for wanted in (ALL | {"efecto": "I"}, {"formato": "todo"}):
        refused = await alice.api.post(f"{API}/exportaciones", json=wanted)
        assert (refused.status_code, refused.json()["error"]) == (400, "EXPORT_OF_ONE_TAXPAYER")


async def test_a_filtered_export_opens_no_door(alice: Visitor, maker: Maker) -> None:
    await exported(alice, maker, "zip", rfc=RFC)
    assert await remove(alice) == (409, "EXPORT_MISSING")


async def test_the_page_of_the_taxpayer_leads_there(site: Site, alice: Visitor, maker: Maker) -> None:
    page = await alice.browser.get(f"/app/contribuyentes/{RFC}")
    assert "Exportar todo" in page.text
    sent = await alice.browser.post("/app/exportaciones", data=ALL)
    assert (sent.status_code, sent.headers["location"].partition("?")[0]) == (303, "/app/exportaciones")
    async with site.house.database.transaction() as tx:
        export_id = (await tx.execute(text("select id from exportaciones"))).scalar_one()
    await maker.make(export_id)
    gone = await alice.browser.post(f"/app/contribuyentes/{RFC}/eliminar")
    assert (gone.status_code, gone.headers["location"].partition("?")[0]) == (303, "/app/contribuyentes")


async def test_taken_in_again_its_own_texts_are_no_damage(
    site: Site, alice: Visitor, maker: Maker, tmp_path: Path
) -> None:
    for name in ("id_solicitud.txt", "paquetes.txt", "historial.csv"):
        await site.house.files.put(f"clientes/{RFC}/2025/solicitudes/{name}", b"uno\tdos\r\n")
    whole, data = tmp_path / "todo.zip", await exported(alice, maker, **ALL)
    await asyncio.to_thread(whole.write_bytes, data)
    assert {"LEEME.txt", "paquetes.csv", "cfdi.csv"} < set(unzipped(data))
    desk = site.services[ImportAtDesk]
    for path in (whole, await asyncio.to_thread(unpacked, whole, tmp_path / "carpeta")):
        report = await desk.take_in(SYSTEM, RFC, path, trial=False, tell=lambda _done, _total: None)
        assert (report.new, report.known, report.unreadable, report.told) == (0, len(NEWEST) - 5, 0, [])
        assert report.ignored == 6


def unpacked(archive: Path, folder: Path) -> Path:
    for name, content in unzipped(archive.read_bytes()).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
