"""The client and ARCA agree: a ticket, the three operations, every fault, every trouble of the line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from acuse.ar.certificates import read_bundle
from acuse.ar.controladores import ControladorId
from acuse.ar.outside.arca import errors
from acuse.ar.outside.arca.client import ArcaClient, ArcaSettings
from acuse.ar.outside.arca.codes import Ambiente, ArbccfFault, Course, WsaaFault
from acuse.ar.outside.arca.errors import is_outcome_known
from acuse.ar.outside.arca.simulator import ArcaState, Fault, Place, create_app
from acuse.ar.outside.arca.wire import Issued, Ticket
from acuse.kernel.clock import MovableClock
from acuse.kernel.errors import Outside, Unavailable
from acuse.kernel.http import HttpClients
from acuse.kernel.http.errors import ServiceUnreachable
from tests.support.arca import CUIT, DEVICE_ID, ORIGIN, SETTINGS, a_company, a_request, an_arca, company_ca
from tests.support.controladores import NOW, afip

UNKNOWN_MODEL = ControladorId.parse("ZZZZZZ0000000001")


@dataclass
class Arca:
    """The simulated ARCA, the real client, and a clock of ours beside ARCA's own."""

    state: ArcaState
    client: ArcaClient
    clock: MovableClock

    async def ticket(self) -> Ticket:
        return await self.client.login(a_company())

    async def alta(self, device: ControladorId = DEVICE_ID, request: bytes | None = None) -> Issued:
        sent = request or a_request()
        return await self.client.alta(device, sent, cuit=CUIT, ticket=await self.ticket_again())

    async def renovar(self, device: ControladorId = DEVICE_ID) -> Issued:
        return await self.client.renovar(device, cuit=CUIT, ticket=await self.ticket_again())

    async def baja(self, device: ControladorId = DEVICE_ID) -> None:
        await self.client.baja(device, cuit=CUIT, ticket=await self.ticket_again())

    async def ticket_again(self) -> Ticket:
        self.state.tickets.clear()
        return await self.ticket()


@pytest.fixture
async def arca() -> AsyncIterator[Arca]:
    clock, state = MovableClock(NOW), an_arca()
    async with HttpClients(clock) as http:
        http.mount(ORIGIN, create_app(state))
        yield Arca(state, ArcaClient(http, clock, SETTINGS), clock)


class TestLogin:
    async def test_ticket_lasts_twelve_hours(self, arca: Arca) -> None:
        ticket = await arca.ticket()
        assert ticket.expires - ticket.generated == timedelta(hours=12)

    async def test_ticket_does_not_show_its_secrets(self, arca: Arca) -> None:
        ticket = await arca.ticket()
        assert ticket.token not in repr(ticket)
        assert ticket.sign not in repr(ticket)

    async def test_second_ticket_is_refused_while_one_is_valid(self, arca: Arca) -> None:
        await arca.ticket()
        with pytest.raises(errors.ArcaTicketHeld) as caught:
            await arca.ticket()
        assert caught.value.details["arca_message"] == WsaaFault.ALREADY_AUTHENTICATED.words

    async def test_second_ticket_is_given_after_the_first_has_ended(self, arca: Arca) -> None:
        first = await arca.ticket()
        arca.clock.move(hours=12, seconds=1)
        arca.state.clock.move(hours=12, seconds=1)
        assert (await arca.ticket()).token != first.token

    @pytest.mark.parametrize("minutes", [-9, 9])
    async def test_clocks_may_differ_by_some_minutes(self, arca: Arca, minutes: int) -> None:
        arca.clock.move(minutes=minutes)
        assert (await arca.ticket()).token

    async def test_clock_far_ahead_is_refused(self, arca: Arca) -> None:
        arca.clock.move(minutes=30)
        with pytest.raises(errors.ArcaCredentialRefused, match="tiempo de generación"):
            await arca.ticket()

    async def test_clock_far_behind_is_refused(self, arca: Arca) -> None:
        arca.clock.move(minutes=-30)
        with pytest.raises(errors.ArcaCredentialRefused, match=r"xml\.expirationTime\.expired"):
            await arca.ticket()

    async def test_company_without_delegation_is_refused(self, arca: Arca) -> None:
        arca.state.cuits.clear()
        with pytest.raises(errors.ArcaCredentialRefused, match=r"coe\.notAuthorized"):
            await arca.ticket()

    async def test_certificate_of_another_authority_is_refused(self, arca: Arca) -> None:
        arca.state.trusted = afip().root.certificate
        with pytest.raises(errors.ArcaCredentialRefused, match=r"cms\.cert\.untrusted"):
            await arca.ticket()

    async def test_ended_certificate_is_refused(self, arca: Arca) -> None:
        ended = a_company(age_days=800, life_days=100)
        with pytest.raises(errors.ArcaCredentialRefused, match=r"cms\.cert\.expired"):
            await arca.client.login(ended)

    async def test_unknown_service_is_refused(self, arca: Arca) -> None:
        arca.state.services = frozenset({"wsfe"})
        with pytest.raises(errors.ArcaCredentialRefused, match=r"wsn\.notFound"):
            await arca.ticket()

    @pytest.mark.parametrize("fault", list(WsaaFault))
    async def test_every_fault_takes_its_course(self, arca: Arca, fault: WsaaFault) -> None:
        arca.state.fail(Fault(operation="loginCms", fault=fault.value))
        expected = {
            Course.WAIT: errors.ArcaTicketHeld,
            Course.REST: errors.ArcaTrouble,
            Course.TELL_ADMIN: errors.ArcaCredentialRefused,
        }[fault.course]
        with pytest.raises(expected) as caught:
            await arca.ticket()
        assert caught.value.details["arca_message"] == fault.words


class TestOperations:
    async def test_alta_gives_the_certificate_of_the_key_in_the_request(self, arca: Arca) -> None:
        issued = await arca.alta()
        found = read_bundle(issued.bundle, at=NOW, roots=[afip().root.certificate], expected=DEVICE_ID)
        assert found.key_bits == 1024
        assert found.certificate.not_after - found.certificate.not_before == timedelta(days=731)

    async def test_renewal_certifies_the_same_key_again(self, arca: Arca) -> None:
        first, second = await arca.alta(), await arca.renovar()
        assert first.certificate.serial_number != second.certificate.serial_number
        assert first.certificate.public_key.public_numbers() == second.certificate.public_key.public_numbers()

    async def test_every_renewal_is_another_certificate(self, arca: Arca) -> None:
        await arca.alta()
        assert len({(await arca.renovar()).certificate.serial_number for _ in range(3)}) == 3

    async def test_changed_key_is_another_key(self, arca: Arca) -> None:
        first = await arca.alta()
        arca.state.changed_keys = 1
        changed, again = await arca.renovar(), await arca.renovar()
        assert changed.certificate.public_key.public_numbers() != first.certificate.public_key.public_numbers()
        assert again.certificate.public_key.public_numbers() == first.certificate.public_key.public_numbers()

    async def test_baja_is_for_ever(self, arca: Arca) -> None:
        await arca.alta()
        await arca.baja()
        for again in (arca.alta, arca.renovar, arca.baja):
            with pytest.raises(errors.ArcaDischarged):
                await again()

    async def test_devices_outlive_the_process(self, arca: Arca, tmp_path_factory: pytest.TempPathFactory) -> None:
        arca.state.journal = tmp_path_factory.mktemp("arca") / "diario.json"
        await arca.alta()
        again = ArcaState(
            ca=afip(),
            trusted=company_ca().authority.certificate,
            clock=MovableClock(NOW),
            journal=arca.state.journal,
        )
        assert again.devices == arca.state.devices
        assert again.tickets == arca.state.tickets


class TestFaults:
    async def test_ticket_of_nobody(self, arca: Arca) -> None:
        ticket = Ticket("x", "y", NOW, NOW)
        with pytest.raises(errors.ArcaTicketRefused):
            await arca.client.renovar(DEVICE_ID, cuit=CUIT, ticket=ticket)

    async def test_ended_ticket(self, arca: Arca) -> None:
        ticket = await arca.ticket()
        arca.state.clock.move(hours=13)
        with pytest.raises(errors.ArcaTicketRefused):
            await arca.client.renovar(DEVICE_ID, cuit=CUIT, ticket=ticket)

    async def test_other_company_than_the_ticket_is_of(self, arca: Arca) -> None:
        with pytest.raises(errors.ArcaCuitNotAuthorized):
            await arca.client.renovar(DEVICE_ID, cuit="20123456786", ticket=await arca.ticket())

    async def test_model_that_is_not_homologated(self, arca: Arca) -> None:
        with pytest.raises(errors.ArcaNotHomologated, match="ZZZZZZ0000000001"):
            await arca.alta(UNKNOWN_MODEL)

    async def test_second_alta(self, arca: Arca) -> None:
        await arca.alta()
        with pytest.raises(errors.ArcaEnrolled):
            await arca.alta()

    @pytest.mark.parametrize("operation", ["renovar", "baja"])
    async def test_nothing_before_the_alta(self, arca: Arca, operation: str) -> None:
        with pytest.raises(errors.ArcaNotEnrolled):
            await getattr(arca, operation)()

    @pytest.mark.parametrize(
        ("device", "fault"),
        [
            (ControladorId("S-", "SH", "IA", "0000000001"), ArbccfFault.FABRICANTE_INVALIDO),
            (ControladorId("SE", "S", "IA", "0000000001"), ArbccfFault.MARCA_INVALIDA),
            (ControladorId("SE", "SH", "IAX", "0000000001"), ArbccfFault.MODELO_INVALIDO),
            (ControladorId("SE", "SH", "IA", "1"), ArbccfFault.SERIE_INVALIDA),
        ],
    )
    async def test_each_part_of_the_identity(self, arca: Arca, device: ControladorId, fault: ArbccfFault) -> None:
        with pytest.raises(errors.ArcaBadIdentity) as caught:
            await arca.renovar(device)
        assert caught.value.details["fault"] == fault.value

    @pytest.mark.parametrize("request_", [b"x", a_request()[:-1] + bytes([a_request()[-1] ^ 1]), a_request(bits=2048)])
    async def test_request_that_is_none_or_forged_or_too_small(self, arca: Arca, request_: bytes) -> None:
        arca.state.least_bits = 4096
        with pytest.raises(errors.ArcaBadRequest):
            await arca.alta(request=request_)
        assert not arca.state.devices

    @pytest.mark.parametrize("place", list(Place))
    @pytest.mark.parametrize("fault", list(ArbccfFault))
    async def test_every_fault_is_known_wherever_it_bears_its_name(
        self, arca: Arca, fault: ArbccfFault, place: Place
    ) -> None:
        arca.state.place = place
        arca.state.fail(Fault(operation="renovarCertificado", fault=fault.value))
        with pytest.raises(Outside) as caught:
            await arca.renovar()
        assert caught.value.details["fault"] == fault.value
        assert type(caught.value) is not errors.ArcaRefused
        assert isinstance(caught.value, Unavailable) == (fault.course is Course.REST)
        assert is_outcome_known(caught.value)

    def test_fault_printed_with_its_last_letter_is_the_same(self) -> None:
        assert ArbccfFault.find("", "ModeloInvalidoFault") is ArbccfFault.MODELO_INVALIDO
        assert ArbccfFault.find("soapenv:Server", "algo nuevo") is None

    async def test_internal_error_asks_for_ten_minutes(self, arca: Arca) -> None:
        arca.state.fail(Fault(operation="renovarCertificado", fault="ErrorInternoFault"))
        with pytest.raises(errors.ArcaTrouble) as caught:
            await arca.renovar()
        assert caught.value.retry_after_s == 600


class TestLine:
    @pytest.mark.parametrize("wrong", [{"status": 502}, {"garbage": True}])
    async def test_lost_answer_leaves_the_outcome_unknown(self, arca: Arca, wrong: dict[str, object]) -> None:
        arca.state.fail(Fault(operation="altaCriptografica", after=True, **wrong))  # type: ignore[arg-type]
        with pytest.raises(Outside) as caught:
            await arca.alta()
        assert not is_outcome_known(caught.value)
        assert str(DEVICE_ID) in arca.state.devices

    @pytest.mark.parametrize(("sent", "known"), [(True, False), (False, True)])
    def test_call_that_never_left_was_not_carried_out(self, sent: bool, known: bool) -> None:
        lost = ServiceUnreachable(service="arca", cause="connect", reason="", sent=sent)
        assert is_outcome_known(lost) is known

    async def test_wrong_address_is_no_outage(self, arca: Arca) -> None:
        arca.state.fail(Fault(operation="renovarCertificado", status=404))
        with pytest.raises(errors.ArcaUnreadable, match="HTTP 404"):
            await arca.renovar()

    async def test_slow_answer_is_waited_for(self, arca: Arca) -> None:
        await arca.alta()
        arca.state.fail(Fault(operation="renovarCertificado", delay_s=40))
        before = arca.state.now()
        assert (await arca.renovar()).certificate
        assert arca.state.now() - before == timedelta(seconds=40)


def test_addresses_follow_the_surroundings_unless_set() -> None:
    assert ArcaSettings().wsaa_url == "https://wsaahomo.afip.gov.ar/ws/services/LoginCms"
    real = ArcaSettings(arca_environment=Ambiente.PRODUCCION)
    assert real.arbccf_url.startswith("https://wsaa.afip.gov.ar/controladores-fiscales-ws/")
    assert SETTINGS.wsaa_url.startswith(ORIGIN)
