"""Every code of the SAT, provoked: where the solicitud or the package goes, and that its words are told."""

from __future__ import annotations

import pytest

from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.pages.views import steps_of
from acuse.mx.descarga.tables import SolicitudRow
from acuse.mx.outside.sat_descarga.codes import CodEstatus, EstadoSolicitud
from acuse.mx.outside.sat_descarga.simulator import Fault, Operation, Outcome
from tests.mx.descarga.conftest import RFC, Office, parametros

SENT = {
    300: Estado.POR_ENVIAR,
    301: Estado.RECHAZADA,
    302: Estado.RECHAZADA,
    303: Estado.RECHAZADA,
    304: Estado.RECHAZADA,
    305: Estado.RECHAZADA,
    404: Estado.POR_ENVIAR,
    5000: Estado.POR_ENVIAR,
    5001: Estado.RECHAZADA,
    5002: Estado.RECHAZADA,
    5003: Estado.DIVIDIDA,
    5004: Estado.SIN_CFDI,
    5005: Estado.POR_ENVIAR,
    5006: Estado.POR_ENVIAR,
    5007: Estado.RECHAZADA,
    5008: Estado.RECHAZADA,
    5010: Estado.POR_ENVIAR,
    5011: Estado.POR_ENVIAR,
    5012: Estado.SIN_XML,
}
VERIFIED = {
    5001: Estado.RECHAZADA,
    5002: Estado.RECHAZADA,
    5003: Estado.DIVIDIDA,
    5004: Estado.SIN_CFDI,
    5005: Estado.RECHAZADA,
    5011: Estado.POR_ENVIAR,
    5012: Estado.SIN_XML,
}
OFFICIAL = {text for code in CodEstatus for text in (code.official, code.sent)} | {
    each.official for each in EstadoSolicitud
}
LOST = {5004: Estado.ERROR, 5007: Estado.VENCIDA, 5008: Estado.ERROR}


async def quoted(office: Office, row: SolicitudRow) -> list[str]:
    """What the story puts between quotation marks: the SAT's words and no others."""
    said = [step.said for step in steps_of(await office.reading.solicitud(office.alice, row.id)) if step.said]
    assert set(said) <= OFFICIAL
    return said


def test_every_code_is_provoked_here() -> None:
    assert set(SENT) == {code.number for code in CodEstatus}
    assert all(code.official and code.step for code in CodEstatus)


@pytest.mark.parametrize("code", SENT)
async def test_when_sending(office: Office, code: int) -> None:
    office.sat.switches.fail(Fault(operation="emitidos", code=code, times=2))
    row = await office.sending.send(office.alice, RFC, parametros())
    assert row.estado is SENT[code]
    assert not row.estado.is_failure or str(code) in (row.problem or "")
    if row.estado is Estado.POR_ENVIAR:
        assert row.problem
        assert row.next_check_at is not None
        await office.pass_time(hours=30)
        office.sat.switches.clear()
        await office.settle(rounds=20)
        assert (await office.solicitud(row.id)).estado is Estado.COMPLETA


@pytest.mark.parametrize("code", VERIFIED)
async def test_when_it_ends_for_this_reason(office: Office, code: int) -> None:
    office.sat.switches.end_next(Outcome(estado=5, codigo=code))
    row = await office.sending.send(office.alice, RFC, parametros())
    await office.pass_time(minutes=2)
    await office.run_jobs(only="verify")
    row = await office.solicitud(row.id)
    assert row.estado is VERIFIED[code]
    assert {each.official for each in CodEstatus if each.number == code} < set(await quoted(office, row))
    assert not row.estado.is_failure or str(code) in (row.problem or "")


@pytest.mark.parametrize("code", [code.number for code in CodEstatus if code.number != 5000])
async def test_when_verifying_is_refused_it_goes_on_once_it_is_not(office: Office, code: int) -> None:
    row = await office.sending.send(office.alice, RFC, parametros())
    await office.pass_time(minutes=2)
    office.sat.switches.fail(Fault(operation="verifica", code=code, times=2))
    await office.run_jobs(only="verify")
    row = await office.solicitud(row.id)
    if code == 5003:
        assert row.estado is Estado.DIVIDIDA
        return
    assert row.estado in {Estado.EN_PROCESO, Estado.POR_ENVIAR}
    assert row.problem
    assert await quoted(office, row)
    office.sat.switches.clear()
    await office.pass_time(hours=25)
    await office.settle(rounds=20)
    assert (await office.solicitud(row.id)).estado is Estado.COMPLETA


@pytest.mark.parametrize("code", [code.number for code in CodEstatus if code.number != 5000])
async def test_when_downloading(office: Office, code: int) -> None:
    row = await office.sending.send(office.alice, RFC, parametros())
    await office.pass_time(minutes=2)
    await office.run_jobs(only="verify")
    office.sat.switches.fail(Fault(operation="descargar", code=code, times=2))
    await office.run_jobs(only="fetch")
    (paquete,) = await office.paquetes()
    assert paquete.problem
    if code in LOST:
        assert paquete.lost
        assert (await office.solicitud(row.id)).estado is LOST[code]
        return
    assert paquete.downloads == 0
    office.sat.switches.clear()
    await office.pass_time(hours=25)
    await office.settle(rounds=20)
    assert (await office.solicitud(row.id)).estado is Estado.COMPLETA
    assert [one.downloads for one in await office.paquetes()] == [1]
    assert office.sat.ledger.count(Operation.DESCARGAR) >= 2
