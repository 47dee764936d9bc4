"""Monthly statements: what stands in them, that they never change, and that a file can be proven."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from acuse.accounts.model import Role
from acuse.ar.crs.model import EstadoDescarga
from acuse.ar.crs.service import BillingService, DownloadService
from acuse.ar.resumenes.errors import MonthClosed, MonthInvalid, MonthNotOver, ResumenNotFound
from acuse.ar.resumenes.model import Authentic, Month, Resumen
from acuse.ar.resumenes.service import ClosingService, ResumenService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from tests.support.crs import Site, Visitor, open_site

MARCH, APRIL = Month(2026, 3), Month(2026, 4)
MID_MARCH = datetime(2026, 3, 20, 15, tzinfo=UTC)
IN_APRIL = datetime(2026, 4, 3, 15, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 3, 15, tzinfo=UTC)


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    clock.set(MID_MARCH)
    async with open_site(database_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def bob(site: Site) -> Visitor:
    return await site.person("Bob", "20123456786", Role.MAYORISTA, limit=50)


def at(site: Site, moment: datetime) -> None:
    clock = site.house.clock
    assert isinstance(clock, MovableClock)
    clock.set(moment)


async def download(site: Site, who: Visitor, certificate: UUID) -> UUID:
    return (await site.services[DownloadService].start(who.identity, certificate)).id


async def close(site: Site, month: Month) -> int:
    return await site.services[ClosingService].close(month, SYSTEM)


async def statement(site: Site, who: Visitor, month: Month) -> Resumen:
    (found,), _ = await site.services[ResumenService].page(who.identity, mes=str(month), page=1, limit=10)
    return found


async def rows_of(site: Site, who: Visitor, month: Month) -> list[dict[str, str]]:
    found = await statement(site, who, month)
    _, content = await site.services[ResumenService].file(who.identity, found.id, "csv")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


class TestContent:
    async def test_month_holds_its_downloads_with_device_time_and_hash(self, site: Site, bob: Visitor) -> None:
        certificate = await site.certificate(name="=Almacén Ñandú")
        ids = [await download(site, bob, certificate) for _ in range(3)]
        at(site, IN_APRIL)
        assert await close(site, MARCH) == 1
        rows = await rows_of(site, bob, MARCH)
        assert {row["id_descarga"] for row in rows} == set(map(str, ids))
        assert {row["controlador_id"] for row in rows} == {"SESHIA0000001371"}
        assert {row["certificado_nombre"] for row in rows} == {"'=Almacén Ñandú"}
        assert all(row["checksum"].startswith("sha256:") and len(row["checksum"]) == 71 for row in rows)
        found = await statement(site, bob, MARCH)
        assert (found.descargas, found.pendientes, found.facturadas) == (3, 3, 0)

    async def test_month_is_that_of_buenos_aires(self, site: Site, bob: Visitor) -> None:
        certificate = await site.certificate()
        at(site, datetime(2026, 4, 1, 2, 59, 59, tzinfo=UTC))
        last = await download(site, bob, certificate)
        at(site, datetime(2026, 4, 1, 3, 0, 0, tzinfo=UTC))
        await download(site, bob, certificate)
        at(site, IN_APRIL)
        await close(site, MARCH)
        assert [row["id_descarga"] for row in await rows_of(site, bob, MARCH)] == [str(last)]

    async def test_later_change_goes_to_the_next_month_once(self, site: Site, bob: Visitor) -> None:
        certificate = await site.certificate()
        first = await download(site, bob, certificate)
        at(site, IN_APRIL)
        await close(site, MARCH)
        before = (await statement(site, bob, MARCH)).document
        await site.services[BillingService].set_state(first, EstadoDescarga.FACTURADO, actor=SYSTEM)
        at(site, IN_MAY)
        await close(site, APRIL)
        (row,) = await rows_of(site, bob, APRIL)
        assert (row["tipo"], row["estado"], row["estado_anterior"]) == (
            "correccion",
            "Facturado",
            "Pendiente de Facturar",
        )
        assert (await statement(site, bob, MARCH)).document == before
        at(site, datetime(2026, 6, 3, tzinfo=UTC))
        assert await close(site, Month(2026, 5)) == 0

    async def test_download_that_comes_into_a_closed_month_is_told_late(self, site: Site, bob: Visitor) -> None:
        certificate = await site.certificate()
        at(site, IN_APRIL)
        await close(site, MARCH)
        late = await download(site, bob, certificate)
        async with site.house.database.transaction() as tx:
            await tx.execute(text("update crs_descargas set fecha = :fecha"), {"fecha": MID_MARCH})
        at(site, IN_MAY)
        await close(site, APRIL)
        (row,) = await rows_of(site, bob, APRIL)
        assert (row["tipo"], row["id_descarga"]) == ("tardia", str(late))

    async def test_reseller_without_movement_gets_none(self, site: Site, bob: Visitor) -> None:
        at(site, IN_APRIL)
        assert await close(site, MARCH) == 0
        assert (await site.services[ResumenService].page(bob.identity, page=1, limit=10))[1] == 0

    async def test_pdf_says_who_when_and_how_many(self, site: Site, bob: Visitor) -> None:
        certificate = await site.certificate()
        for _ in range(45):
            await download(site, bob, certificate)
        at(site, IN_APRIL)
        await close(site, MARCH)
        found = await statement(site, bob, MARCH)
        _, content = await site.services[ResumenService].file(bob.identity, found.id, "pdf")
        assert content.startswith(b"%PDF-")
        assert content.count(b"/Type /Page\n") == 2


class TestClosing:
    async def test_running_month_cannot_be_closed(self, site: Site) -> None:
        with pytest.raises(MonthNotOver):
            await close(site, MARCH)

    async def test_closed_month_cannot_be_closed_again(self, site: Site) -> None:
        at(site, IN_APRIL)
        await close(site, MARCH)
        with pytest.raises(MonthClosed):
            await close(site, MARCH)

    async def test_schedule_closes_the_month_before_once(self, site: Site, bob: Visitor) -> None:
        await download(site, bob, await site.certificate())
        at(site, IN_APRIL)
        closing = site.services[ClosingService]
        assert (await closing.close_due(), await closing.close_due()) == (1, 0)

    async def test_two_at_once_make_one_statement(self, site: Site, bob: Visitor) -> None:
        await download(site, bob, await site.certificate())
        at(site, IN_APRIL)
        await asyncio.gather(*(close(site, MARCH) for _ in range(4)), return_exceptions=True)
        assert (await site.services[ResumenService].page(bob.identity, page=1, limit=10))[1] == 1

    async def test_stopped_in_the_middle_it_goes_on(self, site: Site, bob: Visitor) -> None:
        carol = await site.person("Carol", "27301112225", limit=5)
        certificate = await site.certificate()
        for who in (bob, carol):
            await download(site, who, certificate)
        at(site, IN_APRIL)
        await site.services[ClosingService]._close_for(MARCH, bob.user.id)
        assert await close(site, MARCH) == 2

    @pytest.mark.parametrize("table", ["crs_resumenes", "crs_resumen_lineas", "crs_cierres"])
    @pytest.mark.parametrize("act", ["delete from {}", "truncate {} cascade", "update {} set closed_at = now()"])
    async def test_database_refuses_every_change(self, site: Site, bob: Visitor, table: str, act: str) -> None:
        await download(site, bob, await site.certificate())
        at(site, IN_APRIL)
        await close(site, MARCH)
        with pytest.raises(DBAPIError, match="never changes"):
            async with site.house.database.transaction() as tx:
                await tx.execute(text(act.format(table)))

    async def test_reseller_is_told_once_and_the_act_is_audited(self, site: Site, bob: Visitor) -> None:
        await download(site, bob, await site.certificate())
        at(site, IN_APRIL)
        await close(site, MARCH)
        found = await statement(site, bob, MARCH)
        for _ in range(2):
            await site.services[ResumenService].write_letter(found.id)
        async with site.house.database.transaction() as tx:
            letters = (
                await tx.execute(text("select count(*) from notices_outbox where template = 'crs_resumen'"))
            ).scalar()
        assert letters == 1
        assert [row.objetivo_id for row in await site.audited("CLOSE_STATEMENTS")] == ["2026-03"]


class TestVerify:
    @pytest.fixture
    async def package(self, site: Site, bob: Visitor) -> dict[str, bytes]:
        await download(site, bob, await site.certificate())
        at(site, IN_APRIL)
        await close(site, MARCH)
        found = await statement(site, bob, MARCH)
        _, content = await site.services[ResumenService].package(bob.identity, found.id)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {"zip": content} | {name.rsplit(".", 1)[1]: archive.read(name) for name in archive.namelist()}

    @pytest.mark.parametrize("part", ["zip", "pdf", "csv", "json"])
    async def test_every_file_is_genuine(self, site: Site, package: dict[str, bytes], part: str) -> None:
        verdict = await site.services[ResumenService].verify(package[part])
        assert verdict.result is Authentic.GENUINE
        assert verdict.told is not None
        assert verdict.told["mes"] == "2026-03"

    @pytest.mark.parametrize("part", ["pdf", "csv", "json"])
    async def test_one_changed_byte_shows(self, site: Site, package: dict[str, bytes], part: str) -> None:
        content = package[part]
        for place in (10, len(content) // 2, len(content) - 3):
            changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            assert (await site.services[ResumenService].verify(changed)).result is not Authentic.GENUINE

    async def test_changed_file_beside_a_good_signature_shows(self, site: Site, package: dict[str, bytes]) -> None:
        text_ = io.BytesIO()
        with zipfile.ZipFile(text_, "w") as archive:
            archive.writestr("r.csv", package["csv"].replace(b"Pendiente", b"Facturado"))
            archive.writestr("r.firma.json", package["json"])
        assert (await site.services[ResumenService].verify(text_.getvalue())).result is Authentic.ALTERED

    @pytest.mark.parametrize("junk", [b"", b"{}", b"{", b'{"a":' + b"[" * 100_000, b"PK\x03\x04roto", b"\xff" * 50])
    async def test_junk_is_never_genuine(self, site: Site, junk: bytes) -> None:
        assert (await site.services[ResumenService].verify(junk)).result is not Authentic.GENUINE


class TestDoors:
    async def test_reseller_sees_own_and_administrator_all(self, site: Site, bob: Visitor) -> None:
        ana = await site.person("Ana", "27301112225", Role.ADMINISTRADOR)
        carol = await site.person("Carol", "30710955057")
        await download(site, bob, await site.certificate())
        at(site, IN_APRIL)
        closed = await ana.api.post("/api/v1/crs/resumenes/cierre", json={"mes": "2026-03"})
        assert (closed.status_code, closed.json()["resumenes"]) == (201, 1)
        again = await ana.api.post("/api/v1/crs/resumenes/cierre", json={"mes": "2026-03"})
        assert (again.status_code, again.json()["error"]) == (409, "MONTH_CLOSED")
        (one,) = (await bob.api.get("/api/v1/crs/resumenes")).json()["resumenes"]
        assert (await ana.api.get("/api/v1/crs/resumenes")).json()["pagination"]["total"] == 1
        assert (await carol.api.get("/api/v1/crs/resumenes")).json()["resumenes"] == []
        address = f"/api/v1/crs/resumenes/{one['id_resumen']}"
        assert (await carol.api.get(f"{address}/pdf")).status_code == 404
        assert (await bob.api.post("/api/v1/crs/resumenes/cierre", json={"mes": "2026-03"})).status_code == 403
        pdf = await bob.api.get(f"{address}/pdf")
        assert pdf.headers["content-disposition"] == 'attachment; filename="resumen-2026-03-20123456786.pdf"'
        told = await carol.api.post("/api/v1/crs/resumenes/verificar", files={"archivo": pdf.content})
        assert told.json()["resultado"] == "autentico"

    async def test_pages_show_close_and_prove(self, site: Site) -> None:
        at(site, IN_APRIL)
        ana = await site.person("Ana", "27301112225", Role.ADMINISTRADOR)
        bob = await site.person("Bob", "20123456786", limit=5)
        await download(site, bob, await site.certificate())
        async with site.house.database.transaction() as tx:
            await tx.execute(text("update crs_descargas set fecha = :fecha"), {"fecha": MID_MARCH})
        offered = 'id="cerrar-mes" name="mes" type="text" value="{}"'
        assert offered.format("2026-03") in (await ana.browser.get("/app/crs/resumenes")).text
        closed = await ana.browser.post("/app/crs/resumenes/cierre", data={"mes": "2026-03"}, follow_redirects=True)
        assert "Se cerró marzo de 2026 con 1 resumen." in closed.text
        assert offered.format("") in closed.text
        page = await bob.browser.get("/app/crs/resumenes")
        assert "marzo de 2026" in page.text
        assert "Cerrar el mes" not in page.text
        found = await statement(site, bob, MARCH)
        assert "Huella del PDF" in (await bob.browser.get(f"/app/crs/resumenes/{found.id}")).text
        package = await bob.browser.get(f"/app/crs/resumenes/{found.id}/zip/archivo")
        shown = await bob.browser.post("/app/crs/resumenes/comprobar", files={"archivo": package.content})
        assert "Es auténtico" in shown.text
        carol = await site.person("Carol", "30710955057")
        with pytest.raises(ResumenNotFound):
            await site.services[ResumenService].get(carol.identity, found.id)


@pytest.mark.parametrize("typed", ["2026-13", "26-10", "2026-1", "x", "1999-01"])
def test_what_is_no_month_is_refused(typed: str) -> None:
    with pytest.raises(MonthInvalid):
        Month.parse(typed)


def test_months_follow_each_other_over_the_year() -> None:
    assert str(Month(2026, 1).before) == "2025-12"
    assert Month(2026, 12).end == Month(2027, 1).start
