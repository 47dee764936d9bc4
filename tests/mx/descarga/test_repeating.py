"""Asking again: what failed, expired or got stuck, shifted by a second, never one too many."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from acuse.mx.descarga.errors import LifetimeSpent, SolicitudNotFound, SolicitudNotRepeatable
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.service import RepeatingService
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import Efecto, Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Fault, Operation, Outcome
from tests.mx.descarga.conftest import RFC, YEAR, Office, limited, parametros


def repeating(office: Office) -> RepeatingService:
    return office.services[RepeatingService]


async def failed(office: Office, **more: object) -> SolicitudRow:
    office.sat.switches.end_next(Outcome(estado=4))
    row = await office.sending.send(office.alice, RFC, parametros(**more))  # type: ignore[arg-type]
    await office.settle()
    row = await office.solicitud(row.id)
    assert row.estado is Estado.ERROR
    return row


class TestRepeat:
    async def test_cfdi_are_asked_with_a_second_more(self, office: Office) -> None:
        row = await failed(office)
        again = await repeating(office).repeat(office.alice, row.id)
        assert again.fecha_inicio == row.fecha_inicio - timedelta(seconds=1)
        assert again.fecha_fin == row.fecha_fin
        await office.settle()
        assert (await office.solicitud(again.id)).estado is Estado.COMPLETA

    async def test_metadata_are_asked_as_they_were(self, office: Office) -> None:
        row = await failed(office, tipo=TipoSolicitud.METADATA)
        planned = await repeating(office).preview(office.alice, row.id)
        assert "No gasta" in planned.cost
        again = await repeating(office).repeat(office.alice, row.id)
        assert (again.fecha_inicio, again.fecha_fin, again.attempt) == (row.fecha_inicio, row.fecha_fin, 2)

    async def test_what_it_spends_is_said_before(self, office: Office) -> None:
        row = await failed(office)
        before = office.sat.ledger.count(Operation.EMITIDOS)
        planned = await repeating(office).preview(office.alice, row.id)
        assert planned.shifted_s == 1
        assert "Gasta una de las dos" in planned.cost
        assert office.sat.ledger.count(Operation.EMITIDOS) == before

    async def test_once_however_often_the_button_is_pressed(self, office: Office) -> None:
        row = await failed(office)
        await repeating(office).repeat(office.alice, row.id)
        with pytest.raises(SolicitudNotRepeatable, match="ya se pidió"):
            await repeating(office).repeat(office.alice, row.id)

    async def test_what_went_well_is_not_repeated(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        with pytest.raises(SolicitudNotRepeatable, match="72 horas"):
            await repeating(office).repeat(office.alice, row.id)
        await office.settle()
        with pytest.raises(SolicitudNotRepeatable, match="Completa"):
            await repeating(office).repeat(office.alice, row.id)

    async def test_a_stuck_one_may_be_asked_again_after_three_days(self, office: Office) -> None:
        office.sat.switches.end_next(Outcome(estado=1))
        row = await office.sending.send(office.alice, RFC, parametros())
        await office.pass_time(hours=73)
        again = await repeating(office).repeat(office.alice, row.id)
        assert (await office.solicitud(row.id)).estado is Estado.ERROR
        assert again.estado is Estado.EN_PROCESO

    async def test_the_new_one_takes_the_place_in_the_year(self, office: Office) -> None:
        office.sat.switches.end_next(Outcome(estado=4, times=3))
        plan = await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
        await office.settle()
        progress = await office.reading.plan(office.alice, plan.plan.id)
        assert progress.failed == 3
        for row in progress.solicitudes:
            if row.estado is Estado.ERROR:
                await repeating(office).repeat(office.alice, row.id)
        await office.settle()
        progress = await office.reading.plan(office.alice, plan.plan.id)
        assert (progress.total, progress.ended, progress.failed) == (14, 14, 0)

    async def test_a_repeated_part_completes_the_whole(self, office: Office) -> None:
        office.sat.switches.end_next(Outcome(estado=5, codigo=5003), Outcome(estado=4))
        row = await office.sending.send(office.alice, RFC, parametros())
        await office.settle()
        detail = await office.reading.solicitud(office.alice, row.id)
        assert detail.solicitud.problem
        (bad,) = [part.solicitud for part in detail.parts if part.solicitud.estado is Estado.ERROR]
        await repeating(office).repeat(office.alice, bad.id)
        await office.settle()
        whole = await office.solicitud(row.id)
        assert whole.estado is Estado.COMPLETA
        assert whole.problem is None

    async def test_a_stranger_finds_nothing(self, office: Office) -> None:
        row = await failed(office)
        with pytest.raises(SolicitudNotFound):
            await repeating(office).repeat(office.charlie, row.id)


class TestLifetime:
    async def test_the_third_with_equal_dates_is_refused_before_it_is_sent(self, office: Office) -> None:
        for efecto in (Efecto.INGRESO, Efecto.PAGO):
            await office.sending.send(office.alice, RFC, parametros(efecto=efecto))
            await office.settle()
        before = office.sat.ledger.count(Operation.EMITIDOS)
        with pytest.raises(LifetimeSpent) as caught:
            await office.sending.send(office.alice, RFC, parametros(efecto=Efecto.EGRESO))
        assert caught.value.details["fecha_inicio"] == "2024-12-31T23:59:59"
        assert office.sat.ledger.count(Operation.EMITIDOS) == before

    async def test_spending_is_shown(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        spending = (await office.reading.solicitud(office.alice, row.id)).spending
        assert spending is not None
        assert (spending.counts, spending.spent, spending.left) == (True, 1, 1)

    @pytest.mark.parametrize("code", [301, 302, 303, 304, 305, 404, 5001, 5005, 5006])
    async def test_a_refusal_the_sat_does_not_count_is_given_back(self, office: Office, code: int) -> None:
        office.sat.switches.fail(Fault(operation="emitidos", code=code))
        row = await office.sending.send(office.alice, RFC, parametros())
        spending = (await office.reading.solicitud(office.alice, row.id)).spending
        assert spending is not None
        assert spending.spent == 0

    async def test_the_sats_own_count_is_believed(self, office: Office) -> None:
        limited(office, equal_cfdi_requests=0)
        row = await office.sending.send(office.alice, RFC, parametros())
        detail = await office.reading.solicitud(office.alice, row.id)
        assert detail.solicitud.estado is Estado.RECHAZADA
        assert detail.spending is not None
        assert detail.spending.left == 0

    async def test_metadata_are_free(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros(tipo=TipoSolicitud.METADATA))
        spending = (await office.reading.solicitud(office.alice, row.id)).spending
        assert spending is not None
        assert not spending.counts


async def test_unknown_solicitud(office: Office) -> None:
    with pytest.raises(SolicitudNotFound):
        await repeating(office).preview(office.alice, UUID(int=1))
