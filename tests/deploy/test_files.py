"""The files of deploy/ name what the program knows: settings, commands, paths, metrics."""

from __future__ import annotations

import base64
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from acuse.features import SETTINGS
from acuse.kernel.settings import SettingsReader
from acuse.kernel.settings.group import is_secret

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OF_OTHERS = {"PATH", "LANG", "PYTHONUNBUFFERED", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "BACKUPS"}


def known() -> set[str]:
    """Every variable the program reads."""
    names = {field.upper() for group in SETTINGS for field in group.model_fields}
    files = {f"{n.upper()}_FILE" for group in SETTINGS for n, field in group.model_fields.items() if is_secret(field)}
    return names | files


def compose() -> Any:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_every_variable_named_is_one_the_program_reads(path: Path) -> None:
    text = re.sub(r"^\s*#.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
    named = set(re.findall(r"\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?==|:)", text)) | set(re.findall(r"\$\{(\w+)", text))
    assert named - OF_OTHERS <= known()


def test_the_image_copies_what_is_there_and_let_through() -> None:
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        for word in line.split()[:-1]
    ]
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"}
    assert copied
    for name in copied:
        assert (ROOT / name).exists()
        assert name.split("/")[0] in let_through


def test_every_secret_of_the_composition_is_made_by_the_guide() -> None:
    guide = (ROOT / "docs" / "operating.md").read_text("utf-8")
    named = {Path(each["file"]).name for each in compose()["secrets"].values()}
    for name in named:
        assert re.search(rf"\b{name}\b", guide), name
    used = {name for service in compose()["services"].values() for name in service.get("secrets", ())}
    assert used == set(compose()["secrets"]) == named


def test_the_composition_gives_what_a_start_needs(tmp_path: Path) -> None:
    def filled(value: str) -> str:
        left_out = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)
        return re.sub(r"\$\{\w+:\?[^}]*\}", "https://acuse.example.com", left_out)

    for name in compose()["x-acuse"]["secrets"]:
        made = base64.b64encode(secrets.token_bytes(32)).decode()
        (tmp_path / name).write_text("postgresql://acuse:x@database/acuse" if name == "database_url" else made, "utf-8")
    told = {name: filled(str(value)) for name, value in compose()["x-acuse"]["environment"].items()}
    told = {name: value.replace("/run/secrets", str(tmp_path)) for name, value in told.items()}
    reader = SettingsReader(told, None)
    for group in SETTINGS:
        reader.read(group)
    assert not reader.embedded


def test_every_metric_alerted_on_is_one_the_program_gives() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus-rules.yml").read_text("utf-8"))
    told = " ".join(rule["expr"] for group in rules["groups"] for rule in group["rules"])
    names = {family.name for family in REGISTRY.collect()}
    for metric in set(re.findall(r"\bacuse_\w+", told)):
        assert re.sub(r"_(total|count)$", "", metric) in names


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("unit", ["acuse.service", "acuse-worker@.service"])
def test_systemd_takes_the_units_as_they_are(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / unit).read_text("utf-8")
    text = text.replace("/opt/acuse/.venv/bin/acuse", str(Path(sys.executable).with_name("acuse")))
    path = tmp_path / unit
    path.write_text(text.replace("User=acuse", "User=root"), "utf-8")
    done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if unit in line] == []
