"""Ingest of metadata into searchable rows; the archive and the packages that ingest is measured with."""

from __future__ import annotations

import csv
import io
import os
import secrets
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from acuse.features import FEATURES  # the tables of all features
from acuse.kernel.audit import Audit
from acuse.kernel.clock import SystemClock
from acuse.kernel.cpu import CpuPool
from acuse.kernel.database import Database
from acuse.kernel.embedded_postgres import EmbeddedPostgres
from acuse.kernel.events import Events
from acuse.kernel.files import Files
from acuse.kernel.keyring import KeyRing
from acuse.kernel.vault import Vault
from acuse.mx.archivo import ArchivoService
from acuse.mx.certificates.lookalike import SatLookalikeCa
from acuse.mx.cfdi.corpus import Corpus, Issuers, Taxpayer
from acuse.mx.cfdi.metadata import HEADER
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.contribuyentes.store import ContribuyentesStore
from acuse.mx.contribuyentes.tables import ContribuyenteRow
from benchmarks.peak import Peak

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
SEALED = 1_000
TAXPAYER = Taxpayer(rfc="EKU9003173C9", nombre="ESCUELA KEMPER URGATE")
NOW = datetime.now(UTC)


@dataclass
class Bench:
    """An open archive and where its files lie."""

    archive: ArchivoService
    database: Database
    files: Files
    contribuyente_id: int


async def metadata() -> None:
    """Measure metadata rows."""
    with tempfile.TemporaryDirectory() as folder:
        async with opened(Path(folder) / "home", 2) as bench:
            package = a_table(ROWS)
            limit = ROWS / min(seconds(lambda: bare_table(package)) for _ in range(3))
            say(f"limit, inflate + csv.reader, one core: {limit:,.0f} rows/s")
            await bench.files.put("metadata.zip", package)
            await warm(bench, 2)
            with Peak(pool=True) as peak:
                start = time.perf_counter()
                report = await bench.archive.ingest_metadata_package(bench.contribuyente_id, "metadata.zip", "R")
                rate = report.new / (time.perf_counter() - start)
            say(
                f"metadata, {ROWS:,} rows, 2 processes: {rate:,.0f} rows/s (goal 100,000), {rate / limit:.2f} x limit, "
                f"peak {peak.grown_mb:.0f} MB over idle (goal 96)"
            )


def bare_table(package: bytes) -> None:
    """Inflate a table and part it into fields, keeping nothing."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive, archive.open("metadata_01.txt") as table:
        lines = io.TextIOWrapper(table, encoding="utf-8", newline="")
        for _ in csv.reader(lines, delimiter="~", quoting=csv.QUOTE_NONE):
            pass


async def warm(bench: Bench, workers: int) -> None:
    """Let every process load what it needs, so that the measurement begins with work."""
    small = a_package(1_000 * workers)
    for place in range(2):
        await bench.files.put(f"small{place}.zip", small)
        await bench.archive.ingest_xml_package(bench.contribuyente_id, f"small{place}.zip", "R")


def a_package(count: int) -> bytes:
    """Make a package of `count` documents; a part is truly sealed, the rest differ from those by their UUID."""
    ca = SatLookalikeCa.create(at=NOW)
    issuers = Issuers(ca, not_before=datetime(2024, 1, 1, tzinfo=UTC))
    corpus = Corpus(taxpayer=TAXPAYER, year=2025, size=min(SEALED, count), issuers=issuers)
    sealed = list(corpus.documents())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for place in range(count):
            entry, xml = sealed[place % len(sealed)]
            fresh = str(uuid.uuid4()).upper()
            archive.writestr(f"{fresh}.xml", xml.replace(entry.uuid.encode(), fresh.encode()))
    return out.getvalue()


def a_table(count: int) -> bytes:
    """Make a metadata package of `count` rows."""
    corpus = Corpus(taxpayer=TAXPAYER, year=2025, size=2_000)
    lines = [entry.metadata_line() for entry in corpus.entries()]

    def rows() -> Iterator[bytes]:
        yield f"{HEADER}\r\n".encode()
        for place in range(count):
            yield f"{str(uuid.uuid4()).upper()}{lines[place % len(lines)][36:]}\r\n".encode()

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("metadata_01.txt", b"".join(rows()))
    return out.getvalue()


def seconds(work: Callable[[], None]) -> float:
    """Answer how long a piece of work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@asynccontextmanager
async def opened(home: Path, workers: int) -> AsyncIterator[Bench]:
    """Open an archive over an embedded database of its own."""
    assert FEATURES
    server = EmbeddedPostgres(home)
    database = Database(embedded=server)
    cpu = CpuPool(workers)
    clock = SystemClock()
    files = Files.from_url((home / "files").as_uri())
    await database.open()
    try:
        await cpu.warm_up()
        keys = KeyRing.parse(secrets.token_hex(32), setting="VAULT_KEY")
        contribuyentes = ContribuyentesService(
            database=database,
            store=ContribuyentesStore(),
            vault=Vault(keys),
            files=files,
            events=Events(),
            audit=Audit(database, clock, keys),
            clock=clock,
        )
        async with database.transaction() as tx:
            row = ContribuyenteRow(rfc=TAXPAYER.rfc, name=TAXPAYER.nombre, created_at=NOW)
            tx.add(row)
        archive = ArchivoService(
            database=database, contribuyentes=contribuyentes, files=files, cpu=cpu, events=Events(), clock=clock
        )
        yield Bench(archive, database, files, row.id)
    finally:
        cpu.close()
        await database.close()
        server.remove()


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
