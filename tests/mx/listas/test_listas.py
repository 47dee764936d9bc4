"""The list comes in, is matched against what is stored, and is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import URL, text

from acuse.accounts.model import Role
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.mx.archivo import ArchivoService, CfdisAdded
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.cfdi.corpus import CorpusEntry
from acuse.mx.listas import ListasService
from acuse.mx.listas.feature import FEATURE as LISTAS
from acuse.mx.outside.sat_listas.codes import OFFICIAL_URL
from acuse.mx.outside.sat_listas.simulator import ListaState, create_app
from acuse.notices.feature import FEATURE as NOTICES
from acuse.notices.service import Outbox
from tests.mx.archivo.test_web import NEWEST, alice, charlie
from tests.mx.contribuyentes.site import Site, Visitor, open_site
from tests.support.cfdis import TAXPAYER, a_metadata_package

__all__ = ["alice", "charlie"]
API = "/api/v1/sat/listas/69b"
ISSUER = next(entry for entry in NEWEST if entry.direction == "R" and len(entry.emisor_rfc) == 12)
RECEIVER = next(entry for entry in NEWEST if entry.direction == "E" and not entry.receptor_rfc.startswith("X"))


@pytest.fixture
def lista() -> ListaState:
    return ListaState(date(2026, 2, 15), {ISSUER.emisor_rfc: (ISSUER.emisor_nombre, "Presunto")})


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock, lista: ListaState) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [NOTICES, ARCHIVO, LISTAS]) as opened:
        origin = "/".join(OFFICIAL_URL.split("/")[:3])
        opened.house.http.mount(origin, _at_its_path(lista))
        yield opened


def _at_its_path(lista: ListaState) -> object:
    app = create_app(lista)

    async def answer(scope: dict[str, object], receive: object, send: object) -> None:
        scope["path"] = "/" + str(scope["path"]).rpartition("/")[2]
        await app(scope, receive, send)  # type: ignore[arg-type]

    return answer


async def told(site: Site) -> list[str]:
    """Run the letters of everything found so far, twice over; answer their texts."""
    service = site.services[ListasService]
    async with site.house.database.transaction() as tx:
        found = await tx.execute(text("select distinct contribuyente_id, found_at from lista_69b_avisos"))
        pairs: list[tuple[int, datetime]] = [(row[0], row[1]) for row in found]
    for contribuyente_id, found_at in pairs * 2:
        await service.tell(contribuyente_id, found_at)
    return [each.text for each in (await site.services[Outbox].list()).items if each.template == "lista_69b"]


async def test_a_listing_is_found_in_what_was_stored_before_and_told_once(
    site: Site, alice: Visitor, lista: ListaState
) -> None:
    service = site.services[ListasService]
    version = await service.fetch()
    assert (version.as_of, version.rows, version.suppressed) == (date(2026, 2, 15), 204, 3)
    answer = (await alice.api.get(API)).json()
    mine = [entry for entry in NEWEST if ISSUER.emisor_rfc in {entry.emisor_rfc, entry.receptor_rfc}]
    row = next(each for each in answer["contrapartes"] if each["contribuyente"] == TAXPAYER.rfc)
    assert (row["rfc"], row["situacion"], row["desde"]) == (ISSUER.emisor_rfc, "Presunto", "2026-02-15")
    assert row["cfdis"] == len(mine)
    assert row["recibidos"] == sum(entry.direction == "R" for entry in mine)
    assert (row["publicado_sat"], row["publicado_dof"]) == ("2018-01-12", "2018-02-01")
    first = await told(site)
    assert len(first) == 1
    await service.fetch()
    assert await service.match() == 0
    assert len(await told(site)) == 1
    lista.as_of = date(2026, 2, 28)
    lista.situations[ISSUER.emisor_rfc] = (ISSUER.emisor_nombre, "Definitivo")
    site.house.clock.move(hours=1)  # type: ignore[attr-defined]
    await service.fetch()
    assert len(await told(site)) == 2
    page = await alice.browser.get("/app/listas")
    assert page.status_code == 200
    assert "Definitivo" in page.text
    assert "de contribuyentes definitivos" in page.text
    assert "1 feb 2020" in page.text
    assert f"/app/cfdi?rfc={TAXPAYER.rfc}&amp;texto={quote(ISSUER.emisor_rfc)}" in page.text
    assert "en el DOF: 01/02/2020" in (await told(site))[0]
    assert len(await service.versions()) == 2


async def test_a_receiver_is_matched_too_and_the_suppressed_never(
    site: Site, alice: Visitor, lista: ListaState
) -> None:
    lista.situations = {RECEIVER.receptor_rfc: (RECEIVER.receptor_nombre, "Definitivo")}
    await site.services[ListasService].fetch()
    found = (await alice.api.get(API)).json()["contrapartes"]
    assert [each["rfc"] for each in found] == [RECEIVER.receptor_rfc]
    received = [entry for entry in NEWEST if entry.emisor_rfc == RECEIVER.receptor_rfc]
    assert found[0]["recibidos"] == len(received) < found[0]["cfdis"]


async def test_an_older_version_changes_nothing(site: Site, alice: Visitor, lista: ListaState) -> None:
    service = site.services[ListasService]
    await service.fetch()
    older = ListaState(date(2025, 1, 1), {ISSUER.emisor_rfc: ("X", "Definitivo")})
    await service.take_in(older.file(), origin="subida")
    assert {each.situacion for each in await service.listed(SYSTEM)} == {"Presunto"}
    assert len(await told(site)) == 1
    assert alice.user.is_active
    assert lista.as_of


async def test_a_frozen_address_is_warned_of(site: Site, lista: ListaState) -> None:
    lista.as_of = date(2025, 1, 31)
    service = site.services[ListasService]
    await service.fetch()
    assert "31/01/2025" in (await service.warning() or "")
    lista.as_of = date(2026, 2, 28)
    await service.fetch()
    assert await service.warning() is None


async def test_an_administrator_uploads_and_others_may_not(site: Site, alice: Visitor, lista: ListaState) -> None:
    admin = await site.person("Root", "AAA010101AAA", Role.ADMINISTRADOR)
    file = {"archivo": ("lista.csv", lista.file(), "text/csv")}
    assert (await alice.api.post(API, files=file)).status_code == 403
    assert (await admin.api.post(API, files=file)).status_code == 201
    wrong = await admin.api.post(API, files={"archivo": ("x.csv", b"hola", "text/csv")})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "SAT_LISTA_UNREADABLE")


async def test_charlie_sees_nothing_of_alices(site: Site, alice: Visitor, charlie: Visitor) -> None:
    await site.services[ListasService].fetch()
    assert (await charlie.api.get(API)).json()["contrapartes"] == []
    assert alice.user.is_active


async def test_cfdis_that_come_later_than_the_list_are_matched_by_their_package(
    site: Site, alice: Visitor, lista: ListaState
) -> None:
    """The list was there first; the package that brings the counterpart finds it, and it is told once."""
    async with site.house.database.transaction() as tx:
        await tx.execute(text("delete from cfdi"))
        await tx.execute(text("delete from indexed_paquetes"))
        await tx.execute(text("delete from procrastinate_jobs"))
    service = site.services[ListasService]
    await service.fetch()
    assert await told(site) == []
    archive = site.services[ArchivoService]
    owner = (await archive.taxpayers(SYSTEM))[0]
    key = await stored(site, [entry for entry in NEWEST if entry.direction == "R"])
    await archive.ingest_metadata_package(owner.id, key, "R")
    match = next(job for job in site.services.mounted["listas"].jobs if job.name == "mx.listas:match")
    for _ in range(2):
        await match.run(CfdisAdded(owner.id))
    assert len(await told(site)) == 1
    assert await service.match() == 0
    async with site.house.database.transaction() as tx:
        waiting = "select args from procrastinate_jobs where task_name = 'mx.listas:match'"
        assert (await tx.execute(text(waiting))).scalars().all() == [{"contribuyente_id": owner.id}]
    assert alice.user.is_active
    assert lista.as_of


async def stored(site: Site, entries: Sequence[CorpusEntry]) -> str:
    """Keep a package of metadata; answer its key."""
    key = f"clientes/{TAXPAYER.rfc}/2025/paquetes/metadata/tarde.zip"
    await site.house.files.put(key, a_metadata_package(entries))
    return key
