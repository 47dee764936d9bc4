"""A worker in its own process dies by SIGKILL at each moment of the way; another goes on: nothing lost, nothing twice.

ACUSE_KILLS says how often at each moment; a hundred is the full proof.
"""

from __future__ import annotations

import os
from calendar import monthrange
from collections.abc import AsyncIterator
from itertools import product
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
from tests.flows.killing import MOMENTS, Moment, number, whole_and_once
from tests.flows.site import Sat, Site, open_site, until
from tests.support.nursery import Nursery

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
    usual = sat.ask("GET", "")["limits"]
    sat.ask("PATCH", "limits", {"max_xml": FEW, "working_s": 0})
    try:
        async with open_site(environment, sat, works=False) as opened:
            await opened.services[ContribuyentesService].upload_efirma(SYSTEM, *sat.efirma())
            yield opened
    finally:
        sat.ask("PATCH", "limits", usual)


async def ask(site: Site, *tipos: TipoSolicitud, pairs: int = 1) -> None:
    """Write intents for what was issued in pairs of months, as the services do, to be sent by a worker."""
    told = site.sat.told
    (contribuyente,) = await site.services[ContribuyentesService].visible_to(SYSTEM)
    for tipo, pair in product(tipos, range(pairs)):
        last = f"{told.year}-{2 * pair + 2:02}-{monthrange(told.year, 2 * pair + 2)[1]}"
        periodo = Periodo(read_date(f"{told.year}-{2 * pair + 1:02}-01"), read_date(last, end=True))
        async with site.house.database.transaction() as tx:
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


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.name)
@pytest.mark.timeout(600 + 60 * KILLS)
async def test_killed_at_any_moment_nothing_is_lost_doubled_or_asked_a_third_time(
    site: Site, nurse: Nursery, environment: dict[str, str], tmp_path: Path, moment: Moment
) -> None:
    """One after the other dies there, of the same work and of other; the last one ends it all."""
    environment |= {"ACUSE_WORKER_CONCURRENCY": "1"}
    killed = 0
    while killed < KILLS:
        await killing.begin_anew(site)
        await ask(site, TipoSolicitud.METADATA, TipoSolicitud.CFDI, pairs=min(1 + KILLS // 10, 6))
        while killed < KILLS:
            if moment.fresh:
                await killing.change(site, "truncate sat_tokens")
            async with moment.open(site) as look:
                with nurse.worker(environment, tmp_path):
                    if not await killing.comes(site, look, lambda: killing.have_ended(site)):
                        break
            killed += 1
            await killing.be_missed(site)
        with nurse.worker(environment, tmp_path):
            await killing.all_have_ended(site)
        await whole_and_once(site)


@pytest.mark.parametrize(("operation", "told"), [("emitidos", "sends"), ("descargar", "downloads")])
async def test_what_a_dead_worker_was_asking_is_taken_up_without_waiting_for_its_claim(
    site: Site, nurse: Nursery, environment: dict[str, str], tmp_path: Path, operation: str, told: str
) -> None:
    """Nothing is hurried here: the claims last minutes, the patience of this test does not."""
    table = "solicitudes" if told == "sends" else "paquetes"
    with nurse.worker(environment, tmp_path) as kill:
        async with killing.at_the_sat("", operation, after=True).open(site) as look:
            await ask(site, TipoSolicitud.METADATA)
            await until(look)
            kill()
    with nurse.worker(environment, tmp_path):
        again = f"select count(*) from {table} where {told} = 2"
        await until(lambda: number(site, again), within_s=90)
