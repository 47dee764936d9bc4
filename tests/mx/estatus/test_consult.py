"""One CFDI asked about: the answer kept, the CFDI marked, people told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.mx.archivo import ArchivoService, CancellationsFound, EstadoCfdi, FoundBy
from acuse.mx.cancelaciones import CancelacionesService
from acuse.mx.estatus import EstatusService
from acuse.mx.outside.sat_consulta.errors import ConsultaTrouble, ConsultaUnreadable
from acuse.mx.outside.sat_consulta.simulator import ConsultaState, Fault
from acuse.notices.service import Outbox
from tests.mx.archivo.test_web import NEWEST, one
from tests.mx.contribuyentes.site import Site, Visitor
from tests.mx.estatus.conftest import job_of
from tests.support.cfdis import TAXPAYER

API = "/api/v1/sat/cfdis"
RFC = {"rfc": TAXPAYER.rfc}


@pytest.fixture(autouse=True)
def _later(alice: Visitor, clock: MovableClock) -> None:
    """The questions come an hour after the metadata."""
    clock.move(hours=1)


class TestApi:
    async def test_in_force(self, alice: Visitor) -> None:
        entry, _ = one()
        answer = await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["codigo_estatus"] == "S - Comprobante obtenido satisfactoriamente."
        assert (told["estado"], told["validacion_efos"], told["en_lista_69b"]) == ("Vigente", "200", False)
        assert not told["cancelacion_descubierta"]
        history = (await alice.api.get(f"{API}/{entry.uuid}/estatus", params=RFC)).json()["consultas"]
        assert history == [told]

    async def test_a_cancellation_marks_the_cfdi_and_is_told_once(
        self, site: Site, alice: Visitor, consulta: ConsultaState
    ) -> None:
        entry, _ = one()
        consulta.cancelled[entry.uuid.upper()] = "Plazo vencido"
        told = (await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)).json()
        assert (told["estado"], told["cancelacion_descubierta"]) == ("Cancelado", True)
        row = (await alice.api.get(API, params={"uuid": entry.uuid, **RFC})).json()["cfdis"][0]
        assert row["estado"] == "cancelado"
        again = (await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)).json()
        assert not again["cancelacion_descubierta"]
        found = await site.services[CancelacionesService].recent(SYSTEM)
        assert [(each.folio_fiscal, each.found_by) for each in found] == [(entry.uuid.upper(), FoundBy.CONSULTA)]
        tell = job_of(site, "mx.cancelaciones:tell")
        for _ in range(2):
            await tell.run(CancellationsFound(found[0].contribuyente_id))
        notices = (await site.services[Outbox].list()).items
        assert [(each.template, each.recipient) for each in notices if each.template == "cfdi_cancelados"] == [
            ("cfdi_cancelados", "alice@example.org")
        ]
        assert entry.uuid.upper() in notices[0].text

    async def test_the_bell_rings_for_a_week(self, site: Site, alice: Visitor, consulta: ConsultaState) -> None:
        entry, _ = one()
        consulta.cancelled[entry.uuid.upper()] = "Cancelado sin aceptación"
        await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)
        source = site.services.mounted["cancelaciones"].alerts[0]
        assert [alert.path for alert in await source.find(SYSTEM)] == ["/app/cfdi/cancelados?dias=7"]
        site.house.clock.move(days=8)  # type: ignore[attr-defined]
        assert await source.find(SYSTEM) == []

    async def test_a_later_metadata_still_holds(self, site: Site, alice: Visitor, consulta: ConsultaState) -> None:
        """The rule is one: of two that were told, the later."""
        entry, _ = one()
        consulta.cancelled[entry.uuid.upper()] = "Cancelado sin aceptación"
        await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)
        archive = site.services[ArchivoService]
        detail = await archive.get(SYSTEM, entry.uuid, rfc=TAXPAYER.rfc)
        async with site.house.database.transaction() as tx:
            earlier = site.house.clock.now() - timedelta(minutes=5)
            who = detail.contribuyente_id
            by = FoundBy.CONSULTA
            assert not await archive.mark(tx, who, detail.uuid, EstadoCfdi.VIGENTE, as_of=earlier, found_by=by)
        assert (await archive.get(SYSTEM, entry.uuid, rfc=TAXPAYER.rfc)).estado == "cancelado"

    async def test_601_is_asked_again_before_it_is_believed(self, alice: Visitor, consulta: ConsultaState) -> None:
        entry, _ = one()
        consulta.faults.append(Fault(times=2, code="601"))
        told = (await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)).json()
        assert (told["estado"], consulta.calls) == ("Vigente", 3)

    async def test_601_three_times_is_told_with_doubt(self, alice: Visitor, consulta: ConsultaState) -> None:
        entry, _ = one()
        consulta.faults.append(Fault(times=3, code="601"))
        told = (await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)).json()
        assert told["codigo_estatus"] == "N - 601: La expresión impresa proporcionada no es válida."
        assert "fallas" in told["significado"]
        row = (await alice.api.get(API, params={"uuid": entry.uuid, **RFC})).json()["cfdis"][0]
        assert row["estado"] == "vigente"

    async def test_not_found_within_72_hours_says_so(
        self, alice: Visitor, consulta: ConsultaState, clock: MovableClock
    ) -> None:
        entry = NEWEST[8]
        consulta.appears_after_s = 10**9
        stamped = entry.fecha_timbrado.replace(tzinfo=UTC) + timedelta(hours=6)
        clock.set(stamped + timedelta(hours=71, minutes=50))
        early = (await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)).json()
        clock.set(stamped + timedelta(hours=72, minutes=10))
        late = (await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)).json()
        assert early["estado"] == late["estado"] == "No Encontrado"
        assert "menos de 72 horas" in early["significado"]
        assert "más de 72 horas" in late["significado"]

    async def test_a_listed_issuer_is_told(self, alice: Visitor, consulta: ConsultaState) -> None:
        entry, _ = one()
        consulta.listed.add(entry.emisor_rfc)
        told = (await alice.api.post(f"{API}/{entry.uuid}/estatus", params=RFC)).json()
        assert (told["validacion_efos"], told["en_lista_69b"]) == ("100", True)

    async def test_every_document_of_the_year_is_known_with_the_seal_of_its_xml(
        self, site: Site, clock: MovableClock
    ) -> None:
        clock.set(datetime(2027, 1, 1, tzinfo=UTC))
        service = site.services[EstatusService]
        for entry in NEWEST[5:45]:
            found = await service.consult(SYSTEM, entry.uuid, rfc=TAXPAYER.rfc)
            assert found.is_cancelled == entry.cancelado, found
            assert found.is_in_force != entry.cancelado

    async def test_another_persons_cfdi_does_not_exist(self, charlie: Visitor, consulta: ConsultaState) -> None:
        answer = await charlie.api.post(f"{API}/{one()[0].uuid}/estatus")
        assert (answer.status_code, answer.json()["error"]) == (404, "CFDI_NOT_FOUND")
        assert consulta.calls == 0

    async def test_trouble_at_the_sat_is_told(self, site: Site, consulta: ConsultaState) -> None:
        entry, _ = one()
        service = site.services[EstatusService]
        consulta.faults.append(Fault(status=500))
        with pytest.raises(ConsultaTrouble):
            await service.consult(SYSTEM, entry.uuid, rfc=TAXPAYER.rfc)
        consulta.faults.append(Fault(garbage=True))
        with pytest.raises(ConsultaUnreadable):
            await service.consult(SYSTEM, entry.uuid, rfc=TAXPAYER.rfc)
        assert await service.history(SYSTEM, entry.uuid, rfc=TAXPAYER.rfc) == []


class TestPages:
    async def test_the_button_stands_on_the_page_of_the_cfdi(self, alice: Visitor, consulta: ConsultaState) -> None:
        entry, _ = one()
        path = f"/app/cfdi/{TAXPAYER.rfc}/{entry.uuid}"
        before = await alice.browser.get(path)
        assert "Consultar en el SAT" in before.text
        assert "Todavía no se ha preguntado" in before.text
        consulta.cancelling[entry.uuid.upper()] = "En proceso"
        sent = await alice.browser.post(f"/app/estatus/{TAXPAYER.rfc}/{entry.uuid}")
        assert (sent.status_code, sent.headers["location"].partition("?")[0]) == (303, path)
        after = (await alice.browser.get(path)).text
        assert "Vigente · En proceso" in after
        assert "S - Comprobante obtenido satisfactoriamente." in after

    async def test_trouble_is_told_on_the_page(self, alice: Visitor, consulta: ConsultaState) -> None:
        consulta.faults.append(Fault(status=500))
        sent = await alice.browser.post(f"/app/estatus/{TAXPAYER.rfc}/{one()[0].uuid}")
        assert sent.status_code == 303
