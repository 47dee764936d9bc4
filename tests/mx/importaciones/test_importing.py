"""What is taken in of folders and ZIPs: everything new and the taxpayer's, once, byte for byte."""

from __future__ import annotations

import asyncio
import random
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.mx.archivo import ArchivoService
from acuse.mx.importaciones import ImportPathMissing, Outcome
from acuse.mx.importaciones.service.packing import Packs
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.importaciones.conftest import EVERY, RFC, held, one, take_in
from tests.support.cfdis import a_corpus, a_metadata_package, a_zip, an_xml_package, entries_of

XML = {entry.uuid: xml for entry, xml in EVERY}
ALL = list(a_corpus().entries())


@pytest.fixture(autouse=True)
def _alice(alice: Visitor) -> Visitor:
    return alice


async def put(path: Path, data: bytes) -> Path:
    await asyncio.to_thread(path.write_bytes, data)
    return path


async def test_a_folder_of_xml_is_kept_as_zips_by_year_byte_for_byte(site: Site, archive: Path) -> None:
    report = await take_in(site, archive)
    assert (report.new, report.known, report.foreign, report.unreadable) == (len(EVERY), 0, 0, 0)
    assert await held(site) == XML
    keys = [item.key for item in await site.house.files.list("clientes")]
    assert keys
    assert all(key.startswith(f"clientes/{RFC}/2025/paquetes/cfdi/importado-") for key in keys)
    directions = await one(site, "select count(*) filter (where direction = 'E') from cfdi")
    assert directions == len(entries_of("E"))


async def test_twice_nothing_is_new_and_nothing_more_is_stored(site: Site, archive: Path) -> None:
    await take_in(site, archive)
    before = await site.house.files.list("clientes")
    report = await take_in(site, archive)
    assert (report.new, report.known) == (0, len(EVERY))
    assert await site.house.files.list("clientes") == before
    assert await one(site, "select count(*) from indexed_paquetes") == 1


async def test_a_trial_tells_the_same_and_changes_nothing(site: Site, archive: Path) -> None:
    await put(archive / "m.zip", a_metadata_package(ALL[:30]))
    trial = await take_in(site, archive, trial=True)
    assert await site.house.files.list("clientes") == []
    assert await one(site, "select count(*) from cfdi") == 0
    real = await take_in(site, archive)
    assert (trial.new, trial.known, trial.rows_new) == (real.new, real.known, len(ALL[:30]))
    assert real.rows_new + real.rows_known == 30


async def test_packages_and_metadata_within_a_zip(site: Site, tmp_path: Path) -> None:
    path = await put(
        tmp_path / "todo.zip",
        a_zip([
            ("2025/paquetes/E.zip", an_xml_package(entries_of("E"))),
            ("2025/paquetes/R.ZIP", an_xml_package(entries_of("R"))),
            ("2025/metadata/m.zip", a_metadata_package(ALL)),
            ("2025/leeme.pdf", b"%PDF"),
        ]),
    )  # fmt: skip
    report = await take_in(site, path)
    assert (report.new, report.ignored, report.unreadable) == (len(ALL), 1, 0)
    assert await held(site) == XML
    assert await one(site, "select count(*) from cfdi where estado = 'cancelado'") == sum(e.cancelado for e in ALL)
    assert await one(site, "select count(*) from cfdi where tercero_rfc is not null") == sum(
        bool(e.tercero_rfc) for e in ALL
    )
    assert {item.key.split("/")[2] for item in await site.house.files.list("clientes")} == {"2025"}
    again = await take_in(site, path)
    assert (again.new, again.rows_new, again.known, again.rows_known) == (0, 0, len(ALL), len(ALL))


async def test_what_was_downloaded_is_known(site: Site, archive: Path) -> None:
    found = await site.services[ArchivoService].taxpayer(SYSTEM, RFC)
    await site.house.files.put("p/x.zip", an_xml_package(entries_of("E")))
    await site.services[ArchivoService].ingest_xml_package(found.id, "p/x.zip", "E")
    report = await take_in(site, archive)
    assert (report.new, report.known) == (len(entries_of("R")), len(entries_of("E")))


async def test_known_from_metadata_alone_an_xml_is_new(site: Site, archive: Path) -> None:
    found = await site.services[ArchivoService].taxpayer(SYSTEM, RFC)
    await site.house.files.put("p/m.zip", a_metadata_package(ALL))
    await site.services[ArchivoService].ingest_metadata_package(found.id, "p/m.zip", "R")
    assert (await take_in(site, archive)).new == len(EVERY)


async def test_an_old_list_does_not_undo_what_is_known_later(site: Site, tmp_path: Path) -> None:
    """The archive heard of cancellations today; the old list calls the same documents in force."""
    found = await site.services[ArchivoService].taxpayer(SYSTEM, RFC)
    await site.house.files.put("p/m.zip", a_metadata_package(ALL))
    await site.services[ArchivoService].ingest_metadata_package(found.id, "p/m.zip", "R")
    with zipfile.ZipFile(await put(tmp_path / "m.zip", a_metadata_package(ALL))) as package:
        table = package.read("0A1B_01.txt").decode()
    head, *rows = table.split("\r\n")
    alive = ["~".join([*row.split("~")[:10], "1", ""]) for row in rows if row]
    report = await take_in(site, await put(tmp_path / "viejo.txt", "\r\n".join([head, *alive]).encode()))
    assert report.rows_known == len(ALL)
    assert await one(site, "select count(*) from cfdi where estado = 'cancelado'") == sum(e.cancelado for e in ALL)


async def test_what_is_anothers_is_told_and_not_kept(site: Site, archive: Path, tmp_path: Path) -> None:
    stranger = EVERY[0][1].replace(RFC.encode(), b"COSC8001137NA")
    await put(archive / "ajeno.xml", stranger)
    with zipfile.ZipFile(await put(tmp_path / "m.zip", a_metadata_package(ALL[:3]))) as package:
        table = package.read("0A1B_01.txt").replace(RFC.encode(), b"COSC8001137NA")
    await put(archive / "ajenos.txt", table)
    report = await take_in(site, archive)
    assert (report.new, report.foreign, report.rows_foreign, report.rows_new) == (len(EVERY), 1, 3, 0)
    told = {(each.name, each.outcome) for each in report.told}
    assert told == {("ajeno.xml", Outcome.FOREIGN), ("ajenos.txt", Outcome.FOREIGN)}
    assert await held(site) == XML


@pytest.mark.parametrize("seed", range(3))
async def test_cut_off_anywhere_the_next_run_takes_what_is_left(site: Site, archive: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        task = asyncio.create_task(take_in(site, archive))
        await asyncio.sleep(chance.random() / 4)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await take_in(site, archive)
    assert await held(site) == XML
    async with site.house.database.transaction() as tx:
        indexed = set((await tx.execute(text("select paquete_key from indexed_paquetes"))).scalars())
    assert {item.key for item in await site.house.files.list("clientes")} == indexed


async def test_a_place_that_is_not_there(site: Site, tmp_path: Path) -> None:
    with pytest.raises(ImportPathMissing):
        await take_in(site, tmp_path / "nada")


def test_zips_under_way_stay_below_their_bound_and_are_the_same_each_time() -> None:
    def made() -> list[bytes]:
        packs, out = Packs(documents=50, open_bytes=40_000), []
        for number, (entry, xml) in enumerate(EVERY):
            full = packs.add(2020 + number % 4, entry.uuid, xml)
            if full is not None:
                assert full.size_bytes < 60_000
                out.append(full.close())
        return [*out, *(pack.close() for pack in packs.rest())]

    first = made()
    assert first == made()
    assert len(first) > 4
