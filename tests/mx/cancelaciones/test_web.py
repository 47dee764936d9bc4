"""The list of what was found cancelled, over HTTP and on its page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.mx.archivo import ArchivoService, EstadoCfdi, FoundBy
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.cancelaciones import CancelacionesService
from acuse.mx.cancelaciones.feature import FEATURE as CANCELACIONES
from acuse.notices.feature import FEATURE as NOTICES
from tests.mx.archivo.test_web import alice, charlie, one
from tests.mx.contribuyentes.site import Site, Visitor, open_site
from tests.support.cfdis import TAXPAYER

__all__ = ["alice", "charlie"]
PAGE, API = "/app/cfdi/cancelados", "/api/v1/sat/cancelaciones"


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [NOTICES, ARCHIVO, CANCELACIONES]) as opened:
        yield opened


@pytest.fixture
async def found(site: Site, alice: Visitor, clock: MovableClock) -> str:
    """One of Alice's CFDIs is found cancelled; answer its UUID."""
    clock.move(hours=1)
    archive, uuid = site.services[ArchivoService], one()[0].uuid
    detail = await archive.get(SYSTEM, uuid, rfc=TAXPAYER.rfc)
    async with site.house.database.transaction() as tx:
        for _ in range(2):
            await archive.mark(
                tx,
                detail.contribuyente_id,
                detail.uuid,
                EstadoCfdi.CANCELADO,
                as_of=clock.now(),
                found_by=FoundBy.CONSULTA,
            )
    assert alice.user.is_active
    return uuid.upper()


async def test_who_may_see_the_taxpayer_sees_it(alice: Visitor, charlie: Visitor, found: str) -> None:
    told = (await alice.api.get(API, params={"rfc": TAXPAYER.rfc})).json()["cancelaciones"]
    assert [(each["uuid"], each["cancelado"], each["origen"]) for each in told] == [(found, None, "consulta")]
    page = await alice.browser.get(PAGE)
    assert page.status_code == 200
    assert f"/app/cfdi/{TAXPAYER.rfc}/{found}" in page.text
    assert "Sin fecha aún" in page.text
    assert (await charlie.api.get(API)).json() == {"cancelaciones": []}
    assert (await charlie.api.get(API, params={"rfc": TAXPAYER.rfc})).status_code == 404
    assert f'<option value="{TAXPAYER.rfc}">' in page.text
    assert "Sin cancelaciones nuevas" in (await charlie.browser.get(PAGE)).text
    assert "en los últimos 7 días" in (await charlie.browser.get(PAGE, params={"dias": "7"})).text


async def test_the_figures_count_more_than_is_listed(site: Site, alice: Visitor, found: str) -> None:
    async with site.house.database.transaction() as tx:
        await tx.execute(
            text("""
            insert into cfdi
            select (jsonb_populate_record(c, jsonb_build_object('uuid', gen_random_uuid()))).*
              from cfdi c cross join generate_series(1, 2)""")
        )
        await tx.execute(
            text("""
            insert into cancelaciones (contribuyente_id, uuid, found_at, found_by)
            select contribuyente_id, uuid, (select found_at from cancelaciones), 'metadata' from cfdi
             where uuid <> cast(:found as uuid) limit 600"""),
            {"found": found},
        )
        sums = await tx.execute(
            text("""
            select count(*), sum(total * coalesce(tipo_cambio, 1)) filter (where direction = 'R')
              from cfdi join cancelaciones using (contribuyente_id, uuid)""")
        )
        count, amount = sums.one()
    page = (await alice.browser.get(PAGE)).text
    assert f"${amount:,.2f} MXN" in page
    assert count > 500
    assert f"{count - 500} otro" in page


async def test_what_was_found_long_ago_is_left_out(site: Site, found: str, clock: MovableClock) -> None:
    service = site.services[CancelacionesService]
    clock.move(days=8)
    assert await service.recent(SYSTEM, days=7) == []
    assert [each.folio_fiscal for each in await service.recent(SYSTEM, days=30)] == [found]
