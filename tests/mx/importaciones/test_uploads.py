"""An archive uploaded by API and by browser, taken in by the job."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.kernel.clock import MovableClock
from acuse.kernel.files import StorageUnavailable
from acuse.mx.importaciones import ImportService
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.importaciones.conftest import API, EVERY, RFC, held, one
from tests.support.cfdis import a_corpus, a_zip, an_xml_package

PAGE = "/app/importaciones"
WHOLE = an_xml_package(list(a_corpus().entries()))
XML = {entry.uuid: xml for entry, xml in EVERY}


async def upload(who: Visitor, data: bytes = WHOLE, **more: str) -> UUID:
    answer = await who.api.post(API, files={"archivo": ("viejo Ñ.zip", data)}, data={"rfc": RFC, **more})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"{API}/{answer.json()['id']}"
    return UUID(answer.json()["id"])


async def test_the_job_takes_it_in_and_the_upload_is_not_kept(site: Site, alice: Visitor) -> None:
    import_id = await upload(alice)
    jobs = {job.name: job for each in site.services.mounted.values() for job in each.jobs}
    job = jobs["mx.importaciones:take_in"]
    async with site.house.database.transaction() as tx:
        waiting = (
            await tx.execute(text("select args from procrastinate_jobs where task_name = :n"), {"n": job.name})
        ).scalar_one()
    await job.run(job.on.rebuild(waiting))
    told = (await alice.api.get(f"{API}/{import_id}")).json()
    assert (told["estado"], told["reporte"]["nuevos"], told["archivo"]) == ("terminada", len(EVERY), "viejo Ñ.zip")
    assert (told["hechos"], told["total"]) == (len(EVERY), len(EVERY))
    assert await held(site) == XML
    assert await site.house.files.list(f"clientes/{RFC}/importaciones") == []
    assert await one(site, "select count(*) from auditoria where accion = 'IMPORT_ARCHIVE'") == 1


async def test_cut_off_anywhere_the_report_is_of_the_whole_import(site: Site, alice: Visitor) -> None:
    service = site.services[ImportService]
    import_id = await upload(alice)
    chance = random.Random(11)
    for _ in range(8):
        task = asyncio.create_task(service.take_in(import_id))
        await asyncio.sleep(chance.random() / 4)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await service.take_in(import_id)
    told = (await alice.api.get(f"{API}/{import_id}")).json()
    assert (told["estado"], told["reporte"]["nuevos"], told["reporte"]["conocidos"]) == ("terminada", len(EVERY), 0)
    assert await held(site) == XML


async def test_cut_off_at_its_very_end_the_upload_is_not_left_behind(site: Site, alice: Visitor) -> None:
    service, key = site.services[ImportService], f"clientes/{RFC}/importaciones"
    import_id = await upload(alice)
    await service.take_in(import_id)
    await site.house.files.put(f"{key}/{import_id}.zip", WHOLE)
    await service.take_in(import_id)
    assert await site.house.files.list(key) == []
    assert (await alice.api.get(f"{API}/{import_id}")).json()["reporte"]["nuevos"] == len(EVERY)


async def test_uploaded_twice_nothing_is_new(site: Site, alice: Visitor) -> None:
    service = site.services[ImportService]
    for expected in (len(EVERY), 0):
        import_id = await upload(alice)
        await service.take_in(import_id)
        assert (await alice.api.get(f"{API}/{import_id}")).json()["reporte"]["nuevos"] == expected
    ended = await alice.api.post(f"{API}/{import_id}/reanudar")
    assert (ended.status_code, ended.json()["error"]) == (409, "IMPORT_ENDED")


async def test_a_trial_keeps_nothing(site: Site, alice: Visitor) -> None:
    import_id = await upload(alice, simular="true")
    await site.services[ImportService].take_in(import_id)
    told = (await alice.api.get(f"{API}/{import_id}")).json()
    assert (told["simulacion"], told["reporte"]["nuevos"]) == (True, len(EVERY))
    assert await held(site) == {}
    assert await site.house.files.list("clientes") == []
    assert await one(site, "select count(*) from auditoria where accion = 'IMPORT_ARCHIVE'") == 0


async def test_a_storage_that_fails_is_told_and_it_goes_on_after(site: Site, alice: Visitor) -> None:
    import_id = await upload(alice)
    path = site.house.files.local_path(f"clientes/{RFC}/2025")
    assert path is not None
    path.write_text("no es una carpeta")
    with pytest.raises(StorageUnavailable):
        await site.services[ImportService].take_in(import_id)
    told = (await alice.api.get(f"{API}/{import_id}")).json()
    assert (told["estado"], "almacenamiento" in told["problema"]) == ("en_curso", True)
    path.unlink()
    assert (await alice.api.post(f"{API}/{import_id}/reanudar")).status_code == 202
    await site.services[ImportService].take_in(import_id)
    assert await held(site) == XML


@pytest.mark.parametrize("data", [b"", b"PK", b"<xml/>", b"%PDF-1.7 " + bytes(100)])
async def test_what_is_no_zip_is_refused_before_it_is_kept(site: Site, alice: Visitor, data: bytes) -> None:
    answer = await alice.api.post(API, files={"archivo": ("x.zip", data)}, data={"rfc": RFC})
    assert (answer.status_code, answer.json()["error"]) == (400, "IMPORT_NOT_A_ZIP")
    assert await site.house.files.list("") == []


async def test_a_broken_zip_ends_with_its_reason(site: Site, alice: Visitor) -> None:
    import_id = await upload(alice, b"PK\3\4" + bytes(100))
    await site.services[ImportService].take_in(import_id)
    told = (await alice.api.get(f"{API}/{import_id}")).json()
    assert told["estado"] == "terminada"
    assert [each["codigo"] for each in told["reporte"]["detalle"]] == ["PAQUETE_NOT_A_ZIP"]


async def test_who_may_only_read_may_not_import_and_sees_no_others(alice: Visitor, bob: Visitor) -> None:
    refused = await bob.api.post(API, files={"archivo": ("x.zip", WHOLE)}, data={"rfc": RFC})
    assert (refused.status_code, refused.json()["error"]) == (403, "ACCESS_LEVEL_TOO_LOW")
    import_id = await upload(alice)
    for method, path in (("GET", ""), ("POST", "/reanudar")):
        hidden = await bob.api.request(method, f"{API}/{import_id}{path}")
        assert (hidden.status_code, hidden.json()["error"]) == (404, "IMPORT_NOT_FOUND")
    assert (await bob.api.get(API)).json() == {"importaciones": []}


class TestPages:
    async def test_from_the_form_to_the_report(self, site: Site, alice: Visitor) -> None:
        assert "Importar un archivo" in (await alice.browser.get("/app/cfdi")).text
        assert "Sin importaciones" in (await alice.browser.get(PAGE)).text
        data = a_zip(
            [
                ("a.xml", EVERY[0][1]),
                ("b.xml", b"<x/>"),
                ("<b>c.xml", EVERY[1][1].replace(RFC.encode(), b"COSC8001137NA")),
                ("recibo.pdf", b"%PDF"),
            ]
        )
        sent = await alice.browser.post(
            PAGE, files={"archivo": ("x.zip", data)}, data={"rfc": RFC, "accion": "importar"}
        )
        assert sent.status_code == 303
        path = sent.headers["location"].partition("?")[0]
        running = await alice.browser.get(f"{path}/avance")
        assert (running.status_code, "hx-get" in running.text) == (200, True)
        await site.services[ImportService].take_in(UUID(path.rpartition("/")[2]))
        done = await alice.browser.get(f"{path}/avance")
        assert (done.status_code, done.headers["hx-refresh"]) == (286, "true")
        page = (await alice.browser.get(path)).text
        assert "CFDI_UNKNOWN_DOCUMENT" in page
        assert "De otro RFC" in page
        assert "&lt;b&gt;c.xml" in page
        assert "1 archivo de otro tipo se ignoró." in page
        assert "x.zip" in (await alice.browser.get(PAGE)).text

    async def test_an_empty_zip_is_named_so(self, site: Site, alice: Visitor) -> None:
        import_id = await upload(alice, a_zip([]))
        await site.services[ImportService].take_in(import_id)
        assert "El ZIP no tenía ningún archivo." in (await alice.browser.get(f"{PAGE}/{import_id}")).text

    async def test_without_a_file_the_form_says_so(self, alice: Visitor) -> None:
        refused = await alice.browser.post(PAGE, data={"rfc": RFC})
        assert (refused.status_code, "IMPORT_NOT_A_ZIP" in refused.text) == (400, True)

    async def test_a_reader_sees_no_form(self, bob: Visitor) -> None:
        page = await bob.browser.get(PAGE)
        assert "Sin contribuyentes" in page.text


async def test_the_sweep_takes_what_no_import_names_and_nothing_younger_than_a_day(
    site: Site, alice: Visitor, clock: MovableClock
) -> None:
    """As a process leaves it that is killed between the storage of an upload and its row."""
    orphan = f"clientes/{RFC}/importaciones/{UUID(int=7)}.zip"
    await site.house.files.put(orphan, WHOLE)
    kept = f"clientes/{RFC}/importaciones/{await upload(alice)}.zip"
    sweep = next(each for each in site.services.mounted["importaciones"].schedules if each.name.endswith(":sweep"))
    clock.set(datetime.now(UTC) + timedelta(hours=23))
    await sweep.run()
    assert await stored(site) == {orphan, kept}
    clock.set(datetime.now(UTC) + timedelta(hours=25))
    await sweep.run()
    assert await stored(site) == {kept}


async def stored(site: Site) -> set[str]:
    return {item.key for item in await site.house.files.list(f"clientes/{RFC}/importaciones")}
