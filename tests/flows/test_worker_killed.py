"""A worker in its own process dies by SIGKILL at chosen moments; another goes on: nothing lost, nothing twice.

A moment is held still by locking a table from outside until the worker is seen waiting for it.
"""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.descarga.service import SendingService
from acuse.mx.descarga.service.fetching import FETCH_LEASE
from acuse.mx.outside.sat_descarga.codes import Sentido
from tests.flows.site import Sat, Site, open_site, start_acuse, until

pytestmark = pytest.mark.slow

Table = Literal["cfdi", "paquetes"]


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Work is done elsewhere, and by so many hands that waiting ones hold nobody up."""
    hands = {"ACUSE_WORKER_CONCURRENCY": "40", "DATABASE_POOL_SIZE": "25"}
    return environment | {"ACUSE_WORKERS": "external"} | hands


@pytest.fixture
async def site(environment: dict[str, str], sat: Sat) -> AsyncIterator[Site]:
    """An installation without a worker of its own, the e.firma loaded and a year asked for."""
    async with open_site(environment, sat, works=False) as opened:
        told = sat.told
        await opened.services[ContribuyentesService].upload_efirma(SYSTEM, *sat.efirma())
        await opened.services[SendingService].send_year(SYSTEM, told.rfc, told.year, Sentido.EMITIDOS)
        yield opened


@contextmanager
def worker(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Have a worker work; it is killed at the end, if it was not before."""
    with start_acuse(environment, folder, "worker") as process:
        try:
            yield process
        finally:
            process.kill()


async def rows(site: Site, sql: str) -> list[dict[str, Any]]:
    """Look into the database."""
    async with site.house.database.transaction() as tx:
        return [dict(row) for row in (await tx.execute(text(sql))).mappings()]


async def number(site: Site, sql: str) -> int:
    """Answer one number of the database."""
    ((value,),) = [row.values() for row in await rows(site, sql)]
    return int(value)


@asynccontextmanager
async def nobody_writes(site: Site, table: Table) -> AsyncIterator[None]:
    """Hold a table so that it can be read but not written."""
    async with site.house.database.transaction() as tx:
        await tx.execute(text(f"lock table {table} in share mode"))
        yield


async def somebody_waits_for(site: Site, table: Table) -> None:
    """Wait until the worker stands before the locked table."""
    sql = f"select count(*) from pg_locks where not granted and relation = '{table}'::regclass"
    await until(lambda: number(site, sql))


async def let_claims_run_out(site: Site) -> None:
    """Make everything claimed or waiting look as old as the longest claim lasts."""
    past = f"interval '{FETCH_LEASE.total_seconds()} seconds'"
    async with site.house.database.transaction() as tx:
        for change in (
            f"update paquetes set busy_until = busy_until - {past}, next_try_at = next_try_at - {past}",
            f"update solicitudes set busy_until = busy_until - {past}, next_check_at = next_check_at - {past}",
            f"update procrastinate_jobs set scheduled_at = scheduled_at - {past} where status = 'todo'",
        ):
            await tx.execute(text(change))


async def all_have_ended(site: Site) -> None:
    """Wait until the fourteen have ended, and see that they ended well."""
    left = "select count(*) from solicitudes where finished_at is null"
    await until(lambda: number(site, left), lambda count: count == 0, within_s=90)
    assert {row["estado"] for row in await rows(site, "select estado from solicitudes")} <= {"completa", "sin_cfdi"}


async def whole_and_once(site: Site) -> None:
    """Nothing lost, nothing twice: what the SAT handed out against what stands in the archive."""
    documents = site.sat.documents()
    paquetes = await rows(site, "select id_paquete, cfdis, stored_at, indexed_at, lost from paquetes")
    assert {each["id_paquete"]: each["cfdis"] for each in paquetes} == documents
    assert all(each["stored_at"] and each["indexed_at"] and not each["lost"] for each in paquetes)

    indexed = await rows(site, "select paquete_key, kind, read, new, refused from indexed_paquetes")
    assert len(indexed) == len({each["paquete_key"] for each in indexed}) == len(documents)
    assert sum(each["refused"] for each in indexed) == 0
    with_xml = sum(each["read"] for each in indexed if each["kind"] == "xml")
    assert with_xml > 50
    assert sum(each["new"] for each in indexed if each["kind"] == "xml") == with_xml
    assert await number(site, "select count(*) from cfdi where xml_paquete_id is not null") == with_xml
    told_by_metadata = sum(each["read"] for each in indexed if each["kind"] == "metadata")
    assert await number(site, "select count(*) from cfdi") == told_by_metadata
    assert await number(site, "select count(*) from cfdi where estado is null") == 0


async def test_killed_while_indexing(site: Site, environment: dict[str, str], tmp_path: Path) -> None:
    with worker(environment, tmp_path) as first:
        async with nobody_writes(site, "cfdi"):
            await somebody_waits_for(site, "cfdi")
            first.kill()
    assert await number(site, "select count(*) from solicitudes where finished_at is null") > 0
    await let_claims_run_out(site)
    with worker(environment, tmp_path):
        await all_have_ended(site)
    await whole_and_once(site)


async def test_killed_between_the_archive_and_the_note_that_it_is_there(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    with worker(environment, tmp_path) as first:
        async with nobody_writes(site, "cfdi"):
            await somebody_waits_for(site, "cfdi")
            stored = "select count(*) from paquetes where stored_at is null"
            await until(lambda: number(site, stored), lambda count: count == 0)
            asked = "select count(*) from solicitudes where estado in ('por_enviar', 'en_proceso')"
            await until(lambda: number(site, asked), lambda count: count == 0)
            await until(lambda: number(site, stored), lambda count: count == 0)
            held = nobody_writes(site, "paquetes")
            await held.__aenter__()
        await somebody_waits_for(site, "paquetes")
        assert await number(site, "select count(*) from cfdi") > 0
        first.kill()
        await held.__aexit__(None, None, None)
    assert await number(site, "select count(*) from paquetes where indexed_at is null") > 0
    await let_claims_run_out(site)
    with worker(environment, tmp_path):
        await all_have_ended(site)
    await whole_and_once(site)
    assert set(site.sat.downloads().values()) == {1}


async def test_killed_between_the_storage_and_the_note_that_it_is_there(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    site.sat.ask("POST", "faults", {"operation": "descargar", "delay_s": 1.5, "times": 99})
    with worker(environment, tmp_path) as first:

        async def handed_out() -> int:
            return sum(site.sat.downloads().values())

        await until(handed_out)
        async with nobody_writes(site, "paquetes"):
            await somebody_waits_for(site, "paquetes")

            async def lie_there() -> set[str]:
                return {path.stem for path in (tmp_path / "files").rglob("*.zip")}

            await until(lie_there)
            first.kill()
    stored = await lie_there()
    site.sat.ask("DELETE", "faults")
    assert await number(site, "select count(*) from paquetes where downloads = 1 and stored_at is null") > 0
    await let_claims_run_out(site)
    with worker(environment, tmp_path):
        await all_have_ended(site)
    await whole_and_once(site)
    downloads = site.sat.downloads()
    assert {downloads[paquete] for paquete in stored} == {1}
    assert set(downloads.values()) <= {1, 2}
    adopted = "select count(*) from solicitud_history where suceso = 'paquete recuperado'"
    assert await number(site, adopted) > 0


async def test_killed_while_the_sat_is_sending_costs_one_download_and_no_cfdi(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    site.sat.ask("POST", "faults", {"operation": "descargar", "delay_s": 20, "times": 99})
    with worker(environment, tmp_path) as first:
        await until(lambda: number(site, "select count(*) from paquetes where downloads = 1"))
        first.kill()
    site.sat.ask("DELETE", "faults")
    assert await number(site, "select count(*) from paquetes where stored_at is not null") == 0
    await let_claims_run_out(site)
    with worker(environment, tmp_path):
        await all_have_ended(site)
    await whole_and_once(site)
    assert await number(site, "select max(downloads) from paquetes") == 2
    assert set(site.sat.downloads().values()) <= {1, 2}
