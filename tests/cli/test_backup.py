"""`acuse db backup` and `restore` on machines where nothing is set: one installation lost, another in its place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from acuse.kernel.embedded_postgres import EmbeddedPostgres

ACUSE = Path(sys.executable).with_name("acuse")


def acuse(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "PYTHONPATH") if name in os.environ}
    variables = kept | {"ACUSE_HOME": str(home), "ACUSE_CPU_PROCESSES": "1"}
    return subprocess.run(
        [ACUSE, "--json", *words], cwd=home.parent, env=variables, capture_output=True, text=True, check=False
    )


def told(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_lost_installation_comes_back_from_its_backup_and_its_secrets(tmp_path: Path) -> None:
    first, second, place = tmp_path / "una", tmp_path / "otra", tmp_path / "disco"
    person = ("--name", "Alicia", "--tax-id", "EKU9003173C9", "--mail", "a@example.test", "--temporary")
    try:
        told(acuse(first, "users", "create", *person))
        made = told(acuse(first, "db", "backup", "--to", str(place)))
        assert [each["respaldo"] for each in told(acuse(first, "db", "backups", "--to", str(place)))] == [
            made["respaldo"]
        ]

        without = acuse(second, "db", "restore", "--source", str(place))
        assert without.returncode == 6
        assert json.loads(without.stderr)["error"] == "RESTORE_REFUSED"  # its own vault key opens nothing

        shutil.rmtree(second / "secrets")
        shutil.copytree(first / "secrets", second / "secrets")
        assert told(acuse(second, "db", "restore", "--source", str(place)))["respaldo"] == made["respaldo"]
        assert "Alicia" in json.dumps(told(acuse(second, "users", "list")))
        assert told(acuse(second, "audit", "verify"))["integra"]
    finally:
        for home in (first, second):
            EmbeddedPostgres(home).remove()
