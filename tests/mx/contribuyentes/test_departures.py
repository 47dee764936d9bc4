"""A taxpayer who leaves: after an export, wholly, and without touching another."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Transaction
from acuse.mx.contribuyentes.cli import contribuyentes as cli
from acuse.mx.contribuyentes.service import ContribuyentesService, Departures
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.contribuyentes.test_cli import Desk
from tests.support.efirmas import COMPANY, NOW, PASSWORD, PERSON, an_efirma

API = "/api/v1/sat/contribuyentes"
PAGE = "/app/contribuyentes"
RFC = str(PERSON.rfc)


async def load(who: Visitor) -> int:
    files = {"cer": ("x.cer", an_efirma().cer), "key": ("x.key", an_efirma().key)}
    return (await who.api.put(f"{API}/{RFC}/efirma", files=files, data={"password": PASSWORD})).status_code


async def delete(who: Visitor) -> tuple[int, str]:
    answer = await who.api.delete(f"{API}/{RFC}")
    return answer.status_code, answer.json().get("error", "")


async def export(site: Site) -> None:
    found = await site.services[ContribuyentesService].require_access(SYSTEM, RFC)
    async with site.house.database.transaction() as tx:
        await site.services[Departures].note_export(tx, found.id, as_of=site.house.clock.now())


def holding(site: Site, moment: datetime) -> None:
    """Let a feature above hold something of everybody, stored at this moment."""

    async def newest(tx: Transaction, contribuyente_id: int) -> datetime | None:
        return moment

    site.services[Departures].ask_also(newest)


async def rows(site: Site) -> list[str]:
    query = "select rfc from contribuyentes union all select number from efirmas order by 1"
    async with site.house.database.transaction() as tx:
        return list((await tx.execute(text(query))).scalars())


class TestExportFirst:
    async def test_nothing_stored_needs_no_export(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        assert await delete(alice) == (200, "")
        assert (await alice.api.get(f"{API}/{RFC}")).status_code == 404
        assert await rows(site) == []

    async def test_what_is_stored_must_have_been_exported_lately_and_whole(
        self, site: Site, alice: Visitor, clock: MovableClock
    ) -> None:
        await load(alice)
        holding(site, NOW - timedelta(days=3))
        assert await delete(alice) == (409, "EXPORT_MISSING")
        await export(site)
        clock.move(hours=25)
        assert await delete(alice) == (409, "EXPORT_MISSING")
        await export(site)
        clock.move(hours=23)
        assert await delete(alice) == (200, "")

    async def test_something_stored_after_the_export_asks_for_another(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        await export(site)
        holding(site, NOW + timedelta(minutes=1))
        assert await delete(alice) == (409, "EXPORT_MISSING")


class TestRemoval:
    async def test_files_go_with_it_and_those_of_others_stay(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        files, departures = site.house.files, site.services[Departures]
        await files.put(f"clientes/{RFC}/2025/paquetes/cfdi/x.zip", b"zip")
        await files.put(f"clientes/{COMPANY.rfc}/2025/x.zip", b"zip")
        await delete(alice)
        held = await alice.api.post(API, json={"rfc": RFC})
        assert (held.status_code, held.json()["error"]) == (409, "CONTRIBUYENTE_LEAVING")
        assert await load(alice) == 409
        for _ in range(2):
            await departures.clear_storage(RFC)
        assert [item.key for item in await files.list("clientes")] == [f"clientes/{COMPANY.rfc}/2025/x.zip"]
        assert await load(alice) == 200

    async def test_a_job_is_written_with_it_and_the_audit_keeps_the_story(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        await delete(alice)
        async with site.house.database.transaction() as tx:
            jobs = "select args from procrastinate_jobs where task_name = 'mx.contribuyentes:clear_storage'"
            assert list((await tx.execute(text(jobs))).scalars()) == [{"rfc": RFC}]
            story = "select accion from auditoria where objetivo_id = :rfc order by seq"
            told = list((await tx.execute(text(story), {"rfc": RFC})).scalars())
        assert told == ["CREATE_TAXPAYER", "UPLOAD_CREDENTIAL", "DELETE_TAXPAYER"]

    async def test_only_its_owner_removes_it(self, alice: Visitor, bob: Visitor, charlie: Visitor) -> None:
        await load(alice)
        await alice.api.put(f"{API}/{RFC}/accesos/{bob.user.id}", json={"nivel": "operacion"})
        assert await delete(bob) == (403, "ACCESS_LEVEL_TOO_LOW")
        assert await delete(charlie) == (404, "CONTRIBUYENTE_NOT_FOUND")
        assert (await charlie.browser.post(f"{PAGE}/{RFC}/eliminar")).status_code == 404


class TestPageAndTerminal:
    async def test_the_page_says_what_goes_and_refuses_without_an_export(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        assert "Eliminar contribuyente" in (await alice.browser.get(f"{PAGE}/{RFC}")).text
        holding(site, NOW)
        refused = await alice.browser.post(f"{PAGE}/{RFC}/eliminar")
        assert (refused.status_code, "EXPORT_MISSING" in refused.text) == (409, True)
        await export(site)
        gone = await alice.browser.post(f"{PAGE}/{RFC}/eliminar")
        assert (gone.status_code, gone.headers["location"]) == (303, PAGE)

    async def test_the_terminal_does_it_too(self, site: Site, alice: Visitor) -> None:
        await load(alice)
        desk = Desk(site.services[Departures])
        await cli.commands(desk).run_async(["delete", RFC, "--yes"], result_action="return_value")
        assert await rows(site) == []
