from __future__ import annotations

import asyncio
import csv as reader
import io
import os
import resource
import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import ColumnClause, Select, Text, case, cast, column, func, literal, select, text

from acuse.kernel import csv
from acuse.kernel.audit import Actor, Audit
from acuse.kernel.clock import MovableClock
from acuse.kernel.csv import CsvExporter, CsvStyle
from acuse.kernel.database import Database
from tests.support.jobs import AUDIT_KEYS, rows

ALICE = Actor(7, "Alice", "192.0.2.1")
BARE = CsvStyle(bom=False)
_SLEEPING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
ROWS = int(os.environ.get("ACUSE_CSV_ROWS", "60000"))


@pytest.fixture
def exporter(database: Database, clock: MovableClock) -> CsvExporter:
    return CsvExporter(database, Audit(database, clock, AUDIT_KEYS))


def export(exporter: CsvExporter, query: Select[Any], style: CsvStyle = BARE) -> AsyncGenerator[bytes, None]:
    return exporter.export(query, style, actor=ALICE, what="cosas", filters={"rol": 2, "desde": None})


async def whole(exporter: CsvExporter, query: Select[Any], style: CsvStyle = BARE) -> bytes:
    return b"".join([piece async for piece in export(exporter, query, style)])


async def _ticks() -> AsyncIterator[None]:
    while True:
        yield
        await asyncio.sleep(0.02)


def one(**cells: Any) -> Select[Any]:
    return select(*(cell.label(name) for name, cell in cells.items()))


class TestForm:
    async def test_is_that_of_rfc_4180(self, exporter: CsvExporter) -> None:
        query = one(a=literal('dice "hola", y\nsigue'), b=literal(-5), c=literal(None))
        assert await whole(exporter, query) == b'a,b,c\r\n"dice ""hola"", y\nsigue",-5,\r\n'

    async def test_excel_gets_a_mark_and_argentina_its_semicolon(self, exporter: CsvExporter) -> None:
        query = one(año=literal("ñ;x"), b=literal(1))
        told = await whole(exporter, query, CsvStyle(separator=";"))
        assert told == '\ufeffaño;b\r\n"ñ;x";1\r\n'.encode()

    async def test_a_manifest_tells_the_end_from_a_broken_stream(self, exporter: CsvExporter) -> None:
        told = await whole(exporter, one(a=literal(1)), CsvStyle(bom=False, manifest=True))
        assert told.splitlines()[-1] == b"#filas,1"

    async def test_percent_signs_and_quotes_in_values_are_no_sql(self, exporter: CsvExporter) -> None:
        query = one(a=csv.free_text(literal("50% o'clock %s %(a)s")))
        assert await whole(exporter, query) == b"a\r\n50% o'clock %s %(a)s\r\n"


class TestGuard:
    @pytest.mark.parametrize(
        "typed",
        ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", "\ufeff=1", "\u00a0 @x", "\n=1", "＝1", "－1"],
    )
    async def test_text_that_could_be_a_formula_gets_a_quote(self, exporter: CsvExporter, typed: str) -> None:
        told = (await whole(exporter, one(a=csv.free_text(literal(typed))))).decode()
        [[_], [cell]] = reader.reader(io.StringIO(told, newline=""))
        assert cell == f"'{typed}"

    @pytest.mark.parametrize("typed", ["Juan", "a=b", "", " Juan", "'=1", "5-3", "ñandú", "a@b.mx"])
    async def test_other_text_stays_as_it_is(self, exporter: CsvExporter, typed: str) -> None:
        told = (await whole(exporter, one(a=csv.free_text(literal(typed)), z=literal(1)))).decode()
        assert next(iter(list(reader.reader(io.StringIO(told, newline="")))[1])) == typed

    async def test_numbers_dates_and_tax_ids_are_never_quoted(self, exporter: CsvExporter) -> None:
        query = one(
            n=literal(-12),
            d=csv.instant(literal(datetime(2026, 3, 2, 18, 0, 1, tzinfo=UTC))),
            c=csv.cuit(literal("20123456786")),
            r=csv.cuit(literal("XAXX010101000")),
        )
        told = await whole(exporter, query)
        assert told.splitlines()[1] == b"-12,2026-03-02T18:00:01Z,20-12345678-6,XAXX010101000"

    @pytest.mark.parametrize("typed", ["=1234567890", "-1234567890", "+12345678901"])
    async def test_what_only_has_the_length_of_a_cuit_is_text(self, exporter: CsvExporter, typed: str) -> None:
        assert await whole(exporter, one(c=csv.cuit(literal(typed)))) == f"c\r\n'{typed}\r\n".encode()


class TestExport:
    async def test_is_audited_with_filters_and_rows(self, exporter: CsvExporter, database: Database) -> None:
        await whole(exporter, select(func.generate_series(1, 1234).label("n")))
        [row] = await rows(database, "SELECT * FROM auditoria")
        assert (row["accion"], row["actor_id"], row["objetivo_tipo"]) == ("EXPORT_CSV", 7, "cosas")
        assert row["despues"] == {"filas": 1234, "filtros": {"rol": 2}, "completo": True}

    async def test_one_that_was_left_is_audited_as_incomplete(self, exporter: CsvExporter, database: Database) -> None:
        pieces = export(exporter, select(func.generate_series(1, 200_000).label("n")))
        await anext(pieces)
        await pieces.aclose()
        for _ in range(100):
            if told := await rows(database, "SELECT despues FROM auditoria"):
                break
            await asyncio.sleep(0.02)
        assert told[0]["despues"]["completo"] is False

    @pytest.mark.parametrize("row", [1, 500], ids=["before-the-first-row", "amid-the-rows"])
    async def test_one_that_is_cancelled_while_it_waits_ends_its_query_and_is_audited(
        self, exporter: CsvExporter, database: Database, row: int
    ) -> None:
        number: ColumnClause[int] = column("n")
        sleep = case((number == row, cast(func.pg_sleep(600), Text)), else_="x" * 200)
        query = select(number, sleep.label("t")).select_from(func.generate_series(1, 500).alias("n"))
        waiting = asyncio.create_task(whole(exporter, query))
        async with asyncio.timeout(60):
            async for _ in _ticks():
                if await rows(database, _SLEEPING):
                    break
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not await rows(database, _SLEEPING)
        [told] = await rows(database, "SELECT despues FROM auditoria")
        assert told["despues"]["completo"] is False

    async def test_a_query_that_fails_is_told_before_the_first_byte(self, exporter: CsvExporter) -> None:
        broken = select((literal(1) / (column("n") - column("n"))).label("x")).select_from(
            func.generate_series(1, 2).alias("n")
        )
        with pytest.raises(Exception, match="division by zero"):
            await anext(export(exporter, broken))

    async def test_the_file_is_not_finished_when_the_audit_cannot_be_written(
        self, exporter: CsvExporter, database: Database
    ) -> None:
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE auditoria ADD CONSTRAINT full_disk CHECK (false) NOT VALID"))
        pieces = export(exporter, select(func.generate_series(1, 3).label("n")))
        with pytest.raises(Exception, match="full_disk"):
            await anext(pieces)

    async def test_memory_stays_flat_however_long_the_file(self, exporter: CsvExporter) -> None:
        query = select(func.generate_series(1, ROWS).label("n"), csv.free_text(literal("x" * 200)).label("t"))
        lines, most = 0, 0
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        tracemalloc.start()
        async for piece in export(exporter, query):
            lines += piece.count(b"\r\n")
            most = max(most, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert lines == ROWS + 1
        assert most < 4_000_000
        assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < 64 * 1024
