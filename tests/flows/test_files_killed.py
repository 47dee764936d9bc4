"""A worker dies by SIGKILL while it takes an archive in or makes a file of it; another goes on: whole, each once.

ACUSE_KILLS says how often at each moment; a hundred is the full proof.
"""

from __future__ import annotations

import csv
import io
import os
import random
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path
from time import monotonic
from uuid import UUID

import pytest
from openpyxl import load_workbook

from acuse.kernel.audit import SYSTEM
from acuse.mx.archivo import ArchivoService
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.cfdi.corpus import Corpus
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.exportaciones import ExportService
from acuse.mx.exportaciones.model import Estado, Exportacion, Formato
from acuse.mx.importaciones import ImportService
from tests.flows.killing import Look, Moment, be_missed, change, comes, hurry, in_the_database, number, rows
from tests.flows.site import Sat, Site, open_site, until
from tests.support.cfdis import TAXPAYER, a_metadata_package, a_zip, issuers
from tests.support.nursery import Nursery
from tests.support.small_worker import STRETCH

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("ACUSE_KILLS", "1"))
RFC = TAXPAYER.rfc
YEARS = (2024, 2025, 2026)
CHANCE = random.Random(20260301)
PATIENCE_S = 600
LONGEST_S = 1.5
"""So long, and no longer, a worker lives that is killed at random."""


@asynccontextmanager
async def _any_time(site: Site) -> AsyncIterator[Look]:
    """Hold nobody."""
    del site
    ends = monotonic() + CHANCE.random() * LONGEST_S

    async def is_time() -> bool:
        return monotonic() > ends

    yield is_time


AT_RANDOM = Moment("at random", _any_time)
IMPORTING = (
    in_the_database("before a package is stored", "update", "importaciones", "new.packages <> old.packages"),
    in_the_database("in the merge of metadata", "insert", "cfdi", "new.xml_paquete_id is null"),
    in_the_database("between storage and index", "insert", "indexed_paquetes", "new.kind = 'xml'"),
    in_the_database(
        "in the merge of the second of three packages",
        "insert",
        "cfdi",
        f"new.xml_paquete_id is not null and extract(year from new.fecha) = {YEARS[1]}",
    ),
    in_the_database("while its end is written", "update", "importaciones", "new.estado = 'terminada'"),
    AT_RANDOM,
)
EXPORTING = (
    in_the_database("at its beginning", "update", "exportaciones", "old.started_at is null"),
    in_the_database("between a part's storage and its record", "insert", "exportacion_partes", "true"),
    in_the_database(
        "in a later stretch",
        "update",
        "exportaciones",
        f"new.estado = 'en_curso' and cast(new.progress->>'rows' as integer) > {STRETCH}",
    ),
    in_the_database("while its end is written", "update", "exportaciones", "new.estado = 'lista'"),
    AT_RANDOM,
)


@cache
def everything() -> dict[str, bytes]:
    """Three years of documents, by UUID."""
    found: dict[str, bytes] = {}
    for year in YEARS:
        corpus = Corpus(taxpayer=TAXPAYER, year=year, size=STRETCH, seed=year, issuers=issuers())
        found.update({entry.uuid: xml for entry, xml in corpus.documents()})
    return found


@cache
def archive() -> bytes:
    """What somebody kept of them: XMLs, and the metadata of one year."""
    listed = Corpus(taxpayer=TAXPAYER, year=YEARS[0], size=STRETCH, seed=YEARS[0], issuers=issuers())
    loose = [(f"{uuid}.xml", xml) for uuid, xml in everything().items()]
    return a_zip([*loose, ("lista.zip", a_metadata_package(list(listed.entries())))])


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Work is done elsewhere."""
    return environment | {"ACUSE_WORKERS": "external"}


@pytest.fixture
async def site(environment: dict[str, str], sat: Sat) -> AsyncIterator[Site]:
    """An installation without a worker of its own, and one taxpayer."""
    async with open_site(environment, sat, works=False) as opened:
        await opened.services[ContribuyentesService].add(SYSTEM, RFC, name=TAXPAYER.nombre)
        yield opened


async def killed_at(
    moment: Moment,
    site: Site,
    nurse: Nursery,
    environment: dict[str, str],
    folder: Path,
    do: Callable[[int], Awaitable[Look]],
) -> None:
    """Have things done by one worker after the other, each killed at a moment of it; the last one ends it."""
    things, killed = count(), 0
    while killed < KILLS:
        is_done = await do(next(things))
        while killed < KILLS:
            async with moment.open(site) as look:
                with nurse.worker(environment, folder, small=True):
                    if not await comes(site, look, lambda: nothing_is_left(site)):
                        break
            killed += 1
            await be_missed(site)
        with nurse.worker(environment, folder, small=True):
            await until(is_done, within_s=PATIENCE_S)


async def nothing_is_left(site: Site) -> bool:
    """Tell whether every job has ended."""
    return await number(site, "select count(*) from procrastinate_jobs where status in ('todo', 'doing')") == 0


async def take_in(site: Site) -> UUID:
    """Upload the archive for a taxpayer who has nothing yet."""
    await change(
        site, "truncate importaciones, cfdi, contrapartes, indexed_paquetes, exportaciones, procrastinate_jobs cascade"
    )
    for item in await site.house.files.list("clientes"):
        await site.house.files.delete(item.key)

    async def pieces() -> AsyncIterator[bytes]:
        yield archive()

    return (await site.services[ImportService].create(SYSTEM, RFC, "archivo.zip", pieces())).id


async def was_taken_in(site: Site, import_id: UUID) -> bool:
    """See whether it has ended; if so, that all of it is here, once, and nothing else."""
    await hurry(site)
    if not await nothing_is_left(site):
        return False
    found = await site.services[ImportService].get(SYSTEM, import_id)
    assert (found.estado.value, found.problem) == ("terminada", None)
    report = found.report
    assert (report.new, report.known, report.rows_new, report.rows_known) == (len(everything()), 0, STRETCH, 0)
    assert (report.unreadable, report.foreign, report.rows_unreadable) == (0, 0, 0)
    assert await number(site, "select count(*) from cfdi") == len(everything())
    archivo = site.services[ArchivoService]
    for uuid, xml in everything().items():
        assert (await archivo.xml(SYSTEM, UUID(uuid))).content == xml
    indexed = {row["paquete_key"] for row in await rows(site, "select paquete_key from indexed_paquetes")}
    assert {item.key for item in await site.house.files.list("clientes")} == indexed
    assert len(indexed) == len(YEARS) + len(("the list", "its third parties"))
    return True


@pytest.mark.parametrize("moment", IMPORTING, ids=lambda moment: moment.name)
@pytest.mark.timeout(PATIENCE_S + 60 * KILLS)
async def test_an_archive_is_taken_in_whole_and_once(
    site: Site, nurse: Nursery, environment: dict[str, str], tmp_path: Path, moment: Moment
) -> None:
    async def do(_: int) -> Look:
        import_id = await take_in(site)
        return lambda: was_taken_in(site, import_id)

    await killed_at(moment, site, nurse, environment, tmp_path, do)


async def was_made(site: Site, export_id: UUID) -> bool:
    """See whether it has ended; if so, that the file is whole and every document is in it once."""
    await hurry(site)
    service = site.services[ExportService]
    found = await service.get(SYSTEM, export_id)
    if found.estado is Estado.RUNNING:
        return False
    assert (found.estado, found.problem, found.done) == (Estado.READY, None, len(everything()))
    _, pieces = await service.open(SYSTEM, export_id)
    data = b"".join([piece async for piece in pieces])
    assert len(data) == found.size_bytes
    assert sorted(told_in(found, data)) == sorted(everything())
    await service.expire()
    kept = {row["key"] for row in await rows(site, "select key from exportacion_partes")}
    assert {item.key for item in await site.house.files.list("exportaciones")} == kept
    return True


def told_in(found: Exportacion, data: bytes) -> list[str]:
    """Answer the UUIDs in a file, each as often as it is there."""
    if found.formato is Formato.CSV:
        return [line["uuid"] for line in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    if found.formato is Formato.XLSX:
        sheet = load_workbook(io.BytesIO(data))["CFDI"]
        return [str(row[1]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        documents = {name[-40:-4]: file.read(name) for name in file.namelist() if name.endswith(".xml")}
        names = [name[-40:-4] for name in file.namelist() if name.endswith(".xml")]
        listed = [line["uuid"] for line in csv.DictReader(io.StringIO(file.read("cfdi.csv").decode("utf-8-sig")))]
    assert documents == everything()
    assert sorted(listed) == sorted(names)
    return names


@pytest.mark.parametrize("moment", EXPORTING, ids=lambda moment: moment.name)
@pytest.mark.timeout(PATIENCE_S + 60 * KILLS)
async def test_a_file_of_each_kind_is_whole(
    site: Site, nurse: Nursery, environment: dict[str, str], tmp_path: Path, moment: Moment
) -> None:
    formatos = list(Formato)
    await site.services[ImportService].take_in(await take_in(site))
    await change(site, "truncate procrastinate_jobs cascade")

    made = 0

    async def do(place: int) -> Look:
        nonlocal made
        made += 1
        asked = await site.services[ExportService].create(SYSTEM, formatos[place % len(formatos)], CfdiQuery(rfc=RFC))
        return lambda: was_made(site, asked.id)

    await killed_at(moment, site, nurse, environment, tmp_path, do)
    assert await number(site, "select count(*) from auditoria where accion like 'EXPORT_%'") == made
