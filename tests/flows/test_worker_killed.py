"""A worker in its own process dies by SIGKILL at each moment of the way; another goes on: nothing lost, nothing twice.

ACUSE_KILLS says how often at each moment; a hundred is the full proof.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from acuse.kernel.audit import SYSTEM
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.descarga.events import SolicitudReady
from acuse.mx.descarga.model.consulta import Parametros
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import Periodo, read_date
from acuse.mx.descarga.store import SolicitudStore
from acuse.mx.outside.sat_descarga.codes import Sentido, TipoSolicitud
from tests.flows import killing
from tests.flows.killing import MOMENTS, Moment, number, whole_and_once, worker
from tests.flows.site import Sat, Site, open_site, until

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("ACUSE_KILLS", "1"))
FEW = 5
"""So many XML a solicitud may bring: two months have more."""


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Work is done elsewhere."""
    return environment | {"ACUSE_WORKERS": "external"}


@pytest.fixture
async def site(environment: dict[str, str], sat: Sat) -> AsyncIterator[Site]:
    """An installation without a worker of its own, the e.firma loaded; the SAT hands out little at once."""
    usual = sat.ask("GET", "")["limits"]["max_xml"]
    sat.ask("PATCH", "limits", {"max_xml": FEW})
    try:
        async with open_site(environment, sat, works=False) as opened:
            await opened.services[ContribuyentesService].upload_efirma(SYSTEM, *sat.efirma())
            yield opened
    finally:
        sat.ask("PATCH", "limits", {"max_xml": usual})


async def ask(site: Site, *tipos: TipoSolicitud) -> None:
    """Write intents for what was issued in January and February, as the services do, to be sent by a worker."""
    told = site.sat.told
    (contribuyente,) = await site.services[ContribuyentesService].visible_to(SYSTEM)
    periodo = Periodo(read_date(f"{told.year}-01-01"), read_date(f"{told.year}-02-28", end=True))
    async with site.house.database.transaction() as tx:
        for tipo in tipos:
            now = site.house.clock.now()
            row = await SolicitudStore().reserve(
                tx,
                contribuyente_id=contribuyente.id,
                rfc=told.rfc,
                parametros=Parametros.ask(tipo=tipo, sentido=Sentido.EMITIDOS, periodo=periodo),
                estado=Estado.POR_ENVIAR,
                next_check_at=now,
                now=now,
                who="prueba",
            )
            assert row is not None
            await site.house.events.publish(tx, SolicitudReady(str(row.id)), once=str(row.id))


async def die_at(moment: Moment, site: Site, victim: subprocess.Popen[bytes]) -> None:
    """Have the worker do it all up to this moment, and kill it there."""
    async with moment.open(site) as reached:
        await ask(site, TipoSolicitud.METADATA, TipoSolicitud.CFDI)
        await reached()
        victim.kill()
        victim.wait()


@pytest.mark.timeout(600 * KILLS)
async def test_killed_at_any_moment_nothing_is_lost_doubled_or_asked_a_third_time(
    site: Site, environment: dict[str, str], tmp_path: Path
) -> None:
    with ExitStack() as alive:
        process = alive.enter_context(worker(environment, tmp_path))
        for moment in MOMENTS:
            for _ in range(KILLS):
                await killing.begin_anew(site)
                if moment.fresh:
                    alive.close()
                    process = alive.enter_context(worker(environment, tmp_path))
                await die_at(moment, site, process)
                alive.close()
                await killing.be_missed(site)
                process = alive.enter_context(worker(environment, tmp_path))
                await killing.all_have_ended(site)
                await whole_and_once(site)
            sys.stderr.write(f"{KILLS} x killed {moment.name}\n")


@pytest.mark.parametrize(("operation", "told"), [("emitidos", "sends"), ("descargar", "downloads")])
async def test_what_a_dead_worker_was_asking_is_taken_up_without_waiting_for_its_claim(
    site: Site, environment: dict[str, str], tmp_path: Path, operation: str, told: str
) -> None:
    """Nothing is hurried here: the claims last minutes, the patience of this test does not."""
    table = "solicitudes" if told == "sends" else "paquetes"
    with worker(environment, tmp_path) as victim:
        async with killing.at_the_sat("", operation, after=True).open(site) as reached:
            await ask(site, TipoSolicitud.METADATA)
            await reached()
            victim.kill()
            victim.wait()
    with worker(environment, tmp_path):
        again = f"select count(*) from {table} where {told} = 2"
        await until(lambda: number(site, again), within_s=90)
