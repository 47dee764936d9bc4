"""One solicitud: duplicates, refusals, answers that were lost, tokens."""

from __future__ import annotations

import asyncio
import gc
import weakref
from datetime import timedelta
from typing import Any

import pytest

from acuse.kernel.audit import SYSTEM
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.descarga.errors import PeriodInFuture, SolicitudBusy, SolicitudDuplicada, SolicitudNotFound
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.descarga.model.suceso import Suceso
from acuse.mx.descarga.service.sessions import Session, token_key
from acuse.mx.outside.sat_descarga.codes import Familia, TipoSolicitud
from acuse.mx.outside.sat_descarga.errors import SatClockSkew, SatTrouble
from acuse.mx.outside.sat_descarga.simulator import Fault, Operation, Outcome, SoapFault
from acuse.pki.keypair import KeyPair
from tests.flows.site import until
from tests.mx.descarga.conftest import RFC, Office, limited, parametros
from tests.support.efirmas import COMPANY, PASSWORD, an_efirma


async def story(office: Office, solicitud_id: Any) -> list[Suceso]:
    return [line.suceso for line in (await office.reading.solicitud(office.alice, solicitud_id)).history]


class TestSend:
    async def test_answer_says_what_the_sat_said(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.EN_PROCESO
        assert row.id_solicitud is not None
        assert row.cod_estatus == 5000
        assert row.sends == 1
        assert await story(office, row.id) == [Suceso.CREADA, Suceso.ENVIO, Suceso.ACEPTADA]

    async def test_equal_one_is_refused_with_the_id_of_the_first(self, office: Office) -> None:
        first = await office.sending.send(office.alice, RFC, parametros())
        with pytest.raises(SolicitudDuplicada) as caught:
            await office.sending.send(office.alice, RFC, parametros())
        assert caught.value.details["id"] == str(first.id)
        assert office.sat.ledger.count(Operation.EMITIDOS) == 1

    async def test_two_at_once_make_one(self, office: Office) -> None:
        done = await asyncio.gather(
            *(office.sending.send(office.alice, RFC, parametros()) for _ in range(5)), return_exceptions=True
        )
        assert sum(isinstance(one, SolicitudDuplicada) for one in done) == 4
        assert office.sat.ledger.count(Operation.EMITIDOS) == 1

    async def test_one_filter_of_difference_makes_another(self, office: Office) -> None:
        await office.sending.send(office.alice, RFC, parametros())
        other = await office.sending.send(office.alice, RFC, parametros(counterparts=["XAXX010101000"]))
        assert other.estado is not Estado.RECHAZADA
        assert office.sat.ledger.count(Operation.EMITIDOS) == 2

    async def test_dates_the_sat_would_refuse_spend_nothing(self, office: Office) -> None:
        with pytest.raises(PeriodInFuture):
            await office.sending.send(office.alice, RFC, parametros("2026-03-01", "2026-03-31"))
        assert office.sat.ledger.count(Operation.EMITIDOS) == 0
        assert (await office.reading.solicitudes(office.alice)).items == []

    async def test_refusal_is_kept_with_code_and_words(self, office: Office) -> None:
        office.sat.switches.fail(Fault(operation="emitidos", code=301, message="XML Mal Formado:Fecha final invalida"))
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.RECHAZADA
        assert row.cod_estatus == 301
        assert "Fecha final invalida" in (row.problem or "")

    async def test_trouble_at_the_sat_is_tried_again_by_itself(self, office: Office) -> None:
        office.sat.switches.fail(Fault(operation="emitidos", code=404, message="Error no controlado."))
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.POR_ENVIAR
        assert "404" in (row.problem or "")
        await office.pass_time(minutes=5)
        await office.run_jobs(only="send")
        assert (await office.solicitud(row.id)).estado is Estado.EN_PROCESO

    async def test_an_efirma_the_sat_refuses_is_told_and_nothing_else_is_tried_meanwhile(self, office: Office) -> None:
        number = an_efirma(COMPANY).pair.certificate.number
        office.sat.revoked.add(number)
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.RECHAZADA or row.problem
        assert row.estado is not Estado.EN_PROCESO


class TestLostAnswers:
    async def test_request_that_arrived_but_whose_answer_was_lost_waits_for_the_first(self, office: Office) -> None:
        office.sat.switches.fail(Fault(operation="emitidos", garbage=True, after=True))
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.POR_ENVIAR
        assert row.sends == 1
        await office.pass_time(seconds=50)
        office.clock.move(minutes=2)
        await office.run_jobs(only="send")
        waiting = await office.solicitud(row.id)
        assert waiting.sends == 2
        assert Suceso.REENVIO in await story(office, row.id)

    async def test_crash_between_call_and_record_is_asked_again_and_counted(self, office: Office) -> None:
        limited(office, accepted_s=600)
        row = await office.sending.send(office.alice, RFC, parametros(tipo=TipoSolicitud.METADATA))
        await office.sql(
            "UPDATE solicitudes SET estado = 'por_enviar', id_solicitud = NULL, busy_until = :until,"
            " next_check_at = :until RETURNING id",
            until=office.clock.now(),
        )
        await office.pass_time(minutes=1)
        assert (await office.sync.run()).sent == 1
        await office.run_jobs(only="send")
        again = await office.solicitud(row.id)
        assert again.sends == 2
        assert again.estado is Estado.POR_ENVIAR
        assert "ya tiene en curso" in (again.problem or "")
        await office.pass_time(minutes=31)
        await office.run_jobs(only="send")
        assert (await office.solicitud(row.id)).estado is Estado.EN_PROCESO

    async def test_call_that_never_left_is_not_counted(self, office: Office) -> None:
        office.sat.switches.fail(Fault(operation="autentica", status=503))
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.POR_ENVIAR
        assert row.sends == 0
        await office.pass_time(minutes=5)
        await office.run_jobs(only="send")
        assert (await office.solicitud(row.id)).sends == 1

    async def test_an_intent_somebody_is_sending_is_left_alone(self, office: Office) -> None:
        office.sat.switches.fail(Fault(operation="autentica", status=503))
        row = await office.sending.send(office.alice, RFC, parametros())
        until = office.clock.now()
        await office.sql("UPDATE solicitudes SET busy_until = :u RETURNING id", u=until.replace(hour=19))
        await office.sending.deliver(row.id)
        assert office.sat.ledger.count(Operation.EMITIDOS) == 0
        await office.pass_time(hours=2)
        await office.run_jobs(only="send")
        assert office.sat.ledger.count(Operation.EMITIDOS) == 1


class TestToken:
    async def test_one_token_serves_every_step(self, office: Office) -> None:
        await office.sessions.authenticate(office.alice, RFC)
        row = await office.sending.send(office.alice, RFC, parametros())
        await office.verifying.verify(office.alice, row.id)
        assert office.sat.ledger.count(Operation.AUTENTICA) == 1

    async def test_another_process_uses_the_stored_token(self, office: Office) -> None:
        await office.sessions.authenticate(office.alice, RFC)
        office.sessions._open.clear()
        await office.sending.send(office.alice, RFC, parametros())
        assert office.sat.ledger.count(Operation.AUTENTICA) == 1

    async def test_token_lies_sealed_in_row_and_file(self, office: Office) -> None:
        times = await office.sessions.authenticate(office.alice, RFC)
        (row,) = await office.sql("SELECT sealed_token FROM sat_tokens")
        copy = await office.house.files.get(token_key(RFC, Familia.CFDI))
        assert copy == bytes(row["sealed_token"])
        assert b"wrap_subject" not in copy
        assert b"eyJ" not in copy
        assert times.renew_at < times.expires_at

    async def test_it_is_renewed_in_time(self, office: Office) -> None:
        await office.sending.send(office.alice, RFC, parametros())
        await office.pass_time(minutes=4, seconds=31)
        await office.sending.send(office.alice, RFC, parametros(tipo=TipoSolicitud.METADATA))
        assert office.sat.ledger.count(Operation.AUTENTICA) == 2

    async def test_the_key_leaves_memory_with_its_token(self, office: Office) -> None:
        async def look(session: Session) -> weakref.ref[KeyPair]:
            return weakref.ref(session.efirma)

        times = await office.sessions.authenticate(office.alice, RFC)
        office.sessions._open.clear()
        office.clock.set(times.renew_at - timedelta(milliseconds=50))
        (row,) = await office.sql("SELECT id FROM contribuyentes")
        key = await office.sessions.call(
            row["id"], Familia.CFDI, look, actor=SYSTEM, reason="prueba", within=timedelta(minutes=1)
        )

        async def is_gone() -> bool:
            gc.collect()
            return key() is None

        await until(is_gone)

    async def test_refused_token_is_renewed_once_and_the_call_made_again(self, office: Office) -> None:
        await office.sessions.authenticate(office.alice, RFC)
        limited(office, token_life_s=1)
        office.sat.clock.move(seconds=2)
        limited(office, token_life_s=300)
        office.sat.switches.fail(Fault(operation="emitidos", code=300))
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.EN_PROCESO
        assert row.sends == 1
        assert office.sat.ledger.count(Operation.AUTENTICA) == 2

    async def test_refused_twice_it_stops_and_says_so(self, office: Office) -> None:
        office.sat.switches.fail(Fault(operation="emitidos", code=300, times=2))
        row = await office.sending.send(office.alice, RFC, parametros())
        assert row.estado is Estado.POR_ENVIAR
        assert "no aceptó la autenticación" in (row.problem or "")
        assert office.sat.ledger.count(Operation.EMITIDOS) == 2

    async def test_another_efirma_gets_another_token(self, office: Office) -> None:
        await office.sessions.authenticate(office.alice, RFC)
        newer = an_efirma(COMPANY, renewal=1)
        await office.services[ContribuyentesService].upload_efirma(office.alice, newer.cer, newer.key, PASSWORD)
        await office.sending.send(office.alice, RFC, parametros())
        assert office.sat.ledger.count(Operation.AUTENTICA) == 2

    async def test_clock_skew_is_named(self, office: Office) -> None:
        office.clock.move(minutes=10)
        with pytest.raises(SatClockSkew, match="adelantado 600 segundos"):
            await office.sessions.authenticate(office.alice, RFC)


class TestDeadline:
    async def test_a_call_ends_before_the_claim_it_was_made_for(self, office: Office) -> None:
        (row,) = await office.sql("SELECT id FROM contribuyentes")

        async def hang(_: Session) -> None:
            await asyncio.sleep(60)

        with pytest.raises(SatTrouble, match="no respondió a tiempo"):
            await office.sessions.call(
                row["id"], Familia.CFDI, hang, actor=SYSTEM, reason="prueba", within=timedelta(seconds=21)
            )


class TestVerify:
    async def test_by_hand_asks_at_once_and_is_told(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        await office.pass_time(seconds=40)
        row = await office.verifying.verify(office.alice, row.id)
        assert row.estado is Estado.EN_PROCESO
        assert row.estado_solicitud == 2
        assert (await office.reading.solicitud(office.alice, row.id)).history[-1].who == "Alice"

    async def test_the_waits_grow(self, office: Office) -> None:
        office.sat.switches.end_next(Outcome(estado=1))
        row = await office.sending.send(office.alice, RFC, parametros())
        waits = []
        for _ in range(6):
            row = await office.solicitud(row.id)
            assert row.next_check_at is not None
            waits.append(round((row.next_check_at - office.clock.now()).total_seconds()))
            await office.pass_time(seconds=waits[-1])
            await office.run_jobs(only="verify")
        assert waits == [60, 120, 300, 600, 1800, 1800]

    @pytest.mark.parametrize("estado", [4, 5])
    async def test_too_many_results_are_divided_and_arrive(self, office: Office, estado: int) -> None:
        office.sat.switches.end_next(Outcome(estado=estado, codigo=5003))
        row = await office.sending.send(office.alice, RFC, parametros())
        await office.settle()
        row = await office.solicitud(row.id)
        assert row.estado is Estado.COMPLETA
        assert len((await office.reading.solicitud(office.alice, row.id)).parts) == 2

    async def test_nothing_found_ends_well(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros("2021-01-01", "2021-01-31"))
        await office.settle()
        assert (await office.solicitud(row.id)).estado is Estado.SIN_CFDI

    async def test_trouble_is_kept_beside_it_and_it_goes_on(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        office.sat.switches.fail(Fault(operation="verifica", fault=SoapFault.INTERNAL))
        await office.pass_time(minutes=1)
        await office.run_jobs(only="verify")
        assert (await office.solicitud(row.id)).problem is not None
        await office.settle()
        row = await office.solicitud(row.id)
        assert row.estado is Estado.COMPLETA
        assert row.problem is None

    async def test_two_at_once_ask_the_sat_once(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        done = await asyncio.gather(
            *(office.verifying.verify(office.alice, row.id) for _ in range(4)), return_exceptions=True
        )
        asked = sum(not isinstance(one, SolicitudBusy) for one in done)
        assert office.sat.ledger.count(Operation.VERIFICA) == asked

    async def test_a_stranger_finds_nothing(self, office: Office) -> None:
        row = await office.sending.send(office.alice, RFC, parametros())
        with pytest.raises(SolicitudNotFound):
            await office.reading.solicitud(office.charlie, row.id)
        with pytest.raises(SolicitudNotFound):
            await office.verifying.verify(office.charlie, row.id)
        assert (await office.reading.solicitudes(office.charlie)).items == []
