"""The life of an export: asked once, made whatever happens, taken by its maker, forgotten in time."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.kernel.files import StorageUnavailable
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.exportaciones import ExportService, Maker
from tests.mx.archivo.test_web import NEWEST
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.exportaciones.conftest import API, exported, unzipped
from tests.support.cfdis import TAXPAYER

EXPORTS = f"{API}/exportaciones"
WHOLE = {"formato": "zip", "rfc": TAXPAYER.rfc}


async def asked(who: Visitor, **wanted: object) -> UUID:
    answer = await who.api.post(EXPORTS, json=WHOLE | wanted)
    assert answer.status_code == 202, answer.text
    return UUID(answer.json()["id"])


async def test_the_endpoints_of_each_format_lead_to_it(alice: Visitor) -> None:
    book = await alice.api.get(f"{API}/cfdis.xlsx", params={"rfc": TAXPAYER.rfc, "efecto": "I"})
    packed = await alice.api.post(f"{API}/cfdis/zip", json={"rfc": TAXPAYER.rfc})
    for answer, formato in ((book, "xlsx"), (packed, "zip")):
        assert (answer.status_code, answer.json()["formato"], answer.json()["estado"]) == (202, formato, "en_curso")
        assert (await alice.api.get(answer.headers["location"])).json()["id"] == answer.json()["id"]
    assert book.json()["filtros"] == {"efecto": "I"}


async def test_asked_twice_it_is_made_once(site: Site, alice: Visitor) -> None:
    assert await asked(alice) == await asked(alice)
    assert await asked(alice, efecto="P") != await asked(alice)
    async with site.house.database.transaction() as tx:
        story = "select count(*) from auditoria where accion = 'EXPORT_ZIP'"
        assert (await tx.execute(text(story))).scalar_one() == 2


async def test_cut_off_anywhere_it_is_made_whole(site: Site, alice: Visitor, maker: Maker) -> None:
    maker.stretch = 20
    export_id = await asked(alice)
    chance = random.Random(3)
    for _ in range(40):
        task = asyncio.create_task(maker.make(export_id))
        await asyncio.sleep(chance.random() / 30)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await maker.make(export_id)
    _, pieces = await site.services[ExportService].open(SYSTEM, export_id)
    held = unzipped(b"".join([piece async for piece in pieces]))
    assert len([name for name in held if name.endswith(".xml")]) == len(NEWEST) - 5
    assert held["cfdi.csv"].count(b"\r\n") == len(NEWEST) + 1


async def test_two_runs_at_once_make_one_good_file(site: Site, alice: Visitor, maker: Maker) -> None:
    export_id = await asked(alice)
    await asyncio.gather(*(maker.make(export_id) for _ in range(3)))
    _, pieces = await site.services[ExportService].open(SYSTEM, export_id)
    assert len(unzipped(b"".join([piece async for piece in pieces]))) == len(NEWEST) - 3


async def test_a_storage_that_fails_is_told_and_work_goes_on_after(site: Site, alice: Visitor, maker: Maker) -> None:
    export_id = await asked(alice)
    folder = site.house.files.local_path("p/x.zip")
    assert folder is not None
    root = folder.parents[1]
    root.rename(root.with_name("away"))
    root.write_text("no es una carpeta")
    with pytest.raises(StorageUnavailable):
        await maker.make(export_id)
    told = (await alice.api.get(f"{EXPORTS}/{export_id}")).json()
    assert told["estado"] == "en_curso"
    assert "almacenamiento" in told["problema"]
    root.unlink()
    root.with_name("away").rename(root)
    assert (await alice.api.post(f"{EXPORTS}/{export_id}/reanudar")).status_code == 202
    await maker.make(export_id)
    told = (await alice.api.get(f"{EXPORTS}/{export_id}")).json()
    assert (told["estado"], told["problema"]) == ("lista", None)


async def test_cancelled_it_stops_and_leaves_no_file(site: Site, alice: Visitor, maker: Maker) -> None:
    export_id = await asked(alice)
    cancelled = await alice.api.post(f"{EXPORTS}/{export_id}/cancelar")
    assert cancelled.json()["estado"] == "cancelada"
    await maker.make(export_id)
    assert await site.house.files.list("exportaciones") == []
    for act in ("cancelar", "reanudar"):
        again = await alice.api.post(f"{EXPORTS}/{export_id}/{act}")
        assert (again.status_code, again.json()["error"]) == (409, "EXPORT_ENDED")
    file = await alice.api.get(f"{EXPORTS}/{export_id}/archivo")
    assert (file.status_code, file.json()["error"]) == (409, "EXPORT_NOT_READY")


async def test_its_time_over_file_and_row_are_gone_and_stray_pieces_too(
    site: Site, alice: Visitor, maker: Maker, clock: MovableClock
) -> None:
    service, files = site.services[ExportService], site.house.files
    await exported(alice, maker, "zip", rfc=TAXPAYER.rfc)
    [first] = await service.list(SYSTEM)
    await files.put(f"exportaciones/{first.id}/de-otra-vuelta.part", b"x")
    await files.put("exportaciones/00000000-0000-4000-8000-000000000000/x.part", b"x")
    kept = len(await files.list(f"exportaciones/{first.id}")) - 1
    await service.expire()
    assert len(await files.list("exportaciones")) == kept
    assert first.expires_at == clock.now() + timedelta(hours=72)
    clock.move(hours=73)
    await service.expire()
    assert await files.list("exportaciones") == []
    gone = await alice.api.get(f"{EXPORTS}/{first.id}")
    assert (gone.status_code, gone.json()["error"]) == (404, "EXPORT_NOT_FOUND")


async def test_it_can_be_forgotten_before(site: Site, alice: Visitor, maker: Maker) -> None:
    await exported(alice, maker, "csv", rfc=TAXPAYER.rfc)
    [told] = (await alice.api.get(EXPORTS)).json()["exportaciones"]
    assert (await alice.api.delete(f"{EXPORTS}/{told['id']}")).status_code == 204
    assert (await alice.api.get(EXPORTS)).json() == {"exportaciones": []}
    assert await site.house.files.list("exportaciones") == []


async def test_another_person_has_no_part_in_it(alice: Visitor, charlie: Visitor, maker: Maker) -> None:
    export_id = await asked(alice)
    await maker.make(export_id)
    for method, path in (
        ("GET", ""),
        ("GET", "/archivo"),
        ("POST", "/cancelar"),
        ("POST", "/reanudar"),
        ("DELETE", ""),
    ):
        answer = await charlie.api.request(method, f"{EXPORTS}/{export_id}{path}")
        assert (answer.status_code, answer.json()["error"]) == (404, "EXPORT_NOT_FOUND")


async def test_who_lost_the_access_no_longer_gets_the_file(
    site: Site, alice: Visitor, charlie: Visitor, maker: Maker
) -> None:
    export_id = await asked(alice)
    await maker.make(export_id)
    async with site.house.database.transaction() as tx:
        await tx.execute(text("update accesos set user_id = :u where contribuyente_id = 1"), {"u": charlie.user.id})
    assert (await alice.api.get(f"{EXPORTS}/{export_id}/archivo")).status_code == 404
    assert await site.services[ContribuyentesService].visible_to(SYSTEM)


async def test_every_delivery_is_audited(site: Site, alice: Visitor, maker: Maker) -> None:
    await exported(alice, maker, "xlsx", rfc=TAXPAYER.rfc)
    async with site.house.database.transaction() as tx:
        told = await tx.execute(text("select accion from auditoria where objetivo_tipo = 'exportacion' order by seq"))
    assert list(told.scalars()) == ["EXPORT_XLSX", "DOWNLOAD_EXPORT"]


async def test_nothing_found_makes_nothing(alice: Visitor) -> None:
    answer = await alice.api.post(EXPORTS, json=WHOLE | {"fecha_inicio": "2030-01-01"})
    assert (answer.status_code, answer.json()["error"]) == (400, "EXPORT_EMPTY")
    wrong = await alice.api.post(EXPORTS, json=WHOLE | {"efecto": "X"})
    assert wrong.status_code == 400


async def test_the_job_makes_it(site: Site, alice: Visitor) -> None:
    await asked(alice)
    async with site.house.database.transaction() as tx:
        jobs = (await tx.execute(text("select task_name, args from procrastinate_jobs"))).all()
    found = [args for name, args in jobs if name == "mx.exportaciones:make"]
    [job] = [each for mounted in site.services.mounted.values() for each in mounted.jobs
             if each.name == "mx.exportaciones:make"]  # fmt: skip
    assert len(found) == 1
    await job.run(job.on.rebuild(found[0]))
    [told] = (await alice.api.get(EXPORTS)).json()["exportaciones"]
    assert told["estado"] == "lista"


async def test_the_board_of_jobs_says_whose_and_as_what(site: Site, alice: Visitor) -> None:
    export_id = str(await asked(alice))
    (subject,) = site.services.mounted["exportaciones"].subjects
    async with site.house.database.transaction() as tx:
        told = await subject.told(tx, [export_id, "no es un id"])
        assert told == {export_id: f"{TAXPAYER.rfc} · ZIP de XML, {len(NEWEST):,} CFDI"}
        await tx.execute(text('update exportaciones set taxpayers = \'[[1, "A"], [2, "B"], [3, "C"]]\''))
        assert (await subject.told(tx, [export_id]))[export_id].startswith("A y 2 más · ")
