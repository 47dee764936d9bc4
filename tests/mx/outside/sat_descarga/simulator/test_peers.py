"""Other eyes: the simulated SAT over a real socket, called by satcfdi's own client and by plain HTTP."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar

import httpx2
import pytest
import requests
import uvicorn
from satcfdi.exceptions import ResponseError
from satcfdi.models import Signer
from satcfdi.pacs import sat as satcfdi_sat

from acuse.kernel.clock import MovableClock
from acuse.mx.certificates.lookalike import Holder, IssuedFiles, SatLookalikeCa
from acuse.mx.outside.sat_descarga.simulator import Fault, Limits, Operation, SatState, create_app
from acuse.mx.rfc import Rfc
from tests.mx.outside.sat_descarga.simulator.conftest import RFC, a_document
from tests.support.sat_by_hand import SatByHand

COMPANY = "EKU9003173C9"


@pytest.fixture
def state(authority: SatLookalikeCa) -> SatState:
    own = {"rfc_emisor": COMPANY, "nombre_emisor": "ESCUELA KEMPER"}
    return SatState(
        corpus_by_rfc={COMPANY: [a_document(n, **own) for n in range(1, 31)], RFC: [a_document(1)]},
        retenciones_by_rfc={COMPANY: [a_document(40, **own)]},
        ca=authority.certificate,
        clock=MovableClock(running=True),
        limits=Limits(accepted_s=0, working_s=0, xml_per_package=20),
    )


@pytest.fixture
def address(state: SatState) -> Iterator[str]:
    """The simulator under uvicorn in a thread."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        create_app(state), port=0, log_config=None, date_header=False, server_header=False, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def files(authority: SatLookalikeCa) -> IssuedFiles:
    holder = Holder(rfc=Rfc.parse(COMPANY), name="ESCUELA KEMPER URGATE")
    return authority.issue_efirma(holder, not_before=datetime.fromisoformat("2024-01-01T00:00:00Z"))


class Satcfdi(satcfdi_sat.SAT):  # type: ignore[misc]
    """satcfdi's client as it is, led to another address."""

    def __init__(self, files: IssuedFiles, address: str) -> None:
        super().__init__(signer=Signer.load(certificate=files.cer, key=files.key, password=files.password))
        self.address = address

    def _request(self, soap_url: str, *rest: Any, **named: Any) -> Any:
        family = "retenciones" if "//reten" in soap_url else "cfdi"
        path = soap_url.partition(".sat.gob.mx/")[2]
        return super()._request(f"{self.address}/{family}/{path}", *rest, **named)


@pytest.fixture
def peer(files: IssuedFiles, address: str) -> Satcfdi:
    return Satcfdi(files, address)


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")  # its own use of pyOpenSSL
class TestSatcfdi:
    year: ClassVar = {
        "fecha_inicial": datetime.fromisoformat("2025-01-01T00:00:00"),
        "fecha_final": datetime.fromisoformat("2025-12-31T23:59:59"),
    }

    def test_goes_the_whole_way(self, peer: Satcfdi) -> None:
        kind = satcfdi_sat.TipoDescargaMasivaTerceros.CFDI
        asked = peer.recover_comprobante_emitted_request(**self.year, rfc_emisor=COMPANY, tipo_solicitud=kind)
        told = peer.recover_comprobante_status(asked["IdSolicitud"])
        assert (told["EstadoSolicitud"], told["NumeroCFDIs"], len(told["IdsPaquetes"])) == (3, 30, 2)
        names = []
        for package in told["IdsPaquetes"]:
            _, text = peer.recover_comprobante_download(package)
            names += zipfile.ZipFile(io.BytesIO(base64.b64decode(text))).namelist()
        assert len(set(names)) == 30

    def test_its_lifetime_comes_to_an_end(self, peer: Satcfdi) -> None:
        def ask() -> str:
            kind = satcfdi_sat.TipoDescargaMasivaTerceros.CFDI
            answer = peer.recover_comprobante_emitted_request(**self.year, rfc_emisor=COMPANY, tipo_solicitud=kind)
            return str(answer["CodEstatus"])

        assert [ask() for _ in range(3)] == ["5000", "5000", "5002"]

    def test_received_by_folio_and_retenciones_too(self, peer: Satcfdi) -> None:
        kind = satcfdi_sat.TipoDescargaMasivaTerceros.METADATA
        received = peer.recover_comprobante_received_request(**self.year, rfc_receptor=COMPANY, tipo_solicitud=kind)
        by_folio = peer.recover_comprobante_uuid_request(folio=a_document(1).uuid)
        withheld = peer.recover_retencion_emitted_request(**self.year, rfc_emisor=COMPANY, tipo_solicitud=kind)
        told = [
            peer.recover_comprobante_status(received["IdSolicitud"]),
            peer.recover_comprobante_status(by_folio["IdSolicitud"]),
            peer.recover_retencion_status(withheld["IdSolicitud"]),
        ]
        assert [one["NumeroCFDIs"] for one in told] == [0, 1, 1]
        _, text = peer.recover_retencion_download(told[2]["IdsPaquetes"][0])
        assert zipfile.ZipFile(io.BytesIO(base64.b64decode(text))).namelist()[0].endswith("_01.txt")

    def test_meets_an_outage(self, peer: Satcfdi, state: SatState) -> None:
        state.switches.fail(Fault(status=503))
        with pytest.raises(ResponseError):
            peer.recover_comprobante_status("x")


class TestWire:
    def test_the_date_is_the_simulators_own(self, address: str, state: SatState) -> None:
        assert isinstance(state.clock, MovableClock)
        state.clock.set(datetime.fromisoformat("2025-06-01T10:00:00Z"))
        answer = requests.post(f"{address}/cfdi/DescargaMasivaService.svc", data=b"", timeout=5)
        assert answer.headers["Date"].startswith("Sun, 01 Jun 2025 10:00:0")
        assert answer.headers["Server"] == "Microsoft-IIS/10.0"

    def test_chunked_bodies_are_taken(self, address: str, state: SatState, files: IssuedFiles) -> None:
        body = SatByHand(state, files.pair).autentica_body().encode()
        answer = requests.post(
            f"{address}/cfdi/Autenticacion/Autenticacion.svc",
            data=iter([body[:100], body[100:]]),
            headers={"SOAPAction": Operation.AUTENTICA.action, "Authorization": ""},
            timeout=5,
        )
        assert answer.status_code == 200

    def test_a_cut_answer_breaks_the_connection(self, address: str, state: SatState) -> None:
        state.switches.fail(Fault(operation="verifica", truncate=True))
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.post(
                f"{address}/cfdi/VerificaSolicitudDescargaService.svc",
                headers={"SOAPAction": Operation.VERIFICA.action},
                trust_env=False,
            )

    def test_a_body_larger_than_any_call_is_turned_away(self, address: str) -> None:
        answer = requests.post(f"{address}/cfdi/DescargaMasivaService.svc", data=b"x" * (1 << 21), timeout=5)
        assert answer.status_code == 413

    def test_a_slow_answer_holds_nobody_else_up(self, address: str, state: SatState) -> None:
        state.switches.fail(Fault(operation="verifica", delay_s=1.5))

        async def both() -> float:
            async with httpx2.AsyncClient(trust_env=False) as http:
                slow = asyncio.create_task(
                    http.post(
                        f"{address}/cfdi/VerificaSolicitudDescargaService.svc",
                        headers={"SOAPAction": Operation.VERIFICA.action},
                    )
                )
                while state.switches.faults:  # noqa: ASYNC110 - the other side of a socket sets no event
                    await asyncio.sleep(0.01)
                start = time.perf_counter()
                await http.get(f"{address}/control/")
                quick = time.perf_counter() - start
                await slow
                return quick

        assert asyncio.run(both()) < 1

    def test_at_the_root_the_host_tells_the_family(self, address: str, state: SatState, files: IssuedFiles) -> None:
        for host in ("cfdidescargamasivasolicitud.clouda.sat.gob.mx", "retendescargamasivasolicitud.clouda.sat.gob.mx"):
            answer = requests.post(
                f"{address}/Autenticacion/Autenticacion.svc",
                data=SatByHand(state, files.pair).autentica_body().encode(),
                headers={"SOAPAction": Operation.AUTENTICA.action, "Host": host},
                timeout=5,
            )
            assert answer.status_code == 200
        assert [entry.family.value for entry in state.ledger.entries] == ["cfdi", "retenciones"]
