from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from acuse.kernel.clock import MovableClock
from acuse.mx.outside.sat_descarga.simulator import SatState, create_app
from tests.mx.outside.sat_descarga.simulator.conftest import RFC, a_document
from tests.mx.outside.sat_descarga.simulator.test_verifica_y_descarga import finished
from tests.support.sat_by_hand import SatByHand


@pytest.fixture
def control(state: SatState) -> Iterator[TestClient]:
    with TestClient(create_app(state), base_url="http://sat.test/control") as client:
        yield client


def test_shows_what_is_set(control: TestClient) -> None:
    shown = control.get("/").json()
    assert shown["now"] == "2026-03-02T18:00:00+00:00"
    assert shown["limits"]["max_xml"] == 200_000
    assert shown["taxpayers"] == [{"family": "cfdi", "rfc": RFC, "documents": 10}]


def test_sets_the_clock(control: TestClient, clock: MovableClock) -> None:
    control.put("/clock", json={"now": "2026-03-05T10:00:00-06:00"})
    assert control.put("/clock", json={"move_s": 3600}).json()["now"] == "2026-03-05T17:00:00+00:00"
    assert clock.now().hour == 17


def test_changes_only_the_limits_named(control: TestClient, state: SatState) -> None:
    control.patch("/limits", json={"max_xml": 5})
    limits = control.patch("/limits", json={"accepted_s": 0}).json()["limits"]
    assert (limits["max_xml"], state.limits.max_xml, state.limits.accepted_s) == (5, 5, 0)


async def test_sets_faults_and_puts_them_right(control: TestClient, sat: SatByHand) -> None:
    control.post("/faults", json=[{"operation": "verifica", "code": 404}, {"operation": "*", "fault": "internal"}])
    assert (await sat.verifica("x")).code == "404"
    assert len(control.get("/").json()["faults"]) == 1
    assert control.delete("/faults").json()["faults"] == []
    assert (await sat.verifica("x")).status == 200


async def test_holds_and_releases(control: TestClient, sat: SatByHand, clock: MovableClock) -> None:
    control.post("/outcomes", json={"estado": 1})
    identifier = await finished(sat)
    assert (await sat.verifica(identifier)).result["EstadoSolicitud"] == "1"
    control.post("/release")
    clock.move(seconds=10)
    assert (await sat.verifica(identifier)).result["EstadoSolicitud"] == "3"


def test_sets_quirks(control: TestClient) -> None:
    quirks = ["double_extension", "lf_in_name"]
    assert control.put("/quirks", json=quirks).json()["quirks"] == quirks


async def test_cancels_for_consultation_and_metadata_from_now_on(
    control: TestClient, sat: SatByHand, state: SatState, clock: MovableClock
) -> None:
    before = await vigentes(sat)
    state.clock.move(seconds=1)
    assert control.post("/cancel", json={"uuids": [a_document(1).uuid.lower()]}).status_code == 200
    control.post("/cancel", json={"uuids": [a_document(2).uuid], "at": "2027-01-01T00:00:00Z"})
    assert await vigentes(sat) == before - 1
    clock.set(datetime.fromisoformat("2027-01-02T00:00:00Z"))
    await sat.authenticate()
    assert await vigentes(sat) == before - 2
    control.post("/reset")
    assert await vigentes(sat) == before


async def test_lets_documents_come_late(control: TestClient, sat: SatByHand, clock: MovableClock) -> None:
    before = await vigentes(sat)
    until = (clock.now() + timedelta(hours=70)).isoformat()
    control.post("/delay", json={"uuids": [a_document(3).uuid], "until": until})
    assert await vigentes(sat) == before - 1
    clock.move(hours=71)
    await sat.authenticate()
    assert await vigentes(sat) == before


async def vigentes(sat: SatByHand) -> int:
    """How many documents in force the metadata of the year counts now."""
    identifier = await finished(sat, TipoSolicitud="Metadata")
    return int((await sat.verifica(identifier)).result["NumeroCFDIs"])


async def test_revokes(control: TestClient, sat: SatByHand) -> None:
    control.post("/revoke", json={"number": sat.pair.certificate.number})
    assert (await sat.emitidos()).code == "304"


async def test_tells_what_it_saw(control: TestClient, sat: SatByHand) -> None:
    identifier = await finished(sat)
    package = (await sat.verifica(identifier)).packages[0]
    for _ in range(3):
        await sat.descarga(package)
    seen = control.get("/ledger").json()
    assert seen["calls"] == {"autentica": 1, "emitidos": 1, "verifica": 1, "descargar": 3}
    assert seen["answers"]["descargar"] == {"5000": 2, "5008": 1}
    assert seen["packages"] == [{"id": package, "documents": 10, "downloads": 2}]
    assert seen["solicitudes"][0]["estado"] == 3
    assert seen["entries"][-1] == {
        "at": "2026-03-02T18:00:10+00:00",
        "family": "cfdi",
        "operation": "descargar",
        "rfc": RFC,
        "id": package,
        "answer": "5008",
    }


async def test_forgets(control: TestClient, sat: SatByHand) -> None:
    await sat.emitidos()
    control.post("/reset")
    assert control.get("/ledger").json()["solicitudes"] == []
    assert (await sat.emitidos()).code == "5000"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/limits", {"max_xml": -1}),
        ("PATCH", "/limits", {"max_xml": "muchos"}),
        ("PATCH", "/limits", {"nada": 1}),
        ("PATCH", "/limits", {"gzip": "a veces"}),
        ("PUT", "/clock", {"now": "2026-03-05T10:00:00"}),
        ("PUT", "/clock", {}),
        ("POST", "/faults", {"operation": "verifica", "fault": "otra"}),
        ("POST", "/faults", ["x"]),
        ("PUT", "/quirks", ["otra"]),
        ("POST", "/outcomes", {}),
    ],
)
def test_refuses_what_makes_no_sense(control: TestClient, method: str, path: str, body: Any) -> None:
    answer = control.request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "VALIDATION_ERROR")


def test_takes_json_only(control: TestClient) -> None:
    answer = control.post("/faults", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400
