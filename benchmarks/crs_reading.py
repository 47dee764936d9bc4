"""Reading many downloads: a list page against its bare keyset query, the CSV against a cursor and `csv.writer`.

Goals: at 6,000,000 downloads a list page costs at most 5 × the bare query plus the same page without rows (the
frame); the CSV of 1,000,000 rows is at least 2.5 × as quick as the plain loop, within 64 MB of memory.
"""

from __future__ import annotations

import asyncio
import csv
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import httpx2
import psycopg
from sqlalchemy import text

from acuse.accounts.model import Role
from acuse.ar.crs.model import ZONE, DescargaFilter
from acuse.ar.crs.service import CatalogueService, DownloadService, ReportService
from acuse.cli.demo.controladores import fill_catalogue
from acuse.kernel.audit import SYSTEM
from acuse.kernel.csv import CsvStyle
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from acuse.kernel.logs import configure
from acuse.kernel.paging import Cursor
from benchmarks.crs_house import callers, open_bench, someone
from benchmarks.peak import Peak
from benchmarks.turns import in_turn

DOWNLOADS = int(os.environ.get("BENCH_DOWNLOADS", "300000"))
ROWS = int(os.environ.get("BENCH_CSV_ROWS", "100000"))
USERS, LIMIT = 200, 50
END = datetime(2026, 6, 30, 12, tzinfo=UTC)
_NOBODY = "XXXXXX0000000000"
_FILL = text("""
    INSERT INTO crs_descargas (id_descarga, id_usuario, id_certificado, controlador_id, certificado_nombre, fecha,
                               estado, logs, checksum, size_bytes, ip_origen, deliveries, created_at, updated_at)
    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), users[1 + n % :people], CAST(:certificate AS uuid),
           'SESHIA' || lpad(CAST(n % 50000 AS text), 10, '0'),
           'Certificado SESHIA' || lpad(CAST(n % 50000 AS text), 10, '0'), at,
           CASE WHEN n % 30 = 0 THEN 'Pendiente de Facturar' ELSE 'Facturado' END,
           jsonb_build_array(jsonb_build_object('timestamp', at, 'message', 'Descarga iniciada', 'step', 'INIT'),
                             jsonb_build_object('timestamp', at, 'message', 'Lista para entregar', 'step', 'READY')),
           'sha256:' || md5(CAST(n AS text)) || md5(CAST(-n AS text)), 6611, '203.0.113.7', 1, at, at
      FROM generate_series(CAST(:first AS bigint), :last) AS n,
           LATERAL (SELECT CAST(:end AS timestamptz) - (:total - n) * CAST(:step AS interval) AS at) AS moment,
           (SELECT array_agg(id) AS users FROM users WHERE role = 3) AS everybody
""")
_COUNTERS = text("""
    UPDATE crs_quotas SET total = found.total, pending = found.pending
      FROM (SELECT id_usuario, count(*) AS total, count(*) FILTER (WHERE estado <> 'Facturado') AS pending
              FROM crs_descargas GROUP BY 1) AS found
     WHERE user_id = id_usuario
""")
_BARE = """
    SELECT d.*, u.name, u.tax_id FROM crs_descargas d JOIN users u ON u.id = d.id_usuario
     WHERE (fecha, id_descarga) < (%s, %s) ORDER BY fecha DESC, id_descarga DESC LIMIT 50
"""
_PLAIN = """
    SELECT d.id_descarga, d.fecha, u.name, u.tax_id, d.certificado_nombre, d.controlador_id, d.estado, d.size_bytes,
           d.checksum, d.ip_origen
      FROM crs_descargas d JOIN users u ON u.id = d.id_usuario
     WHERE d.fecha >= %s ORDER BY d.fecha DESC, d.id_descarga DESC
"""


async def main() -> None:
    """Fill, measure and print."""
    configure("error", "text")
    async with open_bench() as (house, services):
        step = timedelta(days=5 * 365) / DOWNLOADS
        await _fill(house, services, step)
        await _lists(house, services, step)
        await _csv(house, services, step)


async def _fill(house: House, services: Services, step: timedelta) -> None:
    certificate = (await fill_catalogue(services[CatalogueService], house.clock))[0]
    for number in range(USERS):
        await someone(services, number)
    values = {"people": USERS, "certificate": certificate, "total": DOWNLOADS, "end": END, "step": step}
    for first in range(1, DOWNLOADS + 1, 100_000):
        async with house.database.transaction() as tx:
            await tx.execute(text("SET LOCAL statement_timeout = 0"))
            await tx.execute(_FILL, values | {"first": first, "last": min(first + 99_999, DOWNLOADS)})
    async with house.database.transaction() as tx:
        await tx.execute(text("SET LOCAL statement_timeout = 0"))
        await tx.execute(_COUNTERS)
    await services[DownloadService].count_days()
    async with await psycopg.AsyncConnection.connect(house.database.conninfo, autocommit=True) as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("VACUUM ANALYZE")


async def _lists(house: House, services: Services, step: timedelta) -> None:
    chance = random.Random(1)

    def behind() -> tuple[datetime, UUID]:
        number = chance.randrange(DOWNLOADS // 50, DOWNLOADS)
        return END - (DOWNLOADS - number) * step, UUID(int=number)

    def cursor() -> str:
        at, one = behind()
        return Cursor((at.isoformat(), str(one))).encode()

    async with (
        await psycopg.AsyncConnection.connect(house.database.conninfo) as connection,
        callers(house, services, await someone(services, USERS, role=Role.ADMINISTRADOR)) as (api, browser),
    ):

        async def bare() -> None:
            found = await connection.execute(_BARE, behind())
            assert len(await found.fetchall()) == LIMIT

        def asks(client: httpx2.AsyncClient, path: str, **query: Any) -> Callable[[], Awaitable[None]]:
            async def ask() -> None:
                more = {"cursor": cursor()} if query.get("cursor") else {}
                answer = await client.get(path, params=query | more)
                assert answer.status_code == 200, answer.text

            return ask

        month = {"fecha_desde": "2026-05-01", "fecha_hasta": "2026-05-31"}
        lists: Sequence[tuple[str, httpx2.AsyncClient, str, dict[str, str], Sequence[dict[str, Any]]]] = (
            (
                "GET /downloads",
                api,
                "/downloads",
                {"controlador_id": _NOBODY},
                [{}, {"cursor": True}, {"estado": "Facturado", "cursor": True}, {"usuario_id": 7}, month],
            ),
            (
                "the page",
                browser,
                "/app/crs/descargas",
                {"controlador": _NOBODY},
                [{}, {"cursor": True}, {"estado": "Pendiente de Facturar"}, {"desde": "2026-05-01"}],
            ),
        )
        for name, client, path, frame, pages in lists:
            for query in pages:
                plain, alone, took = await in_turn(bare, asks(client, path, **frame), asks(client, path, **query))
                print(
                    f"crs list of {DOWNLOADS:,}, {name} {query}: {took:.1f} ms = frame {alone:.1f} ms + "
                    f"{(took - alone) / plain:.1f} × the bare query of {plain:.2f} ms (goal 5)"
                )


async def _csv(house: House, services: Services, step: timedelta) -> None:
    since = (END - (ROWS - 1) * step).astimezone(ZONE).date()
    rows, ours, peak = 0, [], 0.0
    peer: list[float] = []
    spent: list[float] = []  # processor time of this process: what a busy machine does not blur
    for _ in range(3):
        began, used = perf_counter(), process_time()
        with Peak() as memory:
            rows = -1  # the header
            async for piece in services[ReportService].export(DescargaFilter(desde=since), CsvStyle(), actor=SYSTEM):
                rows += piece.count(b"\r\n")
        ours.append(rows / (perf_counter() - began))
        peak = max(peak, memory.grown_mb)
        began, half = perf_counter(), process_time()
        assert await asyncio.to_thread(_plain_loop, house.database.conninfo, since) == rows
        peer.append(rows / (perf_counter() - began))
        spent.append((process_time() - half) / (half - used))
    share = median(one / other for one, other in zip(ours, peer, strict=True))
    print(
        f"crs csv of {rows:,} rows: {median(ours):,.0f} rows/s against {median(peer):,.0f} of the plain loop: "
        f"{share:.1f} × (goal 2.5), {median(spent):.1f} × by processor time; memory over idle {peak:.0f} MB (goal 64)"
    )


def _plain_loop(conninfo: str, since: Any) -> int:
    count = 0
    with (
        psycopg.connect(conninfo) as connection,
        connection.cursor("plain") as cursor,
        Path(os.devnull).open("w") as sink,
    ):
        cursor.itersize = 2000
        cursor.execute(_PLAIN, (datetime(since.year, since.month, since.day, tzinfo=ZONE),))
        writer = csv.writer(sink)
        for row in cursor:
            writer.writerow(row)
            count += 1
    return count
