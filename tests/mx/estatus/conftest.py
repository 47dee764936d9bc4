"""A site with the archive and estatus, Alice's small year in it, and the simulated service that knows it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import URL

from acuse.kernel.clock import MovableClock
from acuse.kernel.jobs import Job
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.cancelaciones.feature import FEATURE as CANCELACIONES
from acuse.mx.estatus.feature import FEATURE as ESTATUS
from acuse.mx.outside.sat_consulta.codes import OFFICIAL_URL
from acuse.mx.outside.sat_consulta.simulator import ConsultaState, Known, create_app
from acuse.notices.feature import FEATURE as NOTICES
from tests.mx.archivo.test_web import alice, charlie
from tests.mx.contribuyentes.site import Site, open_site
from tests.support.cfdis import some_xml

__all__ = ["alice", "charlie"]


@pytest.fixture
def consulta(clock: MovableClock) -> ConsultaState:
    """The simulated service, which knows the small year."""
    return ConsultaState(find=lookup(), clock=clock)


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock, consulta: ConsultaState) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [NOTICES, ARCHIVO, CANCELACIONES, ESTATUS]) as opened:
        opened.house.http.mount(OFFICIAL_URL, create_consulta(consulta))
        yield opened


def create_consulta(state: ConsultaState) -> object:
    return create_app(state)


def lookup() -> Callable[[str], Known | None]:
    """Find a document of the small year as the SAT knows it."""
    known = {
        entry.uuid.upper(): Known(
            uuid=entry.uuid,
            emisor=entry.emisor_rfc,
            receptor=entry.receptor_rfc,
            total=entry.total,
            efecto=entry.efecto,
            stamped=entry.fecha_timbrado,
            cancelled=entry.fecha_cancelacion,
            seal_end=lambda xml=xml: xml.split(b'Sello="')[1].split(b'"')[0].decode(),  # type: ignore[misc]
        )
        for entry, xml in some_xml()
    }
    return known.get


def job_of(site: Site, name: str) -> Job:
    """The declared job of this name."""
    return next(job for each in site.services.mounted.values() for job in each.jobs if job.name == name)
