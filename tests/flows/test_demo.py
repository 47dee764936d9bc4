"""`acuse demo` as a person runs it: a process of its own, over real sockets, on the embedded database."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from acuse.mx.outside.sat_descarga.codes import CodEstatus

KEYS = {"ready", "url", "simulators", "mailbox_url", "users", "taxpayer", "taxpayers", "p12", "certificate_ids"}
PATIENCE_S = 150
SEVERAL = ("--taxpayers", "2")


def demo(home: Path, *more: str) -> subprocess.Popen[str]:
    program = "from acuse.cli import main; main()"
    command = [sys.executable, "-c", program, "demo", "--home", str(home), "--port", "0", "--cfdis", "150", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def told(home: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((home / "demo.json").read_text())
    return answer


def wait_for(home: Path, process: subprocess.Popen[str], **wanted: object) -> dict[str, Any]:
    """Wait until demo.json says so."""
    for _ in range(PATIENCE_S * 10):
        if (home / "demo.json").exists() and all(told(home)[name] == value for name, value in wanted.items()):
            return told(home)
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.1)
    raise AssertionError(f"demo.json never said {wanted}")


def forget(home: Path) -> None:
    """Remove the database, which for root may lie elsewhere."""
    shutil.rmtree((home / "postgres").resolve(), ignore_errors=True)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which the demonstration has been done once."""
    folder = tmp_path_factory.mktemp("demo")
    process = demo(folder, "--once", *SEVERAL)
    story, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, story
    (folder / "story.txt").write_text(story)
    yield folder
    forget(folder)


@pytest.fixture(scope="module")
def again(home: Path) -> Iterator[dict[str, Any]]:
    """The same demonstration a second time, left open."""
    process = demo(home, *SEVERAL)
    try:
        yield wait_for(home, process, ready=True)
    finally:
        process.send_signal(signal.SIGINT)
        story, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in story


def log_in(place: dict[str, Any], user: dict[str, Any]) -> dict[str, str]:
    body = {"cuit": user["cuit"], "password": user["password"]}
    answer = httpx2.post(f"{place['url']}/auth/login", json=body, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id_rol"] == user["id_rol"]
    assert answer.json()["id_usuario"] == user["id_usuario"]
    return {"Authorization": f"Bearer {answer.json()['accessToken']}"}


def test_once_brings_the_year_and_says_so(home: Path) -> None:
    story = (home / "story.txt").read_text()
    assert "28 de 28" in story
    assert "Acuse se cierra" in story
    assert len(re.findall(r"Las 14 de [A-ZÑ&]{3,4}\d{6}", story)) == 2
    assert re.search(r"Lista del artículo 69-B del .*: [1-9]\d* contrapartes", story)
    announced = re.findall(r"CFDI +✓ Completa +1/1 paquetes +(\d+) de (\d+)", story)
    assert all(stored == said for stored, said in announced)
    assert 100 < sum(int(stored) for stored, _ in announced) < 220


def test_demo_json_has_its_keys_and_is_private(home: Path) -> None:
    place = told(home)
    assert set(place) == KEYS
    assert set(place["simulators"]) == {"sat", "facturapi", "facturify", "sri", "arca", "control"}
    assert place["taxpayers"][0] == place["taxpayer"]
    assert len({each["rfc"] for each in place["taxpayers"]}) == 2
    assert (home / "demo.json").stat().st_mode & 0o777 == 0o600
    assert {user["id_rol"] for user in place["users"]} == {1, 2, 3, 4}
    sample = next(user for user in place["users"] if user["cuit"] == "20123456789")
    assert sample["password"] == "contraseña123"
    for kind in ("efirma", "csd"):
        assert (home / place["taxpayer"][kind]["cer"]).is_file()
        assert (home / place["taxpayer"][kind]["key"]).is_file()


def test_the_sats_package_files_stand_in_the_tree(home: Path) -> None:
    place = told(home)
    year = home / "files" / "clientes" / place["taxpayer"]["rfc"] / str(place["taxpayer"]["year"])
    assert len(list((year / "paquetes" / "cfdi").glob("*.zip"))) == 12
    assert len(list((year / "paquetes" / "metadata").glob("*.zip"))) == 2


def test_everybody_can_log_in(again: dict[str, Any]) -> None:
    for user in again["users"]:
        log_in(again, user)


def test_a_second_time_nothing_is_repeated(again: dict[str, Any]) -> None:
    owner = next(user for user in again["users"] if user["id_rol"] == 4)
    headers = log_in(again, owner)
    for taxpayer in again["taxpayers"]:
        query = {"rfc": taxpayer["rfc"], "limit": 500}
        answer = httpx2.get(f"{again['url']}/api/v1/sat/solicitudes", params=query, headers=headers, trust_env=False)
        solicitudes = answer.json()["solicitudes"]
        assert len(solicitudes) == 14
        assert {one["envios"] for one in solicitudes} == {1}
    seen = httpx2.get(f"{again['simulators']['control']}/sat/ledger", trust_env=False).json()
    assert "emitidos" not in seen["calls"]
    assert "descargar" not in seen["calls"]
    assert {package["downloads"] for package in seen["packages"]} == {1}


def test_a_third_one_beside_it_is_refused(home: Path, again: dict[str, Any]) -> None:
    process = demo(home)
    story, _ = process.communicate(timeout=60)
    assert (process.returncode, "ya hay una demostración en marcha" in " ".join(story.split())) == (2, True)
    assert told(home)["url"] == again["url"]


def test_the_simulators_and_the_mailbox_answer(again: dict[str, Any]) -> None:
    assert httpx2.get(again["mailbox_url"], trust_env=False).status_code == 200
    sat = httpx2.post(
        f"{again['simulators']['sat']}/cfdi/VerificaSolicitudDescargaService.svc",
        headers={
            "SOAPAction": "http://DescargaMasivaTerceros.sat.gob.mx/IVerificaSolicitudDescargaService/"
            "VerificaSolicitudDescarga"
        },
        trust_env=False,
    )
    assert f'CodEstatus="{CodEstatus.USUARIO_NO_VALIDO.number}"' in sat.text


def test_the_pages_are_there(again: dict[str, Any]) -> None:
    page = httpx2.get(f"{again['url']}/app", trust_env=False, follow_redirects=True)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_killed_in_the_middle_it_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    """What was in flight when it died waits for its claim to run out, then is asked again."""
    home = tmp_path / "demo"
    process = demo(home, "--once")
    place = wait_for(home, process, ready=False)
    while not place["users"]:
        time.sleep(0.1)
        place = told(home)
    time.sleep(1.5)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    process = demo(home, "--once")
    story, _ = process.communicate(timeout=400)
    assert process.returncode == 0, story
    assert "14 de 14" in story
    entries = [json.loads(line) for line in (home / "simuladores/sat/diario.jsonl").read_text().splitlines()]
    downloads = [entry["download"] for entry in entries if "download" in entry]
    assert all(downloads.count(package) <= 2 for package in downloads)
    forget(home)
