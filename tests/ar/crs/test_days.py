"""Counted days: whatever is asked, the total is what the downloads add up to, counted before or not."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from acuse.ar.crs.cli import commands
from acuse.ar.crs.model import ZONE, DescargaFilter, EstadoDescarga
from acuse.ar.crs.service import DownloadService
from acuse.ar.crs.store import days, downloads
from acuse.ar.crs.tables import EVERYBODY, DescargaRow, DiaRow
from acuse.kernel.clock import MovableClock
from tests.support.crs import Site, Visitor
from tests.support.terminal import Terminal

TODAY: Final = date(2026, 3, 2)


async def download(site: Site, who: Visitor, certificate: UUID, at: datetime, number: int) -> None:
    """Put a download of that moment where it belongs."""
    async with site.house.database.transaction() as tx:
        await downloads.add(
            tx,
            id_descarga=UUID(int=number),
            id_usuario=who.user.id,
            id_certificado=certificate,
            controlador_id="SESHIA0000001371",
            certificado_nombre="Uno",
            fecha=at,
            estado=EstadoDescarga.PENDIENTE if number % 3 else EstadoDescarga.FACTURADO,
            logs=[],
            checksum="",
            size_bytes=1,
            deliveries=0,
            created_at=at,
            updated_at=at,
        )


async def check(site: Site, *people: Visitor) -> None:
    """Hold every total against what lies there, for every stretch of days."""
    span = [None, *(TODAY - timedelta(days=back) for back in (12, 7, 3, 1, 0))]
    async with site.house.database.transaction() as tx:
        for since, until, who in product(span, span, (None, *(each.user.id for each in people))):
            if since and until and since > until:
                continue
            wanted = DescargaFilter(desde=since, hasta=until, usuario_id=who)
            plain = select(func.count()).select_from(DescargaRow)
            if wanted.since:
                plain = plain.where(DescargaRow.fecha >= wanted.since)
            if wanted.before:
                plain = plain.where(DescargaRow.fecha < wanted.before)
            if who:
                plain = plain.where(DescargaRow.id_usuario == who)
            found = await downloads.count(tx, wanted) if since or until else (await tx.execute(plain)).scalar_one()
            assert found == (await tx.execute(plain)).scalar_one(), wanted


async def counted(site: Site) -> list[tuple[date, int]]:
    async with site.house.database.transaction() as tx:
        by_user = func.sum(DiaRow.descargas).filter(DiaRow.id_usuario != EVERYBODY)
        of_all = func.sum(DiaRow.descargas).filter(DiaRow.id_usuario == EVERYBODY)
        query = select(DiaRow.dia, by_user, of_all).group_by(DiaRow.dia).order_by(DiaRow.dia)
        found = (await tx.execute(query)).all()
    assert all(users == everybody for _, users, everybody in found)
    return [(day, int(number)) for day, number, _ in found]


@pytest.fixture
async def filled(site: Site, bob: Visitor, charlie: Visitor, certificate: UUID) -> int:
    """Sixty downloads of the last eleven days, around midnight too."""
    chance = Random(7)
    for number in range(1, 61):
        day = TODAY - timedelta(days=chance.choice((0, 1, 1, 2, 3, 5, 8, 11)))
        at = datetime(day.year, day.month, day.day, chance.choice((0, 0, 12, 23)), chance.randrange(60), tzinfo=ZONE)
        await download(site, chance.choice((bob, charlie)), certificate, at, number)
    return 60


async def test_totals_are_right_whatever_is_counted(
    site: Site, bob: Visitor, charlie: Visitor, clock: MovableClock, filled: int, certificate: UUID
) -> None:
    await check(site, bob, charlie)
    service = site.services[DownloadService]
    await service.count_days()
    before = await counted(site)
    assert before
    assert max(day for day, _ in before) < TODAY
    await check(site, bob, charlie)
    await service.count_days()
    assert await counted(site) == before  # nothing twice
    clock.move(days=1)
    await download(site, bob, certificate, clock.now(), filled + 1)
    await check(site, bob, charlie)
    await service.count_days()
    assert max(day for day, _ in await counted(site)) == TODAY
    await check(site, bob, charlie)


async def test_a_state_is_counted_where_the_downloads_lie(site: Site, filled: int) -> None:
    await site.services[DownloadService].count_days()
    for state in EstadoDescarga:
        wanted = DescargaFilter(estado=state, desde=date(2026, 2, 1), hasta=date(2026, 2, 28))
        async with site.house.database.transaction() as tx:
            lying = select(func.count()).where(
                DescargaRow.estado == state, DescargaRow.fecha >= wanted.since, DescargaRow.fecha < wanted.before
            )
            assert await downloads.count(tx, wanted) == (await tx.execute(lying)).scalar_one() < filled


async def test_an_import_of_old_downloads_is_counted_anew(
    site: Site, bob: Visitor, charlie: Visitor, filled: int, certificate: UUID, tmp_path: Path
) -> None:
    await site.services[DownloadService].count_days()
    table = tmp_path / "descargas.csv"
    table.write_text(
        f"id_descarga,cuit,id_certificado,fecha,estado\n{UUID(int=900)},20123456786,{certificate},"
        "2026-02-24 23:59:00,Facturado\n",
        encoding="utf-8",
    )
    before = await counted(site)
    terminal = Terminal(site.services, commands)
    await terminal.run("import", "--descargas", str(table), "--dry-run")
    assert await counted(site) == before  # a look forgets nothing
    await terminal.run("import", "--descargas", str(table), "--yes")
    assert max(day for day, _ in await counted(site)) < date(2026, 2, 24)
    await check(site, bob, charlie)
    await site.services[DownloadService].count_days()
    await check(site, bob, charlie)
    assert sum(number for _, number in await counted(site)) == sum(number for _, number in before) + 1


async def test_counting_waits_for_an_import_that_is_not_done(
    site: Site, bob: Visitor, certificate: UUID, filled: int
) -> None:
    at = datetime(2026, 2, 23, 12, tzinfo=ZONE)
    database = site.house.database
    async with database.transaction() as tx:
        await days.forget_since(tx, at.date())
        counting = asyncio.create_task(site.services[DownloadService].count_days())
        for _ in range(3000):
            if await waiting(site):
                break
            await asyncio.sleep(0.01)
        assert not counting.done()
    await counting
    await check(site, bob)


async def waiting(site: Site) -> bool:
    """Tell whether somebody waits for the lock of counting."""
    async with site.house.database.transaction() as tx:
        query = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
        return bool((await tx.execute(query)).scalar_one())
