from __future__ import annotations

from datetime import datetime

import pytest

from acuse.kernel.clock import MovableClock
from acuse.mx.outside.sat_descarga.simulator import Family, Limits, Outcome, SatState
from tests.mx.outside.sat_descarga.simulator.conftest import RFC, a_document
from tests.support.sat_by_hand import SatByHand

LEAD = "XML Mal Formado:La solicitud de descarga no es válida. "


async def found(sat: SatByHand, clock: MovableClock, identifier: str) -> str:
    """Let the solicitud finish and answer NumeroCFDIs."""
    clock.move(seconds=10)
    return (await sat.verifica(identifier)).result["NumeroCFDIs"]


class TestAccepted:
    async def test_carries_id_and_rfc_before_the_code(self, sat: SatByHand) -> None:
        result = (await sat.emitidos()).result
        assert list(result) == ["IdSolicitud", "RfcSolicitante", "CodEstatus", "Mensaje"]
        assert (result["RfcSolicitante"], result["Mensaje"]) == (RFC, "Solicitud Aceptada")

    async def test_answers_in_the_operations_own_element(self, sat: SatByHand) -> None:
        body = (await sat.recibidos()).body
        assert b"<SolicitaDescargaRecibidosResponse xmlns=" in body
        assert b"<SolicitaDescargaRecibidosResult " in body

    @pytest.mark.parametrize(
        ("values", "count"),
        [
            ({}, 7),
            ({"EstadoComprobante": "Todos"}, 10),
            ({"EstadoComprobante": "Cancelado"}, 3),
            ({"TipoComprobante": "E"}, 2),
            ({"Complemento": "pagos20"}, 1),
            ({"RfcACuentaTerceros": "JUFA7608212V6"}, 1),
            ({"FechaInicial": "2025-01-04T10:00:00", "FechaFinal": "2025-01-06T10:00:00"}, 3),
            ({"FechaInicial": "2025-01-04T10:00:01", "FechaFinal": "2025-01-06T09:59:59"}, 1),
        ],
    )
    async def test_filters_narrow_what_is_found(
        self, sat: SatByHand, state: SatState, clock: MovableClock, values: dict[str, str], count: int
    ) -> None:
        yesterday = datetime.fromisoformat("2026-03-01T00:00:00")
        documents = [a_document(n, fecha_cancelacion=yesterday if n > 7 else None) for n in range(1, 8)]
        documents += [a_document(n, fecha_cancelacion=yesterday) for n in range(8, 11)]
        documents[0] = a_document(1, efecto="E", rfc_tercero="JUFA7608212V6")
        documents[1] = a_document(2, efecto="E", complementos=frozenset({"pagos20"}))
        state.hold(Family.CFDI, RFC, documents)
        assert await found(sat, clock, (await sat.emitidos(**values)).result["IdSolicitud"]) == str(count)

    async def test_receivers_narrow_what_is_found(self, sat: SatByHand, state: SatState, clock: MovableClock) -> None:
        state.hold(Family.CFDI, RFC, [a_document(1), a_document(2, rfc_receptor="XIA190128J61"), a_document(3)])
        reply = await sat.emitidos("XIA190128J61", "ZUÑ920208KL4")
        assert await found(sat, clock, reply.result["IdSolicitud"]) == "1"

    async def test_recibidos_finds_what_others_issued(
        self, sat: SatByHand, state: SatState, clock: MovableClock
    ) -> None:
        theirs = {"rfc_emisor": "XIA190128J61", "rfc_receptor": RFC}
        state.hold(Family.CFDI, RFC, [a_document(1), a_document(2, **theirs), a_document(3, **theirs)])
        assert await found(sat, clock, (await sat.recibidos()).result["IdSolicitud"]) == "2"
        other = await sat.recibidos(RfcEmisor="ZUÑ920208KL4")
        assert await found(sat, clock, other.result["IdSolicitud"]) == "0"

    async def test_one_folio_is_found(self, sat: SatByHand, clock: MovableClock) -> None:
        reply = await sat.folio("00000003-aaaa-4aaa-8aaa-aaaaaaaaaaaa")
        assert await found(sat, clock, reply.result["IdSolicitud"]) == "1"

    async def test_what_is_not_stamped_yet_is_not_there(
        self, sat: SatByHand, state: SatState, clock: MovableClock
    ) -> None:
        late = datetime.fromisoformat("2026-03-02T13:00:00")
        state.hold(Family.CFDI, RFC, [a_document(1), a_document(2, fecha_timbrado=late)])
        assert await found(sat, clock, (await sat.emitidos()).result["IdSolicitud"]) == "1"
        clock.move(hours=1)
        await sat.authenticate()
        assert await found(sat, clock, (await sat.emitidos()).result["IdSolicitud"]) == "2"

    async def test_a_taxpayer_never_heard_of_finds_nothing(self, sat: SatByHand, clock: MovableClock) -> None:
        sat.state._holdings.clear()
        identifier = (await sat.emitidos()).result["IdSolicitud"]
        clock.move(seconds=10)
        result = (await sat.verifica(identifier)).result
        assert (result["EstadoSolicitud"], result["CodigoEstadoSolicitud"]) == ("5", "5004")


class TestMalformed:
    @pytest.mark.parametrize(
        ("values", "tail"),
        [
            ({"FechaInicial": "2025-12-31T23:59:59"}, "La fecha inicial es mayor o igual a la fecha final."),
            ({"FechaInicial": "2026-01-01T00:00:00"}, "La fecha inicial es mayor o igual a la fecha final."),
            ({"FechaFinal": "2026-03-02T12:00:01"}, "Fecha final invalida"),
            ({"FechaInicial": "2020-03-01T23:59:59"}, "Fecha inicial invalida"),
            ({"FechaInicial": "2025-01-01"}, "Fecha inicial invalida"),
            ({"FechaFinal": "2025-02-30T00:00:00"}, "Fecha final invalida"),
            ({"FechaFinal": "2025-02-20T00:00:00Z"}, "Fecha final invalida"),
            ({"RfcEmisor": "H&E95"}, "RfcEmisor no válido."),
            ({"RfcEmisor": ""}, "RfcEmisor es requerido."),
            ({"TipoSolicitud": ""}, "TipoSolicitud no válido."),
            ({"TipoSolicitud": "PDF"}, "TipoSolicitud no válido."),
        ],
    )
    async def test_says_what_is_wrong(self, sat: SatByHand, values: dict[str, str], tail: str) -> None:
        reply = await sat.emitidos(**values)
        assert reply.result == {"CodEstatus": "301", "Mensaje": LEAD + tail}

    @pytest.mark.parametrize("values", [{"FechaFinal": "2026-03-02T12:00:00"}, {"FechaInicial": "2020-03-02T00:00:00"}])
    async def test_the_edges_are_taken(self, sat: SatByHand, values: dict[str, str]) -> None:
        assert (await sat.emitidos(**values)).code == "5000"

    async def test_five_receivers_are_taken_and_six_are_not(self, sat: SatByHand) -> None:
        receivers = [f"XIA190128J6{n}" for n in range(6)]
        assert (await sat.emitidos(*receivers[:5])).code == "5000"
        assert (await sat.emitidos(*receivers)).code == "301"

    @pytest.mark.parametrize("estado", ["Todos", "Cancelado", ""])
    async def test_xml_of_cancelled_received_ones_is_not_given(self, sat: SatByHand, estado: str) -> None:
        reply = await sat.recibidos(EstadoComprobante=estado)
        assert reply.result["Mensaje"] == LEAD + "No se permite la descarga de xml que se encuentren cancelados."

    async def test_the_manuals_default_can_be_had(self, sat: SatByHand) -> None:
        sat.state.limits = Limits(recibidos_need_estado=False)
        assert (await sat.recibidos(EstadoComprobante="")).code == "5000"

    async def test_metadata_of_cancelled_received_ones_is_given(self, sat: SatByHand) -> None:
        assert (await sat.recibidos(EstadoComprobante="Todos", TipoSolicitud="Metadata")).code == "5000"

    @pytest.mark.parametrize(
        "values", [{"TipoSolicitud": "METADATA"}, {"EstadoComprobante": "1"}, {"TipoComprobante": "X"}]
    )
    async def test_a_value_outside_the_wsdl_is_an_internal_fault(self, sat: SatByHand, values: dict[str, str]) -> None:
        reply = await sat.emitidos(**values)
        assert (reply.status, reply.fault) == (500, "a:InternalServiceFault")

    @pytest.mark.parametrize(
        "body",
        ["", "<", "<a/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<s:Envelope xmlns:s='otro'/>"],
    )
    async def test_what_is_no_envelope_is_malformed(self, sat: SatByHand, body: str) -> None:
        action = "http://DescargaMasivaTerceros.sat.gob.mx/ISolicitaDescargaService/SolicitaDescargaEmitidos"
        assert (await sat.post("SolicitaDescargaService.svc", action, body)).code == "301"

    async def test_a_folio_must_be_a_uuid(self, sat: SatByHand) -> None:
        assert (await sat.folio("12345")).result["Mensaje"] == LEAD + "Folio no válido."


class TestBusiness:
    async def test_an_equal_live_one_stands_in_the_way(self, sat: SatByHand) -> None:
        await sat.emitidos()
        reply = await sat.emitidos(EstadoComprobante="Cancelado")
        assert reply.result == {"CodEstatus": "5005", "Mensaje": "Ya se tiene una solicitud registrada"}

    async def test_another_type_or_direction_or_second_does_not(self, sat: SatByHand) -> None:
        await sat.emitidos()
        assert (await sat.emitidos(TipoSolicitud="Metadata")).code == "5000"
        assert (await sat.recibidos()).code == "5000"
        assert (await sat.emitidos(FechaFinal="2025-12-31T23:59:58")).code == "5000"

    async def test_with_the_full_key_other_filters_are_another(self, sat: SatByHand) -> None:
        sat.state.limits = Limits(full_key=True)
        await sat.emitidos()
        assert (await sat.emitidos(EstadoComprobante="Cancelado")).code == "5000"

    async def test_a_finished_one_may_block_too(self, sat: SatByHand, clock: MovableClock) -> None:
        sat.state.limits = Limits(finished_blocks_equal=True)
        await sat.emitidos()
        clock.move(seconds=10)
        assert (await sat.emitidos()).code == "5005"

    async def test_the_third_equal_cfdi_request_is_one_too_many(self, sat: SatByHand, clock: MovableClock) -> None:
        for _ in range(2):
            assert (await sat.emitidos()).code == "5000"
            clock.move(seconds=10)
        for _ in range(2):
            result = (await sat.emitidos()).result
            assert (result["CodEstatus"], result["Mensaje"]) == ("5002", "Se han agotado las solicitudes de por vida")
            standing = (await sat.verifica(result["IdSolicitud"])).result
            assert (standing["EstadoSolicitud"], standing["CodigoEstadoSolicitud"]) == ("5", "5002")

    async def test_metadata_may_be_asked_for_ever(self, sat: SatByHand, clock: MovableClock) -> None:
        for _ in range(4):
            assert (await sat.emitidos(TipoSolicitud="Metadata")).code == "5000"
            clock.move(seconds=10)

    async def test_families_count_apart(self, sat: SatByHand) -> None:
        await sat.emitidos()
        sat.family = "retenciones"
        await sat.authenticate()
        assert (await sat.emitidos()).code == "5000"

    async def test_nothing_found_may_be_said_at_once(self, sat: SatByHand) -> None:
        sat.state.limits = Limits(empty_at_request=True)
        result = (await sat.recibidos()).result
        assert (result["CodEstatus"], result["Mensaje"]) == ("5004", "No se encontro la informacion")
        assert result["IdSolicitud"]

    async def test_a_cancelled_folio_is_not_given(self, sat: SatByHand, state: SatState) -> None:
        state.hold(Family.CFDI, RFC, [a_document(1, fecha_cancelacion=datetime.fromisoformat("2025-02-01T00:00:00"))])
        assert (await sat.folio("00000001-AAAA-4AAA-8AAA-AAAAAAAAAAAA")).code == "5012"

    async def test_a_folio_has_its_daily_limit(self, sat: SatByHand, clock: MovableClock) -> None:
        sat.state.limits = Limits(folios_per_day=1)
        folio = "00000001-AAAA-4AAA-8AAA-AAAAAAAAAAAA"
        await sat.folio(folio)
        clock.move(seconds=10)
        second = await sat.verifica((await sat.folio(folio)).result["IdSolicitud"])
        assert (second.code, second.result["CodigoEstadoSolicitud"]) == ("5011", "5011")
        clock.move(days=1)
        await sat.authenticate()
        third = (await sat.folio(folio)).result["IdSolicitud"]
        assert await found(sat, clock, third) == "1"

    async def test_the_next_may_be_told_how_to_end(self, sat: SatByHand, clock: MovableClock) -> None:
        sat.state.switches.end_next(Outcome(estado=4, codigo=404))
        identifier = (await sat.emitidos()).result["IdSolicitud"]
        clock.move(seconds=10)
        result = (await sat.verifica(identifier)).result
        assert (result["EstadoSolicitud"], result["CodigoEstadoSolicitud"]) == ("4", "404")
