from __future__ import annotations

import asyncio
import gzip
import io
import zipfile

import httpx2
import pytest
from lxml import etree

from acuse.kernel.clock import MovableClock
from acuse.mx.outside.sat_descarga.codes import CodEstatus
from acuse.mx.outside.sat_descarga.simulator import (
    Family,
    Fault,
    Limits,
    MetadataQuirk,
    Operation,
    SatState,
    SoapFault,
    XmlQuirk,
    create_app,
)
from tests.mx.outside.sat_descarga.simulator.conftest import RFC, a_document
from tests.mx.outside.sat_descarga.simulator.test_verifica_y_descarga import finished
from tests.support.sat_by_hand import SatByHand


class TestFaults:
    @pytest.mark.parametrize("code", list(CodEstatus), ids=lambda code: str(code.number))
    @pytest.mark.parametrize("operation", ["emitidos", "verifica", "descargar"])
    async def test_every_code_can_be_had_of_every_call(self, sat: SatByHand, code: CodEstatus, operation: str) -> None:
        sat.state.switches.fail(Fault(operation=operation, code=code.number))
        calls = {"emitidos": sat.emitidos(), "verifica": sat.verifica("x"), "descargar": sat.descarga("x")}
        called = calls.pop(operation)
        for other in calls.values():
            other.close()
        reply = await called
        assert (reply.status, reply.code, reply.result["Mensaje"]) == (200, str(code.number), code.sent)

    @pytest.mark.parametrize("fault", list(SoapFault))
    async def test_every_fault_can_be_had(self, sat: SatByHand, fault: SoapFault) -> None:
        sat.state.switches.fail(Fault(operation="verifica", fault=fault))
        reply = await sat.verifica("x")
        assert (reply.status, reply.fault.replace("a:", "").lower()[:6]) == (500, fault.replace("_", "")[:6])

    async def test_only_the_operation_named_fails_and_only_so_often(self, sat: SatByHand) -> None:
        sat.state.switches.fail(Fault(operation="verifica", status=503, times=2))
        statuses = [(await sat.emitidos()).status]
        statuses += [(await sat.verifica("x")).status for _ in range(3)]
        assert statuses == [200, 503, 503, 200]

    async def test_an_answer_can_be_lost_after_the_work_is_done(self, sat: SatByHand) -> None:
        sat.state.switches.fail(Fault(operation="emitidos", status=502, after=True))
        assert (await sat.emitidos()).status == 502
        assert (await sat.emitidos()).code == "5005"
        assert len(sat.state.solicitudes) == 1

    @pytest.mark.parametrize(("after", "taken"), [(False, 0), (True, 1)])
    async def test_a_call_can_stand_until_all_is_put_right(self, sat: SatByHand, *, after: bool, taken: int) -> None:
        switches = sat.state.switches
        switches.fail(Fault(operation="emitidos", stall=True, after=after))
        standing = asyncio.create_task(sat.emitidos())
        while not switches.stalled:  # noqa: ASYNC110 - the other side of a call sets no event
            await asyncio.sleep(0)
        assert len(sat.state.solicitudes) == taken
        switches.clear()
        assert (await standing).code == "5000"
        assert (switches.stalled, len(sat.state.solicitudes)) == (0, 1)

    async def test_404_may_carry_the_id_of_what_was_taken_in(self, sat: SatByHand) -> None:
        sat.state.switches.fail(Fault(operation="emitidos", code=404, after=True))
        reply = await sat.emitidos()
        assert list(reply.result) == ["IdSolicitud", "CodEstatus", "Mensaje"]
        assert (await sat.verifica(reply.result["IdSolicitud"])).result["EstadoSolicitud"] == "1"

    async def test_waiting_takes_the_clocks_time(self, sat: SatByHand, clock: MovableClock) -> None:
        before = clock.now()
        sat.state.switches.fail(Fault(operation="verifica", delay_s=20))
        await sat.verifica("x")
        assert (clock.now() - before).total_seconds() == 20

    async def test_a_truncated_answer_announces_more_than_it_sends(self, sat: SatByHand) -> None:
        package = (await sat.verifica(await finished(sat))).packages[0]
        sat.state.switches.fail(Fault(operation="descargar", truncate=True))
        reply = await sat.descarga(package)
        assert len(reply.body) == int(reply.headers["content-length"]) // 2
        with pytest.raises(etree.XMLSyntaxError):
            _ = reply.xml

    async def test_a_package_can_be_a_broken_zip(self, sat: SatByHand) -> None:
        package = (await sat.verifica(await finished(sat))).packages[0]
        sat.state.switches.fail(Fault(operation="descargar", broken_zip=True))
        with pytest.raises(zipfile.BadZipFile):
            zipfile.ZipFile(io.BytesIO((await sat.descarga(package)).paquete))

    async def test_garbage_comes_with_status_200(self, sat: SatByHand) -> None:
        sat.state.switches.fail(Fault(garbage=True))
        reply = await sat.verifica("x")
        assert reply.status == 200
        with pytest.raises(etree.XMLSyntaxError):
            _ = reply.xml

    async def test_a_token_can_be_refused_at_the_door(self, sat: SatByHand) -> None:
        sat.state.switches.fail(Fault(operation="autentica", code=300))
        assert (await sat.authenticate()).fault == "a:InvalidSecurity"

    def test_a_wrong_switch_is_refused(self) -> None:
        with pytest.raises(ValueError, match="operation"):
            Fault(operation="otra")
        with pytest.raises(ValueError, match="times"):
            Fault(times=0)


class TestGzip:
    async def raw(self, sat: SatByHand, accept: str) -> tuple[bytes, str | None]:
        """Answer an Autentica's bytes as they went over the wire."""
        async with (
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app=create_app(sat.state))) as http,
            http.stream(
                "POST",
                "http://sat.test/Autenticacion/Autenticacion.svc",
                content=sat.autentica_body(),
                headers={"SOAPAction": Operation.AUTENTICA.action, "Accept-Encoding": accept},
            ) as answer,
        ):
            return b"".join([part async for part in answer.aiter_raw()]), answer.headers.get("content-encoding")

    async def test_is_used_when_asked_for(self, sat: SatByHand) -> None:
        body, encoding = await self.raw(sat, "gzip, deflate")
        assert encoding == "gzip"
        assert b"AutenticaResult" in gzip.decompress(body)

    async def test_is_not_when_not(self, sat: SatByHand) -> None:
        assert (await self.raw(sat, "identity"))[1] is None

    @pytest.mark.parametrize(("habit", "accept", "encoding"), [("never", "gzip", None), ("always", "", "gzip")])
    async def test_habit_decides(self, sat: SatByHand, habit: str, accept: str, encoding: str | None) -> None:
        sat.state.limits = Limits(gzip=habit)
        assert (await self.raw(sat, accept))[1] == encoding

    async def test_can_be_forced_once(self, sat: SatByHand) -> None:
        sat.state.switches.fail(Fault(gzip=True))
        assert [(await self.raw(sat, ""))[1] for _ in range(2)] == ["gzip", None]


class TestQuirks:
    async def names(self, sat: SatByHand, *quirks: XmlQuirk) -> list[str]:
        sat.state.switches.set_quirks(quirks)
        package = (await sat.verifica(await finished(sat))).packages[0]
        return zipfile.ZipFile(io.BytesIO((await sat.descarga(package)).paquete)).namelist()

    async def test_xml_names(self, sat: SatByHand) -> None:
        names = await self.names(sat, XmlQuirk.DOUBLE_EXTENSION, XmlQuirk.LOWER_CASE_NAMES, XmlQuirk.JUNK_ENTRIES)
        assert names[0] == "00000001-aaaa-4aaa-8aaa-aaaaaaaaaaaa.xml.xml"
        assert {"leame.txt", "vacio.xml", "__MACOSX/._00000000.xml"} <= set(names)

    async def metadata(self, sat: SatByHand, *quirks: MetadataQuirk) -> dict[str, str]:
        sat.state.switches.set_quirks(quirks)
        identifier = await finished(sat, TipoSolicitud="Metadata", EstadoComprobante="Todos")
        package = (await sat.verifica(identifier)).packages[0]
        archive = zipfile.ZipFile(io.BytesIO((await sat.descarga(package)).paquete))
        return {name.removeprefix(identifier.upper()): archive.read(name).decode() for name in archive.namelist()}

    async def test_plain_metadata(self, sat: SatByHand, state: SatState) -> None:
        cancelled = a_document(2).fecha
        state.hold(Family.CFDI, RFC, [a_document(1), a_document(2, fecha_cancelacion=cancelled)])
        rows = (await self.metadata(sat))["_01.txt"].split("\r\n")
        assert rows[0].startswith("Uuid~RfcEmisor~NombreEmisor~")
        assert rows[1] == (
            "00000001-AAAA-4AAA-8AAA-AAAAAAAAAAAA~H&E951128469~HERRERÍA & ELECTRICOS~XAXX010101000~PÚBLICO EN GENERAL~"
            "SPR190613I52~2025-01-01 10:00:00~2025-01-01 10:05:00~116.00~I~1~"
        )
        assert rows[2].endswith("~I~0~2025-01-02 10:00:00")
        assert rows[3:] == [""]

    async def test_third_parties_have_a_file_of_their_own(self, sat: SatByHand, state: SatState) -> None:
        third = {"rfc_tercero": "JUFA7608212V6", "nombre_tercero": "ADRIANA JUÁREZ"}
        state.hold(Family.CFDI, RFC, [a_document(1), a_document(2, **third)])
        rows = (await self.metadata(sat))["_tercero.txt"].split("\r\n")
        assert rows == [
            "Uuid~RfcACuentaTerceros~NombreACuentaTerceros",
            "00000002-aaaa-4aaa-8aaa-aaaaaaaaaaaa~JUFA7608212V6~ADRIANA JUÁREZ",
            "",
        ]

    @pytest.mark.parametrize(
        ("quirk", "trace"),
        [
            (MetadataQuirk.SHORT_ROWS, "~116.00~I~1\r\n"),
            (MetadataQuirk.CONTROL_CHARACTERS, "PÚBLICO E\x07N GENERAL"),
            (MetadataQuirk.LF_IN_NAME, "PÚBLICO E\nN GENERAL"),
            (MetadataQuirk.TILDE_IN_NAME, "PÚBLICO E~N GENERAL"),
            (MetadataQuirk.QUOTES_IN_NAME, 'PÚBLICO E"N GENERAL'),
            (MetadataQuirk.BYTE_ORDER_MARK, "\ufeffUuid~"),
            (MetadataQuirk.BLANK_LINES, "\r\n\r\n"),
            (MetadataQuirk.WORDS, "~Ingreso~Vigente~"),
            (MetadataQuirk.LOWER_CASE_UUID, "00000001-aaaa"),
            (MetadataQuirk.EMPTY_UUID, "\r\n~H&E951128469~"),
            (MetadataQuirk.EXTRA_COLUMN, "~1~~x\r\n"),
        ],
    )
    async def test_odd_metadata(self, sat: SatByHand, quirk: MetadataQuirk, trace: str) -> None:
        assert trace in (await self.metadata(sat, quirk))["_01.txt"]
        assert trace not in (await self.metadata(sat))["_01.txt"]
