from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from acuse.ar.controladores import ControladorId
from acuse.ar.outside.arca.client import ArcaClient, ArcaSettings
from acuse.kernel.clock import SystemClock
from acuse.kernel.errors import Misconfigured
from acuse.kernel.http import HttpClients
from acuse.pki import names
from acuse.pki.keypair import KeyPair
from acuse.simulators import run_simulators


def start(home: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "acuse.simulators", "--home", str(home), "--cfdis", "60", "--year", "2025", *more]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stop(process: subprocess.Popen[str]) -> str:
    """Close its standard input, wait for its end and answer what it complained of."""
    return process.communicate(timeout=20)[1]


def described(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    answer: dict[str, Any] = json.loads(process.stdout.readline())
    return answer


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    process = start(tmp_path_factory.mktemp("simuladores"))
    yield described(process)
    assert stop(process) == ""
    assert process.returncode == 0


def test_the_port_answers_when_it_says_so(running: dict[str, Any]) -> None:
    page = httpx2.get(running["url"], trust_env=False)
    assert page.status_code == 200
    assert "Simuladores de Acuse" in page.text
    assert f"{running['sat']}/cfdi/Autenticacion/Autenticacion.svc" in page.text


def test_both_families_stand_at_their_paths(running: dict[str, Any]) -> None:
    for family in ("cfdi", "retenciones"):
        answer = httpx2.post(f"{running['sat']}/{family}/DescargaMasivaService.svc", trust_env=False)
        assert (answer.status_code, "ActionNotSupported" in answer.text) == (500, True)


def test_the_taxpayers_files_are_private_and_open_with_the_password(running: dict[str, Any]) -> None:
    for kind in ("efirma", "csd"):
        cer, key = Path(running[kind]["cer"]), Path(running[kind]["key"])
        assert {path.stat().st_mode & 0o777 for path in (cer, key)} == {0o600}
        KeyPair.open(cer.read_bytes(), key.read_bytes(), running[kind]["password"])


async def test_arca_stands_at_its_paths_and_knows_the_company(running: dict[str, Any]) -> None:
    company, base = running["company"], running["arca"]
    cer, key = (Path(company[part]).read_bytes() for part in ("cer", "key"))  # noqa: ASYNC240 - small files
    pair = KeyPair.open(cer, key, None)
    now = {"now": SystemClock().now().isoformat()}
    httpx2.put(f"{running['control']}/clock", json=now, trust_env=False)
    settings = ArcaSettings(
        arca_wsaa_url=f"{base}/ws/services/LoginCms",
        arca_arbccf_url=f"{base}/controladores-fiscales-ws/CertificadosService/CertificadosBean",
    )
    device = ControladorId.parse("SESHIA-9")
    async with HttpClients() as http:
        client = ArcaClient(http, SystemClock(), settings)
        ticket = await client.login(pair)
        httpx2.post(f"{running['control']}/arca/devices", json={"controlador": str(device)}, trust_env=False)
        issued = await client.renovar(device, cuit=company["cuit"], ticket=ticket)
    assert issued.certificate.subject.get(names.COMMON_NAME) == str(device)


def test_the_corpus_has_the_size_and_year_asked_for(running: dict[str, Any]) -> None:
    assert (running["cfdis"], running["year"]) == (60, 2025)
    shown = httpx2.get(f"{running['control']}/sat/", trust_env=False).json()
    assert shown["taxpayers"] == [
        {"family": "cfdi", "rfc": running["rfc"], "documents": 60},
        {"family": "retenciones", "rfc": running["rfc"], "documents": 12},
    ]
    assert [each["rfc"] for each in running["taxpayers"]] == [running["rfc"]]


def test_one_clock_moves_all(running: dict[str, Any]) -> None:
    control = running["control"]
    moved = httpx2.put(f"{control}/clock", json={"now": "2026-01-31T12:00:00Z"}, trust_env=False)
    shown = httpx2.get(f"{control}/sat/", trust_env=False).json()
    assert moved.status_code == 200
    assert shown["now"].startswith("2026-01-31T12:00:")
    assert httpx2.get(f"{control}/", trust_env=False).json()["simulators"] == ["sat", "consulta", "listas", "arca"]


@pytest.mark.parametrize("body", [{}, {"now": "2026-01-31T12:00:00"}, {"now": 5}, {"move_s": "x"}, []])
def test_a_clock_that_makes_no_sense_is_refused(running: dict[str, Any], body: Any) -> None:
    answer = httpx2.put(f"{running['control']}/clock", json=body, trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (400, "VALIDATION_ERROR")


def test_started_again_in_the_same_folder_the_files_stay(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        process = start(tmp_path)
        one = described(process)
        stop(process)
        kinds = ("efirma", "csd", "company")
        seen.append([Path(one[kind][part]).read_bytes() for kind in kinds for part in ("cer", "key")])
    assert seen[0] == seen[1]


async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"el puerto {port} está ocupado"):
            await run_simulators(port=port, cfdis=1, year=2025, home=tmp_path)
