"""A site with the archive and imports; Alice owns a taxpayer whose archive is empty, Bob may read it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from acuse.accounts.rights import Identity
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.mx.archivo import ArchivoService
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.contribuyentes.model import AccessLevel
from acuse.mx.contribuyentes.service import ContribuyentesService
from acuse.mx.importaciones import ImportAtDesk, Report
from acuse.mx.importaciones.feature import FEATURE as IMPORTACIONES
from tests.mx.contribuyentes.site import Site, Visitor, open_site
from tests.support.cfdis import TAXPAYER, some_xml

RFC = TAXPAYER.rfc
API = "/api/v1/sat/importaciones"
EVERY = some_xml()


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [ARCHIVO, IMPORTACIONES]) as opened:
        yield opened


@pytest.fixture
async def alice(site: Site) -> Visitor:
    visitor = await site.person("Alice", "GODE561231GR8")
    await site.services[ContribuyentesService].add(Identity.of(visitor.user), RFC, name="ESCUELA KEMPER URGATE")
    return visitor


@pytest.fixture
async def bob(site: Site, alice: Visitor) -> Visitor:
    visitor = await site.person("Bob", "XIQB891116QE4")
    assert alice
    await site.services[ContribuyentesService].grant_access(SYSTEM, RFC, visitor.user.id, AccessLevel.LECTURA)
    return visitor


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Somebody's folder: the small year as loose XMLs in folders by month."""
    folder = tmp_path / "archivo de Ñandú & Cía"
    for entry, xml in EVERY:
        month = folder / f"{entry.fecha:%Y-%m}"
        month.mkdir(parents=True, exist_ok=True)
        (month / f"{entry.uuid}.xml").write_bytes(xml)
    return folder


async def take_in(site: Site, path: Path, *, trial: bool = False, rfc: str = RFC) -> Report:
    """Import at the desk."""
    return await site.services[ImportAtDesk].take_in(SYSTEM, rfc, path, trial=trial, tell=lambda _done, _total: None)


async def held(site: Site) -> dict[str, bytes]:
    """Every XML the archive has, by UUID."""
    async with site.house.database.transaction() as tx:
        uuids = (await tx.execute(text("select uuid from cfdi where xml_paquete_id is not null"))).scalars().all()
    return {str(uuid).upper(): (await site.services[ArchivoService].xml(SYSTEM, uuid)).content for uuid in uuids}


async def one(site: Site, sql: str) -> object:
    async with site.house.database.transaction() as tx:
        return (await tx.execute(text(sql))).scalar_one()
