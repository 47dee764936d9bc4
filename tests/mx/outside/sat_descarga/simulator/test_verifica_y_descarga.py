from __future__ import annotations

import asyncio
import io
import zipfile
from random import Random

import pytest

from acuse.kernel.clock import MovableClock
from acuse.mx.certificates.lookalike import Holder, SatLookalikeCa
from acuse.mx.outside.sat_descarga.simulator import (
    Change,
    Family,
    Limits,
    MetadataQuirk,
    Operation,
    Outcome,
    SatState,
)
from acuse.mx.rfc import Rfc
from tests.mx.outside.sat_descarga.simulator.conftest import NOON, RFC, a_document
from tests.support.sat_by_hand import SatByHand


async def finished(sat: SatByHand, **values: str) -> str:
    """Ask, let it finish, and answer the id."""
    identifier = (await sat.emitidos(**values)).result["IdSolicitud"]
    assert isinstance(sat.state.clock, MovableClock)
    sat.state.clock.move(seconds=10)
    return identifier


class TestVerifica:
    async def test_goes_from_accepted_over_working_to_finished(self, sat: SatByHand, clock: MovableClock) -> None:
        identifier = (await sat.emitidos()).result["IdSolicitud"]
        seen = []
        for _ in range(4):
            seen.append((await sat.verifica(identifier)).result["EstadoSolicitud"])
            clock.move(seconds=1)
        assert seen == ["1", "2", "2", "3"]

    async def test_names_packages_in_upper_case_from_01(self, sat: SatByHand) -> None:
        sat.state.limits = Limits(xml_per_package=4)
        identifier = await finished(sat)
        reply = await sat.verifica(identifier.upper())
        assert reply.packages == [f"{identifier.upper()}_{n}" for n in ("01", "02", "03")]
        assert reply.result == {
            "CodEstatus": "5000",
            "EstadoSolicitud": "3",
            "CodigoEstadoSolicitud": "5000",
            "NumeroCFDIs": "10",
            "Mensaje": "Solicitud Aceptada",
        }

    async def test_an_unknown_one_leaves_the_state_at_zero(self, sat: SatByHand) -> None:
        assert (await sat.verifica("4E80345D-917F-40BB-A98F-4A73939343C5")).result == {
            "CodEstatus": "5004",
            "EstadoSolicitud": "0",
            "NumeroCFDIs": "0",
            "Mensaje": "No se encontro la informacion",
        }

    async def test_anothers_is_unknown(self, sat: SatByHand, authority: SatLookalikeCa) -> None:
        identifier = (await sat.emitidos()).result["IdSolicitud"]
        holder = Holder(rfc=Rfc.parse("XIA190128J61"), name="XENON")
        other = SatByHand(sat.state, authority.issue_efirma(holder, not_before=NOON).pair)
        await other.authenticate()
        assert (await other.verifica(identifier)).code == "5004"

    async def test_that_of_the_other_family_is_unknown(self, sat: SatByHand) -> None:
        identifier = (await sat.emitidos()).result["IdSolicitud"]
        sat.family = "retenciones"
        await sat.authenticate()
        assert (await sat.verifica(identifier)).code == "5004"

    @pytest.mark.parametrize(("cod_estatus", "estado"), [(5000, 5), (5003, 4), (5000, 1)])
    async def test_too_many_is_5003_wherever_it_stands(self, sat: SatByHand, cod_estatus: int, estado: int) -> None:
        sat.state.limits = Limits(max_xml=9, over_limit_cod_estatus=cod_estatus, over_limit_estado=estado)
        result = (await sat.verifica(await finished(sat))).result
        assert result["CodigoEstadoSolicitud"] == "5003"
        assert (result["CodEstatus"], result["EstadoSolicitud"]) == (str(cod_estatus), str(estado))

    async def test_metadata_has_its_own_limit(self, sat: SatByHand) -> None:
        sat.state.limits = Limits(max_xml=9, max_metadata=10)
        assert (await sat.verifica(await finished(sat, TipoSolicitud="Metadata"))).packages

    async def test_packages_are_gone_after_three_days(self, sat: SatByHand, clock: MovableClock) -> None:
        identifier = await finished(sat)
        package = (await sat.verifica(identifier)).packages[0]
        clock.move(hours=72)
        await sat.authenticate()
        reply = await sat.verifica(identifier)
        assert (reply.result["EstadoSolicitud"], reply.packages) == ("6", [])
        assert (await sat.descarga(package)).code == "5007"

    async def test_a_stuck_one_stays_until_released(self, sat: SatByHand, clock: MovableClock) -> None:
        sat.state.switches.end_next(Outcome(estado=1))
        identifier = await finished(sat)
        clock.move(days=9)
        await sat.authenticate()
        assert (await sat.verifica(identifier)).result["EstadoSolicitud"] == "1"
        sat.state.release()
        clock.move(seconds=10)
        assert len((await sat.verifica(identifier)).packages) == 1

    async def test_odd_ends_can_be_had(self, sat: SatByHand) -> None:
        sat.state.switches.end_next(Outcome(estado=3, codigo=5010, numero=0))
        reply = await sat.verifica(await finished(sat))
        assert (reply.result["CodigoEstadoSolicitud"], reply.result["NumeroCFDIs"]) == ("5010", "0")
        assert len(reply.packages) == 1


class TestDescarga:
    async def test_hands_out_a_zip_with_the_code_in_the_header(self, sat: SatByHand) -> None:
        package = (await sat.verifica(await finished(sat))).packages[0]
        reply = await sat.descarga(package.lower())
        assert reply.result == {"CodEstatus": "5000", "Mensaje": "Solicitud Aceptada"}
        assert b'<s:Header><h:respuesta CodEstatus="5000"' in reply.body
        with zipfile.ZipFile(io.BytesIO(reply.paquete)) as archive:
            assert archive.namelist()[0] == "00000001-AAAA-4AAA-8AAA-AAAAAAAAAAAA.xml"
            assert archive.read(archive.namelist()[9]) == b"<documento numero='10'/>"

    async def test_the_second_package_holds_the_rest(self, sat: SatByHand) -> None:
        sat.state.limits = Limits(xml_per_package=6)
        packages = (await sat.verifica(await finished(sat))).packages
        counts = [len(zipfile.ZipFile(io.BytesIO((await sat.descarga(one)).paquete)).namelist()) for one in packages]
        assert counts == [6, 4]

    async def test_the_third_time_is_refused(self, sat: SatByHand) -> None:
        package = (await sat.verifica(await finished(sat))).packages[0]
        codes = [(await sat.descarga(package)).code for _ in range(4)]
        assert codes == ["5000", "5000", "5008", "5008"]
        assert sat.state.ledger.count(Operation.DESCARGAR, 5000) == 2

    async def test_both_downloads_are_the_same_bytes(self, sat: SatByHand) -> None:
        package = (await sat.verifica(await finished(sat))).packages[0]
        assert (await sat.descarga(package)).paquete == (await sat.descarga(package)).paquete

    async def test_bytes_let_go_are_made_again_the_same(self, sat: SatByHand, clock: MovableClock) -> None:
        identifier = await finished(sat, TipoSolicitud="Metadata", EstadoComprobante="Todos")
        (package, *_) = (await sat.verifica(identifier)).packages
        sat.state.switches.set_quirks([MetadataQuirk.WORDS])
        first = (await sat.descarga(package)).paquete
        sat.state.switches.set_quirks([])
        sat.state.change([a_document(1).uuid], Change(fecha_cancelacion=sat.state.today()))
        for one in sat.state.packages:
            one.content = None
        clock.move(seconds=30)
        assert (await sat.descarga(package)).paquete == first

    async def test_a_package_may_be_larger_than_a_parser_allows(self, sat: SatByHand) -> None:
        noise = Random(7).randbytes(3 << 20)
        sat.state.hold(Family.CFDI, RFC, [a_document(number, xml=lambda: noise) for number in range(1, 5)])
        package = (await sat.verifica(await finished(sat))).packages[0]
        answer = await sat.descarga(package)
        assert len(answer.body) > 10 << 20
        assert zipfile.ZipFile(io.BytesIO(answer.paquete)).read(f"{a_document(4).uuid}.xml") == noise

    async def test_many_at_once_get_no_more_than_two(self, sat: SatByHand) -> None:
        package = (await sat.verifica(await finished(sat))).packages[0]
        replies = await asyncio.gather(*(sat.descarga(package) for _ in range(8)))
        assert sorted(one.code for one in replies) == ["5000"] * 2 + ["5008"] * 6

    async def test_refused_it_carries_an_empty_package(self, sat: SatByHand) -> None:
        reply = await sat.descarga("4E80345D-917F-40BB-A98F-4A73939343C5_01")
        assert (reply.code, reply.paquete) == ("5004", b"")
        assert b"<Paquete/>" in reply.body

    async def test_one_not_finished_is_unknown(self, sat: SatByHand, state: SatState) -> None:
        await sat.emitidos()
        assert (await sat.descarga(state.packages[0].id)).code == "5004"

    async def test_a_missing_id_is_malformed(self, sat: SatByHand) -> None:
        assert (await sat.descarga("")).code == "301"

    async def test_equal_requests_at_once_give_one_solicitud(self, sat: SatByHand) -> None:
        replies = await asyncio.gather(*(sat.emitidos() for _ in range(6)))
        assert sorted(one.code for one in replies) == ["5000"] + ["5005"] * 5
