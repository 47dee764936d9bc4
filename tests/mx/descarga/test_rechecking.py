"""Cancellations of earlier months: found by the weekly Metadata, told once, and nothing asked without need."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.periodo import months
from acuse.mx.descarga.service import MissingService, RecheckService
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Familia, Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Family, Operation
from tests.mx.descarga.conftest import RFC, YEAR, Office, documents

NIGHT = datetime(2026, 3, 3, 7, 30, tzinfo=UTC)
HALVES = (months(YEAR, 1, 6), months(YEAR, 7, 6))
LATER = next(one for one in documents() if one.rfc_emisor == RFC and one.fecha.month == 2 and not one.fecha_cancelacion)


@pytest.fixture
async def told(office: Office) -> Office:
    """The year's Metadata is here, the switch is on; then one of its CFDIs of February is cancelled."""
    office.clock.set(NIGHT)
    office.sat.clock.set(NIGHT)
    missing = office.services[MissingService]
    for half in HALVES:
        for sentido in Sentido:
            await missing.ask_metadata(office.alice, RFC, sentido, half)
    await office.settle()
    await office.sql("UPDATE contribuyentes SET daily_download = true RETURNING id")
    cancelled = replace(LATER, fecha_cancelacion=datetime(2026, 3, 2, 12))  # noqa: DTZ001 - wall clock
    office.sat.hold(Family.CFDI, RFC, [cancelled if one is LATER else one for one in documents()])
    return office


async def a_week_later(office: Office) -> int:
    await office.pass_time(days=7)
    return await look(office)


async def look(office: Office) -> int:
    made = await office.services[RecheckService].begin(1, office.clock.now().date())
    await office.settle()
    return made


async def metadata(office: Office) -> list[SolicitudRow]:
    rows = (await office.reading.solicitudes(office.alice)).items
    return [row for row in rows if row.tipo is TipoSolicitud.METADATA]


async def state(office: Office) -> object:
    found = await office.sql("SELECT estado FROM cfdi WHERE uuid = :u", u=UUID(LATER.uuid))
    return found[0]["estado"]


class TestFound:
    async def test_what_was_cancelled_since_is_marked_and_told_once(self, told: Office) -> None:
        assert await state(told) == "vigente"
        assert await a_week_later(told) == 4
        assert await state(told) == "cancelado"
        assert await told.sql("SELECT uuid, found_by FROM cancelaciones") == [
            {"uuid": UUID(LATER.uuid), "found_by": "metadata"}
        ]
        assert await a_week_later(told) == 4
        assert len(await told.sql("SELECT uuid FROM cancelaciones")) == 1

    async def test_no_xml_is_asked_and_nothing_of_the_lifetime_spent(self, told: Office) -> None:
        await a_week_later(told)
        rows = (await told.reading.solicitudes(told.alice)).items
        assert {row.tipo for row in rows} == {TipoSolicitud.METADATA}
        assert {row.estado for row in rows} == {Estado.COMPLETA}
        assert {(row.attempt, row.daily_run_id) for row in rows} == {(1, None), (2, None)}
        assert await told.sql("SELECT * FROM sat_lifetime") == []


class TestNotAsked:
    async def test_what_was_told_since_the_last_turn(self, told: Office) -> None:
        assert await look(told) == 0
        assert await a_week_later(told) == 4
        assert await look(told) == 0
        assert len(await metadata(told)) == 8

    async def test_what_is_still_on_its_way(self, told: Office) -> None:
        await told.pass_time(days=7)
        recheck = told.services[RecheckService]
        assert await recheck.begin(1, told.clock.now().date()) == 4
        assert await recheck.begin(1, told.clock.now().date()) == 0

    async def test_halves_of_which_nothing_is_held(self, told: Office) -> None:
        await told.sql("DELETE FROM cfdi WHERE fecha >= '2025-07-01' OR direction = 'R' RETURNING uuid")
        assert await a_week_later(told) == 1

    async def test_whoever_is_switched_off(self, told: Office) -> None:
        await told.sql("UPDATE contribuyentes SET daily_download = false RETURNING id")
        assert await a_week_later(told) == 0

    async def test_a_year_that_can_no_longer_be_cancelled(self, told: Office) -> None:
        await told.pass_time(days=95)
        assert await look(told) == 0


class TestNights:
    async def test_each_has_one_a_week_and_its_job_does_it(self, told: Office) -> None:
        begun = []
        for _ in range(7):
            await told.pass_time(days=1)
            begun.append(await told.services[RecheckService].begin_all())
        assert sorted(begun) == [0] * 6 + [1]
        before = told.sat.ledger.count(Operation.EMITIDOS)
        await told.settle()
        assert told.sat.ledger.count(Operation.EMITIDOS) == before + 2


class TestNever:
    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"SAT_RECHECK_DAYS": "0"}

    async def test_zero_days_is_never(self, told: Office) -> None:
        for _ in range(8):
            await told.pass_time(days=1)
            assert await told.services[RecheckService].begin_all() == 0


async def test_retenciones_of_which_something_is_in_force_are_asked_for_too(told: Office) -> None:
    told.sat.hold(Family.RETENCIONES, RFC, [replace(LATER, uuid=str(UUID(int=0x5C2B)), efecto="")])
    missing = told.services[MissingService]
    await missing.ask_metadata(told.alice, RFC, Sentido.EMITIDOS, HALVES[0], familia=Familia.RETENCIONES)
    await told.settle()
    assert await a_week_later(told) == 5
    again = [row for row in await metadata(told) if row.familia is Familia.RETENCIONES]
    assert [(row.sentido, row.attempt) for row in again] == [(Sentido.EMITIDOS, 2), (Sentido.EMITIDOS, 1)]
