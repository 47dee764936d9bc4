"""The tree keeps its shape: directions, sizes, words, and what may not be said."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "acuse"
TRACKED = [
    ROOT / line
    for line in subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if (ROOT / line).is_file()
]


def test_import_contracts_are_kept() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_a_planted_violation_breaks_a_contract(tmp_path: Path) -> None:
    copy = tmp_path / "src"
    subprocess.run(["cp", "-r", str(ROOT / "src"), str(copy)], check=True)
    (tmp_path / ".importlinter").write_text((ROOT / ".importlinter").read_text())
    with (copy / "acuse" / "kernel" / "clock.py").open("a") as file:
        file.write("\nimport acuse.webkit\n")
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=tmp_path,
        env={"PYTHONPATH": str(copy), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The house" in done.stdout


def test_the_figures_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.figures"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_no_import_hides_in_a_function() -> None:
    hidden = []
    for path in SOURCE.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                hidden += [
                    f"{path.relative_to(SOURCE)}:{inner.lineno}"
                    for inner in ast.walk(node)
                    if isinstance(inner, ast.Import | ast.ImportFrom)
                ]
    assert hidden == []


def test_every_room_under_mexico_has_its_word_in_the_glossary() -> None:
    glossary = (ROOT / "docs/glosario.md").read_text(encoding="utf-8").lower().replace(".", "")
    english = {"outside", "certificates"}
    rooms = {path.parent.name for path in (SOURCE / "mx").glob("*/__init__.py")} - english
    adapters = {word for path in (SOURCE / "mx/outside").glob("*/__init__.py") for word in path.parent.name.split("_")}
    words = {re.sub(r"s$", "", word) for word in rooms | adapters - {"sat"}}
    assert sorted(word for word in words if word not in glossary) == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a registry's address", "py" + r"pi\.org|python" + "hosted|npm" + r"js\.(org|com)|deb\.deb" + r"ian\.org"),
        ("a path of one machine", r"(^|[^A-Za-z0-9_.])/(wo" + "rk|ro" + "ot)/"),
        ("key material", "BEGIN (RSA |ENCRYPTED |EC )?PRIVATE" + " KEY-----\n[A-Za-z0-9+/]{20}"),
        ("unfinished work", r"\b(TO" + "DO|FIX" + r"ME)\b"),
    ],
)
def test_no_file_holds(what: str, pattern: str) -> None:
    found = []
    for path in TRACKED:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if re.search(pattern, text, re.MULTILINE):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == [], f"{what} stands in these files"
