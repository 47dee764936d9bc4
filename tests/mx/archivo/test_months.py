"""Totals by month: whatever is written, in whatever order, they are what the stored CFDIs add up to."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from acuse.kernel.database import Database, Transaction
from acuse.mx.archivo import ArchivoService, EstadoCfdi, FoundBy, MonthsStore
from acuse.mx.cfdi.metadata import HEADER
from tests.mx.archivo.conftest import Office, Put
from tests.support.cfdis import a_corpus, a_metadata_package, a_zip, an_xml_package, entries_of

RUNS = int(os.environ.get("ACUSE_PROOF_EXAMPLES", "4"))
STEPS = 14
ENTRIES = list(a_corpus().entries())
SUMS = ("total", "subtotal", "iva_trasladado", "iva_retenido", "isr_retenido", "ieps", "pagado")
Totals = tuple[Mapping[tuple[Any, ...], tuple[Any, ...]], Mapping[tuple[Any, ...], tuple[Any, ...]]]


async def told(database: Database, *taxpayers: int) -> Totals:
    """The totals as whoever asks gets them."""
    async with database.transaction() as tx:
        await MonthsStore().bring_up_to_date(tx, taxpayers)
        months = await tx.execute(text("select * from cfdi_months"))
        payments = await tx.execute(text("select * from cfdi_month_payments"))
        return (
            {tuple(row)[:8]: tuple(row)[8:] for row in months},
            {tuple(row)[:4]: tuple(row)[4:] for row in payments},
        )


async def by_hand(database: Database) -> Totals:
    """The same, added up here from every row."""
    documents: Counter[tuple[Any, ...]] = Counter()
    sums: defaultdict[tuple[Any, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(SUMS))
    payments: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    async with database.transaction() as tx:
        cfdis = {(row.contribuyente_id, row.uuid): row for row in await tx.execute(text("select * from cfdi"))}
        pagos = (await tx.execute(text("select * from pagos"))).all()
    for row in cfdis.values():
        rate, nothing = row.tipo_cambio or 1, Decimal(0)
        key = (
            row.contribuyente_id,
            row.fecha.date().replace(day=1),
            row.direction,
            row.efecto,
            row.metodo_pago if row.metodo_pago in {"PUE", "PPD"} else "",
            row.estado == "cancelado",
            row.xml_paquete_id is not None,
            row.moneda not in {None, "MXN", "XXX"} and row.tipo_cambio is None,
        )
        taxes = (row.iva_trasladado, row.iva_retenido, row.isr_retenido, row.ieps_trasladado)
        amounts = (row.total, (row.subtotal or nothing) - (row.descuento or nothing), *taxes)
        added = [*((amount or nothing) * rate for amount in amounts), row.pagado_mxn or nothing]
        documents[key] += 1
        sums[key] = [a + b for a, b in zip(sums[key], added, strict=True)]
    for pago in pagos:
        row = cfdis[pago.contribuyente_id, pago.uuid]
        if row.estado != "cancelado":
            months = (each.date().replace(day=1) for each in (row.fecha, pago.fecha))
            sum_ = payments[row.contribuyente_id, *months, row.direction]
            sum_[0], sum_[1] = sum_[0] + 1, sum_[1] + pago.monto_mxn
    return (
        {key: (count, *sums[key]) for key, count in documents.items()},
        {key: tuple(sum_) for key, sum_ in payments.items()},
    )


def some_metadata(rng: Random) -> bytes:
    """Rows of some documents, in force or cancelled, a few with a date that their XML gives otherwise."""
    lines = [HEADER]
    for entry in rng.sample(ENTRIES, 40):
        fields = entry.metadata_line().split("~")
        if rng.random() < 0.2:
            fields[6] = str(entry.fecha + timedelta(days=rng.choice((-31, 31))))
        fields[10], fields[11] = rng.choice((("1", ""), ("0", "2026-01-05 10:00:00")))
        lines.append("~".join(fields))
    return a_zip([("0A1B_01.txt", ("\r\n".join(lines) + "\r\n").encode())])


class World:
    """An archive, and what may happen to it."""

    def __init__(self, archive: ArchivoService, office: Office, put: Put, database: Database, rng: Random) -> None:
        self.archive, self.office, self.put, self.database, self.rng = archive, office, put, database, rng
        self.steps = (self.xml, self.metadata, self.mark, self.give_up, self.remove_some, self.ask)
        self.count = 0

    async def xml(self) -> None:
        direction = self.rng.choice("ER")
        chosen = self.rng.sample(entries_of(direction), 30)
        await self.archive.ingest_xml_package(
            self.office.kemper, await self._package(an_xml_package(chosen)), direction
        )

    async def metadata(self) -> None:
        as_of = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.rng.randrange(1000))
        key = await self._package(some_metadata(self.rng))
        await self.archive.ingest_metadata_package(self.office.kemper, key, self.rng.choice("ER"), as_of=as_of)

    async def mark(self) -> None:
        as_of = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=self.rng.randrange(1000))
        async with self.database.transaction() as tx:
            for entry in self.rng.sample(ENTRIES, 10):
                estado = self.rng.choice(list(EstadoCfdi))
                await self.archive.mark(
                    tx, self.office.kemper, UUID(entry.uuid), estado, as_of=as_of, found_by=FoundBy.CONSULTA
                )

    async def give_up(self) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(text("update cfdi set estado = 'cancelado', total = 1"))
            await tx.rollback()

    async def remove_some(self) -> None:
        async with self.database.transaction() as tx:
            for table in ("pagos", "cfdi"):
                await tx.execute(
                    text(f"delete from {table} where uuid < :u"), {"u": UUID(int=self.rng.getrandbits(126))}
                )

    async def ask(self) -> None:
        await told(self.database, self.office.kemper)

    async def _package(self, data: bytes) -> str:
        self.count += 1
        return await self.put(f"step{self.count}", data)


@pytest.mark.parametrize("seed", range(RUNS))
async def test_after_anything_the_totals_are_what_the_rows_add_up_to(
    seed: int, archive: ArchivoService, office: Office, put: Put, database: Database
) -> None:
    world = World(archive, office, put, database, Random(seed))
    for _ in range(STEPS):
        await world.rng.choice(world.steps)()
    wanted = await by_hand(database)
    assert await told(database, office.kemper, office.other) == wanted
    assert await told(database, office.kemper) == wanted


class TestTwoAtOnce:
    async def test_what_is_written_meanwhile_is_counted_when_it_is_committed(
        self, archive: ArchivoService, office: Office, put: Put, database: Database
    ) -> None:
        await archive.ingest_metadata_package(office.kemper, await put("m", a_metadata_package(ENTRIES)), "E")
        async with database.transaction() as writing:
            await cancel_all(writing)
            before = await told(database, office.kemper)
            assert sum(row[0] for key, row in before[0].items() if key[5]) < len(ENTRIES)
        after = await told(database, office.kemper)
        assert sum(row[0] for key, row in after[0].items() if key[5]) == len(ENTRIES)
        assert after == await by_hand(database)


async def test_a_taxpayer_takes_its_totals_along(
    archive: ArchivoService, office: Office, put: Put, database: Database
) -> None:
    await archive.ingest_xml_package(office.kemper, await put("a", an_xml_package(entries_of("E"))), "E")
    assert (await told(database, office.kemper))[0]
    async with database.transaction() as tx:
        await tx.execute(text("delete from contribuyentes where id = :c"), {"c": office.kemper})
    async with database.transaction() as tx:
        for table in ("cfdi", "cfdi_months", "cfdi_month_payments", "cfdi_changed_months"):
            assert (await tx.execute(text(f"select count(*) from {table}"))).scalar_one() == 0


async def cancel_all(tx: Transaction) -> None:
    await tx.execute(text("update cfdi set estado = 'cancelado'"))


async def test_what_is_missing_is_one_figure_wherever_it_is_told(
    archive: ArchivoService, office: Office, put: Put, database: Database
) -> None:
    """Neither what the SAT hands out no more nor certificates of withholding, which nobody is offered to fetch."""
    taxpayer = office.kemper
    await archive.ingest_metadata_package(taxpayer, await put("m.zip", a_metadata_package(ENTRIES)), "E")
    async with database.transaction() as tx:
        await tx.execute(text("update cfdi set efecto = 'R' where uuid in (select uuid from cfdi limit 5)"))
    first, last = min(each.fecha for each in ENTRIES).date(), max(each.fecha for each in ENTRIES).date()
    async with database.transaction() as tx:
        store = MonthsStore()
        held = await store.held(tx, [taxpayer], first.replace(day=1), last)
        missing = sum(each.missing for each in held)
        assert missing > 0
        assert await store.missing_of(tx, [taxpayer]) == {taxpayer: missing}
        assert (await store.counts(tx, [taxpayer])).missing == missing
