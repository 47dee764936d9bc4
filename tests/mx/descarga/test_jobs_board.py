"""The page of jobs says of each whose it is and what of, so that an office of many tells them apart."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from acuse.mx.descarga.events import DailyDue, PaqueteFound, SolicitudReady
from acuse.mx.descarga.model.periodo import Periodo, months
from acuse.mx.descarga.service import MissingService
from acuse.mx.outside.sat_descarga.codes import Sentido
from acuse.operations.service import OperationsService
from tests.mx.descarga.conftest import RFC, YEAR, Office


async def told(office: Office) -> dict[str, str]:
    """What the board says each kind of waiting job is about."""
    page = await office.services[OperationsService].board.list()
    return {row.name: row.subject for row in page.items}


async def test_a_job_of_a_solicitud_says_whose_and_which_months(office: Office) -> None:
    missing = office.services[MissingService]
    await missing.ask_metadata(office.alice, RFC, Sentido.RECIBIDOS, months(YEAR, 1, 6))
    about = f"{RFC} · Metadata recibidos, {YEAR}-01 a {YEAR}-06"
    assert (await told(office))["mx.descarga:send"] == about
    await office.run_jobs(only="send")
    await office.pass_time(minutes=30)
    await office.sync.run(early=True)
    assert (await told(office))["mx.descarga:verify"] == about
    await office.run_jobs(only="verify")
    found = await told(office)
    assert found["mx.descarga:fetch"] == about


@pytest.mark.parametrize(
    ("inicio", "fin", "wanted"),
    [
        ("2025-02-01T00:00:00", "2025-02-28T23:59:59", "2025-02"),
        ("2025-07-01T00:00:00", "2025-12-31T23:59:59", "2025-07 a 2025-12"),
        ("2025-07-01T00:00:01", "2025-12-31T23:59:59", "2025-07-01 a 2025-12-31"),
        ("2025-07-03T00:00:00", "2025-07-03T12:00:00", "2025-07-03"),
    ],
)
async def test_whole_months_are_told_as_months(office: Office, inicio: str, fin: str, wanted: str) -> None:
    periodo = Periodo(datetime.fromisoformat(inicio), datetime.fromisoformat(fin))
    await office.services[MissingService].ask_metadata(office.alice, RFC, Sentido.EMITIDOS, periodo)
    assert (await told(office))["mx.descarga:send"] == f"{RFC} · Metadata emitidos, {wanted}"


async def test_a_job_of_a_taxpayer_says_its_rfc_and_one_of_nothing_known_nothing(office: Office) -> None:
    async with office.house.database.transaction() as tx:
        await office.house.events.publish(tx, DailyDue(1, "2026-03-02"))
        await office.house.events.publish(tx, SolicitudReady("no es un id"))
        await office.house.events.publish(tx, PaqueteFound(str(uuid4())))
    found = await told(office)
    assert found["mx.descarga:daily"] == RFC
    assert found["mx.descarga:send"] == found["mx.descarga:fetch"] == ""
    job = (await office.services[OperationsService].board.list()).items[-1]
    assert (await office.services[OperationsService].board.get(job.id)).subject == job.subject
