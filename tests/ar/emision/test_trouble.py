"""When ARCA does not attend, or its answer is lost: nothing charged wrongly, nothing lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import text

from acuse.ar.certificates.lookalike import device_key
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.service import CatalogueService
from acuse.ar.emision.model import EstadoEmision
from acuse.ar.emision.service import Carrier, Tickets
from acuse.ar.outside.arca.errors import ArcaTicketHeld
from acuse.ar.outside.arca.simulator import Fault
from acuse.kernel.audit import SYSTEM
from tests.ar.emision.conftest import Office
from tests.support.arca import DEVICE_ID, a_request
from tests.support.controladores import afip

OTHER = ControladorId.parse("SESHIA0000000002")
RENEW = "renovarCertificado"
ALTA = "altaCriptografica"


@pytest.fixture
def sold(office: Office) -> Office:
    """The office, and a device that had its alta."""
    for device in (DEVICE_ID, OTHER):
        office.arca.enrol(str(device), device_key().public_key)
    return office


class TestBreaker:
    async def test_internal_error_stops_all_calls_for_ten_minutes(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation=RENEW, fault="ErrorInternoFault"))
        first, second = await sold.ask(), await sold.ask(OTHER)
        waiting = await sold.carry(first)
        assert waiting.estado is EstadoEmision.EN_ESPERA
        assert waiting.motivo_codigo == "ARCA_TROUBLE"
        assert waiting.next_at == sold.site.house.clock.now() + timedelta(minutes=10)
        behind = await sold.carry(second)
        assert (behind.motivo_codigo, behind.next_at) == ("ARCA_PAUSED", waiting.next_at)
        assert behind.motivo == waiting.motivo
        assert not sold.arca.asked(RENEW)
        standing = await sold.issuing.standing()
        assert standing.pause is not None
        assert standing.pause.until == waiting.next_at

    async def test_after_the_pause_one_tries_and_the_others_follow(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation=RENEW, fault="ErrorInternoFault"))
        first, second = await sold.ask(), await sold.ask(OTHER)
        await sold.carry(first)
        sold.move(minutes=10)
        carrier = sold.site.services[Carrier]
        await asyncio.gather(carrier.carry_out(first.id), carrier.carry_out(second.id))
        sold.move(minutes=2)
        assert {(await sold.carry(one)).estado for one in (first, second)} == {EstadoEmision.CONCLUIDA}
        assert (await sold.issuing.standing()).pause is None
        assert await sold.used() == (2, 0, 2)

    async def test_every_wait_leaves_its_next_job_in_the_same_transaction(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation=RENEW, fault="ErrorInternoFault"))
        asked = await sold.ask()
        await sold.rows("delete from procrastinate_jobs returning id")
        waiting = await sold.carry(asked)
        (job,) = await sold.waiting(asked.id)
        assert job["scheduled_at"] == waiting.next_at

    async def test_arca_that_never_attends_is_given_up_and_nothing_charged(self, sold: Office) -> None:
        asked = await sold.ask()
        sold.move(hours=25)
        done = await sold.carry(asked)
        assert (done.estado, done.motivo_codigo) == (EstadoEmision.RECHAZADA, "ARCA_GAVE_UP")
        assert await sold.used() == (0, 0, 0)

    async def test_fault_of_configuration_is_told_until_a_call_succeeds(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation=RENEW, fault="CuitNoAutorizadoFault"))
        done = await sold.carry(await sold.ask())
        assert (await sold.issuing.standing()).problem == done.motivo
        await sold.carry(await sold.ask())
        assert (await sold.issuing.standing()).problem is None

    async def test_forgotten_ones_are_called_for(self, sold: Office) -> None:
        asked = await sold.ask()
        await sold.rows("delete from procrastinate_jobs returning id")
        carrier = sold.site.services[Carrier]
        assert await carrier.sweep() == 0
        sold.move(minutes=11)
        assert await carrier.sweep() == 1
        assert len(await sold.waiting(asked.id)) == 1


class TestUnknownOutcome:
    @pytest.mark.parametrize("lost", [{"status": 504}, {"garbage": True}])
    async def test_alta_with_a_lost_answer_is_asked_about_and_charged_once(
        self, office: Office, lost: dict[str, Any]
    ) -> None:
        office.arca.fail(Fault(operation=ALTA, after=True, **lost))
        asked = await office.ask(request=a_request())
        doubtful = await office.carry(asked)
        assert doubtful.estado is EstadoEmision.POR_COMPROBAR
        assert await office.used() == (0, 1, 0)
        office.move(minutes=10)
        assert (await office.carry(asked)).estado is EstadoEmision.CONCLUIDA
        assert [call.answer for call in office.arca.asked(ALTA)] == ["ok", "ControladorFiscalExistenteFault"]
        assert await office.used() == (1, 0, 1)

    async def test_renewal_with_a_lost_answer_is_repeated_once_and_charged_once(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation=RENEW, after=True, status=504))
        asked = await sold.ask()
        await sold.carry(asked)
        sold.move(minutes=10)
        done = await sold.carry(asked)
        assert (done.estado, done.intentos) == (EstadoEmision.CONCLUIDA, 2)
        assert await sold.used() == (1, 0, 1)

    async def test_renewal_lost_twice_is_refused_and_not_charged(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation=RENEW, after=True, status=504, times=2))
        asked = await sold.ask()
        told = []
        for _ in range(3):
            done = await sold.carry(asked)
            told.append(unescape((await sold.bob.browser.get(f"/app/crs/emisiones/{asked.id}")).text))
            sold.move(minutes=10)
        assert (done.estado, done.motivo_codigo) == (EstadoEmision.RECHAZADA, "ARCA_OUTCOME_UNKNOWN")
        assert all("No se sabe si ARCA lo hizo" in page for page in told)
        assert ["No hay que hacer nada" in page for page in told] == [True, True, False]
        assert "Pídela de nuevo más tarde" in told[-1]
        assert len(sold.arca.asked(RENEW)) == 2
        assert await sold.used() == (0, 0, 0)

    async def test_certificate_that_came_otherwise_is_taken_and_the_call_not_repeated(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation=RENEW, after=True, status=504))
        asked = await sold.ask()
        await sold.carry(asked)
        found, _ = await sold.site.services[CatalogueService].add(
            SYSTEM, afip().bundle(DEVICE_ID, since=sold.site.house.clock.now())
        )
        sold.move(minutes=10)
        done = await sold.carry(asked)
        assert (done.estado, done.id_certificado) == (EstadoEmision.CONCLUIDA, found.id)
        assert len(sold.arca.asked(RENEW)) == 1
        assert await sold.used() == (1, 0, 1)

    async def test_call_of_a_process_that_lives_is_not_disturbed(self, sold: Office) -> None:
        asked = await sold.ask()
        await sold.rows(
            "update crs_emisiones set estado = 'llamando', called_at = :now returning 1",
            now=sold.site.house.clock.now(),
        )
        assert (await sold.carry(asked)).estado is EstadoEmision.LLAMANDO
        assert not sold.arca.calls
        sold.move(minutes=3)
        assert (await sold.carry(asked)).estado is EstadoEmision.CONCLUIDA
        assert await sold.used() == (1, 0, 1)

    async def test_ten_at_once_make_one_call_and_one_charge(self, sold: Office) -> None:
        asked = await sold.ask()
        carrier = sold.site.services[Carrier]
        await asyncio.gather(*(carrier.carry_out(asked.id) for _ in range(10)))
        assert len(sold.arca.asked(RENEW)) == 1
        assert await sold.used() == (1, 0, 1)


class TestTickets:
    async def test_ten_at_once_ask_for_one_ticket(self, sold: Office) -> None:
        tickets = sold.site.services[Tickets]
        got = await asyncio.gather(*(tickets.get() for _ in range(10)))
        assert len({one.token for one in got}) == 1
        assert len(sold.arca.asked("loginCms")) == 1

    async def test_renewed_before_its_end_where_arca_gives_another(self, sold: Office) -> None:
        tickets = sold.site.services[Tickets]
        first = await tickets.get()
        sold.move(hours=11, minutes=51)
        sold.arca.tickets.clear()
        assert (await tickets.get()).token != first.token

    async def test_used_to_its_end_where_arca_gives_no_other(self, sold: Office) -> None:
        tickets = sold.site.services[Tickets]
        first = await tickets.get()
        sold.move(hours=11, minutes=52)
        assert (await tickets.get()).token == first.token
        sold.move(minutes=6)
        with pytest.raises(ArcaTicketHeld) as caught:
            await tickets.get()
        assert caught.value.retry_after_s == pytest.approx(121)
        sold.move(seconds=121)
        assert (await tickets.get()).token != first.token

    async def test_refused_ticket_is_dropped_and_another_asked_once(self, sold: Office) -> None:
        await sold.site.services[Tickets].get()
        sold.arca.tickets.clear()  # ARCA no longer knows it
        done = await sold.carry(await sold.ask())
        assert done.estado is EstadoEmision.CONCLUIDA
        assert [call.answer for call in sold.arca.asked(RENEW)] == ["CredencialInvalidaFault", "ok"]
        assert await sold.used() == (1, 0, 1)

    async def test_ticket_held_by_another_program_is_waited_for(self, sold: Office) -> None:
        sold.arca.fail(Fault(operation="loginCms", fault="coe.alreadyAuthenticated"))
        asked = await sold.ask()
        waiting = await sold.carry(asked)
        assert (waiting.estado, waiting.motivo_codigo) == (EstadoEmision.EN_ESPERA, "ARCA_TICKET_HELD")
        assert (await sold.issuing.standing()).pause is None
        sold.move(minutes=10)
        assert (await sold.carry(asked)).estado is EstadoEmision.CONCLUIDA

    async def test_ticket_and_key_are_sealed(self, sold: Office) -> None:
        ticket = await sold.site.services[Tickets].get()
        async with sold.site.house.database.transaction() as tx:
            kept = (await tx.execute(text("select sealed_ticket from crs_arca_tickets"))).scalar_one()
            key = (await tx.execute(text("select sealed_key from crs_arca_credencial"))).scalar_one()
        assert ticket.token.encode() not in bytes(kept)
        assert bytes(key).startswith(b"ACV1")
