"""A real worker on the machine's own clock brings a year home; a second one takes over when the first is stopped."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from acuse.kernel.clock import MovableClock
from acuse.kernel.jobs import JobSettings, Worker
from acuse.mx.archivo import ArchivoService
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.outside.sat_descarga.codes import Sentido
from acuse.mx.outside.sat_descarga.simulator import Operation
from tests.mx.descarga.conftest import RFC, YEAR, Office, corpus, limited
from tests.support.jobs import until


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(datetime.now(UTC), running=True)


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"SAT_VERIFY_BACKOFF_S": "0.5,1"}


def a_worker(office: Office) -> Worker:
    mounted = office.services.mounted.values()
    return Worker(
        database=office.house.database,
        clock=office.clock,
        events=office.house.events,
        jobs=tuple(office.jobs.values()),
        schedules=tuple(schedule for each in mounted for schedule in each.schedules),
        settings=JobSettings(acuse_worker_stop_timeout_s=20, acuse_worker_concurrency=8),
    )


async def all_done(office: Office) -> bool:
    page = await office.reading.solicitudes(office.alice)
    return len(page.items) == 14 and all(row.estado.is_final for row in page.items)


async def test_year_comes_home_though_the_worker_is_changed_midway(office: Office) -> None:
    limited(office, accepted_s=0.5, working_s=0.5)
    office.sat.clock = MovableClock(datetime.now(UTC), running=True)
    await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    first = a_worker(office)
    running = asyncio.create_task(first.run())
    await until(lambda: office.sat.ledger.count(Operation.DESCARGAR) >= 1, within_s=30)
    await first.stop()
    await running
    second = a_worker(office)
    running = asyncio.create_task(second.run())
    try:
        await until(lambda: all_done(office), within_s=60)
    finally:
        await second.stop()
        await running
    page = await office.reading.solicitudes(office.alice)
    assert {row.estado for row in page.items} <= {Estado.COMPLETA, Estado.SIN_CFDI}
    issued = [entry for entry in corpus().entries() if entry.emisor_rfc == RFC]
    assert (await office.services[ArchivoService].counts(office.alice)).total == len(issued)
    paquetes = await office.paquetes()
    assert {paquete.downloads for paquete in paquetes} == {1}
    assert office.sat.ledger.count(Operation.EMITIDOS) == 14
