"""What is charged and what is not: a place is reserved, then becomes a download or is free again."""

from __future__ import annotations

import pytest

from acuse.accounts.model import Role
from acuse.ar.certificates.lookalike import device_key
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.errors import CertificadoNotOffered, DownloadBlocked
from acuse.ar.crs.model import EstadoControlador
from acuse.ar.crs.service import CatalogueService, DownloadService, QuotaService, Radar
from acuse.ar.emision.errors import (
    CertificateInForce,
    ControladorDischarged,
    CredentialMissing,
    IssuanceNotFound,
    IssuanceStarted,
    IssuanceUnderWay,
)
from acuse.ar.emision.model import EstadoEmision
from acuse.ar.emision.service import Carrier, CredentialService
from acuse.ar.outside.arca.codes import ArbccfFault, Course
from acuse.ar.outside.arca.simulator import Fault
from acuse.kernel.audit import SYSTEM
from acuse.pki.private_key import PrivateKey
from tests.ar.emision.conftest import Office
from tests.support.arca import DEVICE_ID, a_request
from tests.support.controladores import a_bundle

OTHER = ControladorId.parse("SESHIA0000000002")
THIRD = ControladorId.parse("SESHIA0000000003")


def sold(office: Office, device: ControladorId = DEVICE_ID) -> None:
    """The device had its alta elsewhere."""
    office.arca.enrol(str(device), device_key().public_key)


class TestCharge:
    async def test_alta_is_charged_once_when_its_certificate_is_here(self, office: Office) -> None:
        asked = await office.ask(request=a_request())
        assert await office.used() == (0, 1, 0)
        done = await office.carry(asked)
        assert (done.estado, done.intentos) == (EstadoEmision.CONCLUIDA, 1)
        assert await office.used() == (1, 0, 1)
        assert done.id_descarga is not None
        download = office.site.services[DownloadService]
        delivered = await download.deliver(office.bob.identity, done.id_descarga)
        assert b"BEGIN CERTIFICATE" in delivered.content

    async def test_renewal_replaces_the_ended_certificate(self, office: Office) -> None:
        sold(office)
        await office.site.certificate(age_days=700)
        done = await office.carry(await office.ask())
        assert done.estado is EstadoEmision.CONCLUIDA
        (newest,) = await office.site.services[CatalogueService].available(office.bob.identity)
        assert newest.id == done.id_certificado

    async def test_carried_out_again_nothing_changes(self, office: Office) -> None:
        sold(office)
        asked = await office.ask()
        first = await office.carry(asked)
        assert await office.carry(asked) == first
        assert len(office.arca.asked("renovarCertificado")) == 1
        assert await office.used() == (1, 0, 1)

    @pytest.mark.parametrize("fault", [each for each in ArbccfFault if each.course is not Course.REST])
    async def test_no_refusal_is_charged(self, office: Office, fault: ArbccfFault) -> None:
        sold(office)
        office.arca.fail(Fault(operation="renovarCertificado", fault=fault.value, times=2))
        done = await office.carry(await office.ask())
        if fault is ArbccfFault.CREDENCIAL_INVALIDA:  # the next ticket is refused to us while the first is valid
            assert done.estado is EstadoEmision.EN_ESPERA
            assert done.motivo_codigo == "ARCA_TICKET_HELD"
            assert await office.used() == (0, 1, 0)
            return
        assert done.estado is EstadoEmision.RECHAZADA
        assert done.motivo
        assert await office.used() == (0, 0, 0)

    async def test_reserved_place_leaves_no_room(self, office: Office) -> None:
        await office.ask()
        await office.ask(OTHER)
        with pytest.raises(DownloadBlocked) as caught:
            await office.ask(THIRD)
        assert caught.value.details == {"pendingCount": 2, "limit": 2}
        certificate = await office.site.certificate("SESHIA0000000009")
        with pytest.raises(DownloadBlocked):
            await office.site.services[DownloadService].start(office.bob.identity, certificate)
        assert len(await office.site.audited("DOWNLOAD_BLOCKED")) == 2
        assert not await office.rows("select * from crs_emisiones where controlador_id = :id", id=str(THIRD))

    async def test_limit_lowered_meanwhile_does_not_undo_what_is_under_way(self, office: Office) -> None:
        sold(office)
        asked = await office.ask()
        await office.site.services[QuotaService].set_limit(office.bob.user.id, 0, actor=SYSTEM)
        assert (await office.carry(asked)).estado is EstadoEmision.CONCLUIDA
        assert await office.used() == (1, 0, 1)

    async def test_the_alert_comes_with_the_download_not_with_the_reservation(self, office: Office) -> None:
        sold(office)
        sold(office, OTHER)
        await office.carry(await office.ask())
        second = await office.ask(OTHER)
        assert not await office.site.alerts()
        await office.carry(second)
        assert [alert.kind.value for alert in await office.site.alerts()] == ["100"]

    async def test_every_step_is_audited(self, office: Office) -> None:
        sold(office)
        await office.carry(await office.ask())
        actions = ("REQUEST_ISSUANCE", "USE_CREDENTIAL", "UPLOAD_CERTIFICATE", "START_DOWNLOAD", "FINISH_ISSUANCE")
        rows = await office.site.audited(*actions)
        assert [row.accion for row in rows] == list(actions)
        assert [row.actor_nombre for row in rows] == ["Bob", "Acuse", "Bob", "Bob", "Bob"]


class TestAsking:
    async def test_asked_twice_by_the_same_person_is_one(self, office: Office) -> None:
        assert (await office.ask()).id == (await office.ask()).id
        assert await office.used() == (0, 1, 0)

    async def test_asked_by_another_meanwhile_is_refused(self, office: Office) -> None:
        await office.ask()
        carol = await office.site.person("Carol", "27301112225")
        with pytest.raises(IssuanceUnderWay):
            await office.issuing.ask(carol.identity, DEVICE_ID)

    async def test_certificate_in_force_is_not_asked_again(self, office: Office) -> None:
        certificate = await office.site.certificate(age_days=100)
        with pytest.raises(CertificateInForce) as caught:
            await office.ask()
        assert caught.value.details["id_certificado"] == str(certificate)

    async def test_another_person_sees_nothing(self, office: Office) -> None:
        asked = await office.ask()
        carol = await office.site.person("Carol", "27301112225")
        with pytest.raises(IssuanceNotFound):
            await office.issuing.get(carol.identity, asked.id)
        assert (await office.issuing.page(carol.identity, page=1, limit=10))[1] == 0

    async def test_cancelled_before_the_call_the_place_is_free(self, office: Office) -> None:
        asked = await office.ask()
        done = await office.issuing.cancel(office.bob.identity, asked.id)
        assert done.motivo_codigo == "ISSUANCE_CANCELLED"
        assert await office.used() == (0, 0, 0)
        assert (await office.carry(done)).estado is EstadoEmision.RECHAZADA
        assert not office.arca.calls
        with pytest.raises(IssuanceStarted):
            await office.issuing.cancel(office.bob.identity, asked.id)

    async def test_without_a_credential_nothing_can_be_asked(self, office: Office) -> None:
        await office.site.services[CredentialService].remove(SYSTEM)
        with pytest.raises(CredentialMissing):
            await office.ask()


class TestDevice:
    async def test_alta_known_at_arca_with_the_same_key_becomes_a_renewal(self, office: Office) -> None:
        first = await office.carry(await office.ask(request=a_request()))
        await office.rows("update crs_certificados set not_after = not_before returning 1")
        again = await office.carry(await office.ask(request=a_request()))
        assert (first.estado, again.estado) == (EstadoEmision.CONCLUIDA, EstadoEmision.CONCLUIDA)
        assert "ARCA ya tenía el alta" in " ".join(line["message"] for line in again.historia)

    async def test_alta_known_at_arca_with_another_key_is_refused_and_not_charged(self, office: Office) -> None:
        office.arca.enrol(str(DEVICE_ID), PrivateKey.generate(1024).public_key)
        done = await office.carry(await office.ask(request=a_request()))
        assert (done.estado, done.motivo_codigo) == (EstadoEmision.RECHAZADA, "ARCA_OTHER_KEY")
        assert await office.used() == (0, 0, 0)
        assert await office.site.services[CatalogueService].count() == 0

    async def test_renewal_of_another_key_is_flagged(self, office: Office) -> None:
        office.arca.enrol(str(DEVICE_ID), PrivateKey.generate(1024).public_key)
        await office.site.services[CatalogueService].add(SYSTEM, a_bundle(age_days=700))
        done = await office.carry(await office.ask())
        assert done.estado is EstadoEmision.CONCLUIDA
        assert "CHANGED_KEY" in [line.get("code") for line in done.historia]

    async def test_baja_is_for_ever_and_free(self, office: Office) -> None:
        admin = await office.site.person("Ana", "27301112225", Role.ADMINISTRADOR)
        sold(office)
        await office.site.certificate(age_days=700)
        asked = await office.issuing.discharge(admin.identity, DEVICE_ID)
        await office.site.services[Carrier].carry_out(asked.id)
        (row,) = await office.rows("select estado from crs_controladores")
        assert row["estado"] == EstadoControlador.BAJA.value
        assert await office.used() == (0, 0, 0)
        with pytest.raises(ControladorDischarged):
            await office.ask()

    async def test_after_baja_its_certificate_is_neither_offered_nor_told_of(self, office: Office) -> None:
        admin = await office.site.person("Ana", "27301112225", Role.ADMINISTRADOR)
        sold(office)
        certificate = await office.site.certificate(age_days=700)
        catalogue, radar = office.site.services[CatalogueService], office.site.services[Radar]
        assert len(await catalogue.available(office.bob.identity)) == len(await radar.ending()) == 1
        asked = await office.issuing.discharge(admin.identity, DEVICE_ID)
        await office.site.services[Carrier].carry_out(asked.id)
        assert not await catalogue.available(office.bob.identity)
        assert not await radar.ending()
        page = await office.bob.browser.get(f"/app/crs/certificados/{certificate}")
        assert "ARCA dio de baja el equipo" in page.text
        assert "Dado de baja" in page.text
        assert "Cuenta una descarga" not in page.text
        with pytest.raises(CertificadoNotOffered, match="ARCA dio de baja el equipo"):
            await office.site.services[DownloadService].start(office.bob.identity, certificate)
        done = await admin.browser.get(f"/app/crs/emisiones/{asked.id}")
        assert "Controlador dado de baja" in done.text
