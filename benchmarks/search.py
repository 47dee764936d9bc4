"""Searching a large archive: a page and a list of CFDIs against the bare keyset query and the same page without rows.

Goal: with 1,000,000 CFDIs stored, at most 5 × its bare query plus the frame, whatever is asked for. The bare query is
the newest fifty that fulfil the filter, asked of psycopg alone. The frame is the very same request for a client of whom
nothing is stored.
"""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import httpx2
import psycopg
from psycopg import sql
from sqlalchemy import text

from acuse.accounts.model import Role
from acuse.accounts.rights import Identity
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from acuse.kernel.logs import configure
from acuse.kernel.paging import Cursor
from acuse.mx.cfdi.search_key import search_words
from acuse.mx.contribuyentes import ContribuyentesService
from benchmarks.crs_house import callers, open_bench, someone
from benchmarks.ingest import say
from benchmarks.turns import in_turn

STORED = int(os.environ.get("BENCH_STORED", "1000000"))
US, NOBODY = "EKU9003173C9", "XIA190128J61"
PARTIES, STEP, LIMIT = 5_000, 100_000, 50
END = datetime(2026, 6, 30, 12)  # noqa: DTZ001 - dates of documents are local to where they were issued
SPAN = timedelta(days=5 * 365)
_WORDS = ("COMERCIALIZADORA", "SERVICIOS", "TRANSPORTES", "FERRETERIA", "PAPELERIA", "LABORATORIOS", "CONSULTORES")
_PARTIES = text("""
    INSERT INTO contrapartes (contribuyente_id, rfc, nombre, search)
    VALUES (:c, :rfc, :nombre, array_to_tsvector(CAST(:words AS text[])))
""")
_FILL = text("""
   INSERT INTO cfdi (contribuyente_id, uuid, direction, contraparte_id, fecha, fecha_timbrado, efecto, emisor_rfc,
                     emisor_nombre, receptor_rfc, receptor_nombre, rfc_pac, total, estado, estado_as_of, version, serie,
                     folio, moneda, subtotal, metodo_pago, xml_paquete_id, xml_offset, xml_length, xml_method, xml_size)
   SELECT :c, CAST(md5(CAST(n AS text)) AS uuid), way, p.id, at, at, CASE WHEN n % 7 = 0 THEN 'P' ELSE 'I' END,
          CASE way WHEN 'E' THEN :us ELSE p.rfc END, CASE way WHEN 'E' THEN 'NOSOTROS' ELSE p.nombre END,
          CASE way WHEN 'E' THEN p.rfc ELSE :us END, CASE way WHEN 'E' THEN p.nombre ELSE 'NOSOTROS' END,
          'SPR190613I52', n % 90000 + 0.16, CASE WHEN n % 40 = 0 THEN 'cancelado' ELSE 'vigente' END, now(), '4.0', 'A',
          CAST(n AS text), 'MXN', n % 90000, 'PUE', CASE WHEN n % 20 > 0 THEN 1 END, n, 3000, 8, 6000
     FROM generate_series(CAST(:first AS bigint), :last) AS n,
          LATERAL (SELECT CAST(:end AS timestamp) - (:total - n) * CAST(:step AS interval) AS at,
                          CASE WHEN n % 3 = 0 THEN 'E' ELSE 'R' END AS way) AS told
          JOIN LATERAL (SELECT * FROM contrapartes WHERE contribuyente_id = :c
                           AND rfc = 'PAR' || lpad(CAST(n * 7919 % :parties AS text), 6, '0') || 'AA1') AS p ON true
""")
_BARE = """
    SELECT contribuyente_id, uuid, direction, fecha, fecha_timbrado, efecto, estado, fecha_cancelacion, emisor_rfc,
           emisor_nombre, receptor_rfc, receptor_nombre, rfc_pac, total, moneda, serie, folio, metodo_pago, pagado_mxn,
           xml_paquete_id
      FROM cfdi WHERE contribuyente_id = %(client)s {} ORDER BY fecha DESC, uuid DESC LIMIT 50
"""
_AFTER = "AND (fecha, uuid) < (%(fecha)s, %(uuid)s)"
_OF_PARTIES = "AND contraparte_id IN (SELECT id FROM contrapartes WHERE contribuyente_id = %(client)s AND search @@ {})"
_ASKED: tuple[tuple[dict[str, str], LiteralString], ...] = (
    ({}, ""),
    ({"cursor": "somewhere"}, _AFTER),
    ({"tipo_comprobante": "E", "cursor": "somewhere"}, f"{_AFTER} AND direction = 'E'"),
    (
        {"fecha_inicio": "2024-02-01", "fecha_fin": "2024-02-29", "tipo_comprobante": "R"},
        "AND direction = 'R' AND fecha >= '2024-02-01' AND fecha < '2024-03-01'",
    ),
    ({"estado": "cancelado", "cursor": "somewhere"}, f"{_AFTER} AND estado = 'cancelado'"),
    ({"con_xml": "false"}, "AND xml_paquete_id IS NULL"),
    (
        {"emisor": "PAR000017AA1"},
        "AND direction = 'R' AND contraparte_id = (SELECT id FROM contrapartes WHERE rfc = 'PAR000017AA1')",
    ),
    ({"importe_min": "80000", "efecto": "P"}, "AND total >= 80000 AND efecto = 'P'"),
    ({"texto": "papeleria 17"}, _OF_PARTIES.format("'PAPELERIA:* & 17:*'")),
    ({"texto": "papeleria"}, _OF_PARTIES.format("'PAPELERIA:*'")),
    ({"texto": "123456"}, "AND folio = '123456'"),
)


async def main() -> None:
    """Fill, measure and print."""
    configure("error", "text")
    async with open_bench() as (house, services):
        owner = await someone(services, 1, role=Role.ADMINISTRADOR)
        client = await services[ContribuyentesService].add(owner, US, name="Nosotros")
        await services[ContribuyentesService].add(owner, NOBODY, name="Nadie")
        await _fill(house, client.id)
        await _measure(house, services, owner, client.id)


async def _fill(house: House, client: int) -> None:
    names = [(f"PAR{place:06d}AA1", f"{_WORDS[place % len(_WORDS)]} {place} SA DE CV") for place in range(PARTIES)]
    parties = [
        {"c": client, "rfc": rfc, "nombre": nombre, "words": search_words(f"{rfc} {nombre}")} for rfc, nombre in names
    ]
    async with house.database.transaction() as tx:
        await tx.execute(_PARTIES, parties)
    values = {"c": client, "us": US, "end": END, "total": STORED, "step": SPAN / STORED, "parties": PARTIES}
    for first in range(1, STORED + 1, STEP):
        async with house.database.transaction() as tx:
            await tx.execute(text("SET LOCAL statement_timeout = 0"))
            await tx.execute(_FILL, values | {"first": first, "last": min(first + STEP - 1, STORED)})
    async with await psycopg.AsyncConnection.connect(house.database.conninfo, autocommit=True) as connection:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("VACUUM ANALYZE")


async def _measure(house: House, services: Services, owner: Identity, client: int) -> None:
    chance = random.Random(1)

    def somewhere() -> tuple[datetime, UUID]:
        return END - SPAN * chance.uniform(0.02, 0.98), UUID(int=chance.getrandbits(128))

    async with (
        await psycopg.AsyncConnection.connect(house.database.conninfo) as connection,
        callers(house, services, owner) as (api, browser),
    ):

        def bare(condition: LiteralString) -> Callable[[], Awaitable[Any]]:
            statement = sql.SQL(_BARE.format(condition))

            async def ask() -> None:
                fecha, uuid = somewhere()
                found = await connection.execute(statement, {"client": client, "fecha": fecha, "uuid": uuid})
                assert await found.fetchall()

            return ask

        def asks(
            caller: httpx2.AsyncClient, path: str, rfc: str, query: dict[str, str]
        ) -> Callable[[], Awaitable[Any]]:
            async def ask() -> None:
                at, uuid = somewhere()
                place = {"cursor": Cursor((at.isoformat(), str(uuid), client)).encode()} if "cursor" in query else {}
                answer = await caller.get(path, params={"rfc": rfc} | query | place)
                assert answer.status_code == 200, answer.text

            return ask

        for name, caller, path in (("list", api, "/api/v1/sat/cfdis"), ("page", browser, "/app/cfdi")):
            for query, condition in _ASKED:
                plain, frame, took = await in_turn(
                    bare(condition), asks(caller, path, NOBODY, query), asks(caller, path, US, query)
                )
                say(
                    f"search in {STORED:,}, {name} {query}: {took:.1f} ms = frame {frame:.1f} ms + "
                    f"{(took - frame) / plain:.1f} x the bare query of {plain:.2f} ms (goal 5)"
                )
