"""A site with the archive and exports, and Alice's small year in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import URL

from acuse.kernel.clock import MovableClock
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.exportaciones import Maker
from acuse.mx.exportaciones.feature import FEATURE as EXPORTACIONES
from acuse.mx.importaciones.feature import FEATURE as IMPORTACIONES
from tests.mx.archivo.test_web import alice, charlie
from tests.mx.contribuyentes.site import Site, Visitor, open_site

__all__ = ["alice", "charlie"]
API = "/api/v1/sat"


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [ARCHIVO, EXPORTACIONES, IMPORTACIONES]) as opened:
        yield opened


@pytest.fixture
def maker(site: Site) -> Maker:
    """What the job runs, writing a few rows at a time."""
    found = site.services[Maker]
    found.stretch = 50
    return found


async def exported(who: Visitor, maker: Maker, formato: str, **filters: Any) -> bytes:
    """Ask for an export, have it made, take its file."""
    asked = await who.api.post(f"{API}/exportaciones", json={"formato": formato, **filters})
    assert asked.status_code == 202, asked.text
    await maker.make(UUID(asked.json()["id"]))
    told = (await who.api.get(asked.headers["location"])).json()
    assert (told["estado"], told["hechos"]) == ("lista", told["total"])
    answer = await who.api.get(f"{asked.headers['location']}/archivo")
    assert answer.status_code == 200
    assert len(answer.content) == told["bytes"] == int(answer.headers["content-length"])
    return answer.content


def unzipped(data: bytes) -> dict[str, bytes]:
    """The members of a ZIP, each with a good sum."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
